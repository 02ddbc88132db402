/** Reads what says when a pipeline runs: `trigger:`, `pr:`, `schedules:`, and the triggers of resources. */
import { cronLine } from "../../../spec/schedule";
import { quote } from "../../../spec/rule";
import type { Filter, MainFile, PipelineResource, PushTrigger, Schedule } from "../model";
import { PipelineFileError, type Place } from "./error";
import { itemsOf } from "./expand";
import { Fields, textIn, textsIn, type Keys } from "./fields";
import type { Bound } from "./scope";

const FILTER: Keys = { of: "a filter", known: ["include", "exclude"] };
const TRIGGER: Keys = { of: "trigger", known: ["batch", "branches", "paths"], unsupported: ["tags"] };
const PR: Keys = { of: "pr", known: ["autoCancel", "branches", "paths", "drafts"] };
const SCHEDULE: Keys = {
  of: "a schedule",
  known: ["cron", "displayName", "branches", "always"],
  unsupported: ["batch"],
};
const RESOURCE_TRIGGER: Keys = {
  of: "the trigger of a pipeline resource",
  known: ["enabled", "branches", "tags", "stages"],
};

/** Bounds of what is matched with every push. */
const LONGEST_PATTERN = 400;
const MOST_PATTERNS = 100;

const EVERYTHING: Filter = { include: [], exclude: [] };

function readFilter(bound: Bound | undefined, key: string): Filter {
  if (bound === undefined) return EVERYTHING;
  const fields = new Fields(bound, { ...FILTER, of: key });
  const filter = { include: fields.texts("include") ?? [], exclude: fields.texts("exclude") ?? [] };
  if (filter.include.length + filter.exclude.length === 0) {
    throw new PipelineFileError(
      fields.place,
      `${key} has neither include nor exclude`,
      "write one of the two, or take it out",
    );
  }
  return checked(filter, key, fields.place);
}

function checked(filter: Filter, key: string, place: Place): Filter {
  const patterns = [...filter.include, ...filter.exclude];
  if (patterns.length > MOST_PATTERNS) {
    throw new PipelineFileError(
      place,
      `${key} has ${patterns.length} patterns`,
      `keep it to ${MOST_PATTERNS}: use wildcards`,
    );
  }
  for (const pattern of patterns) {
    if (pattern.length > LONGEST_PATTERN) {
      throw new PipelineFileError(
        place,
        `${key} has a pattern of ${pattern.length} characters`,
        `keep it to ${LONGEST_PATTERN}`,
      );
    }
    if (/\$[([{]/.test(pattern)) {
      throw new PipelineFileError(
        place,
        `${quote(pattern)} cannot be a pattern`,
        "variables are not known when a trigger is looked at: write the name itself",
      );
    }
  }
  return filter;
}

/** A list of branches, or the word `none`. */
function readShort(bound: Bound, key: string): "none" | Filter {
  const { node } = bound;
  if (node.kind === "scalar") {
    if (textIn(bound, key) === "none") return "none";
    throw new PipelineFileError(
      node.place,
      `${key} cannot be ${quote(textIn(bound, key))}`,
      `write ${key}: none, or a list of branches`,
    );
  }
  const texts = textsIn(bound, key);
  if (texts.length === 0) {
    throw new PipelineFileError(node.place, `${key} is empty`, `write ${key}: none, or name branches`);
  }
  return texts.length === 1 && texts[0] === "none" ? "none" : checked({ include: texts, exclude: [] }, key, node.place);
}

export function readTrigger(bound: Bound | undefined): MainFile["trigger"] {
  if (bound === undefined) return undefined;
  if (bound.node.kind !== "mapping") {
    const branches = readShort(bound, "trigger");
    return branches === "none" ? "none" : { branches, paths: EVERYTHING, batch: false };
  }
  const fields = new Fields(bound, TRIGGER);
  if (fields.has("paths") && !fields.has("branches")) {
    throw new PipelineFileError(
      fields.placeOf("paths"),
      "paths without branches never start a run",
      "write branches: too, such as include: [main]",
    );
  }
  const trigger: PushTrigger = {
    branches: readFilter(fields.get("branches"), "branches"),
    paths: readFilter(fields.get("paths"), "paths"),
    batch: fields.boolean("batch") ?? false,
  };
  return trigger;
}

/** Checks `pr:`, which does nothing here: in Azure Repos, branch policies start the runs of pull requests. */
export function checkPullRequestTrigger(bound: Bound | undefined): void {
  if (bound === undefined) return;
  if (bound.node.kind !== "mapping") {
    readShort(bound, "pr");
    return;
  }
  const fields = new Fields(bound, PR);
  fields.boolean("autoCancel");
  fields.boolean("drafts");
  readFilter(fields.get("branches"), "branches");
  readFilter(fields.get("paths"), "paths");
}

export function readSchedules(bound: Bound | undefined): readonly Schedule[] {
  if (bound === undefined) return [];
  return itemsOf(bound).map((item) => {
    const fields = new Fields(item, SCHEDULE);
    const cron = fields.word("cron");
    if (cron === undefined)
      throw new PipelineFileError(fields.place, "a schedule has no cron", "write cron: 0 4 * * *");
    const refusal = cronLine(cron);
    if (refusal !== undefined)
      throw new PipelineFileError(fields.get("cron")?.node.place ?? fields.place, refusal.message, refusal.mend);
    return {
      cron,
      displayName: fields.text("displayName") ?? cron,
      branches: readFilter(fields.get("branches"), "branches"),
      always: fields.boolean("always") ?? false,
    };
  });
}

export function readResourceTrigger(bound: Bound | undefined): Pick<PipelineResource, "trigger"> {
  if (bound === undefined) return {};
  const all = { branches: EVERYTHING, tags: [], stages: [] };
  if (bound.node.kind === "scalar") {
    const text = textIn(bound, "trigger");
    if (text === "none") return {};
    if (text.toLowerCase() === "true") return { trigger: all };
    throw new PipelineFileError(
      bound.node.place,
      `trigger cannot be ${quote(text)}`,
      "write none, true, or branches:, tags: and stages:",
    );
  }
  const fields = new Fields(bound, RESOURCE_TRIGGER);
  const trigger = {
    branches: readBranches(fields),
    tags: fields.texts("tags") ?? [],
    stages: fields.texts("stages") ?? [],
  };
  return fields.boolean("enabled") === false ? {} : { trigger };
}

/** Branches as a list of those that are included, or as a filter. */
function readBranches(fields: Fields): Filter {
  const branches = fields.get("branches");
  if (branches?.node.kind !== "sequence") return readFilter(branches, "branches");
  return checked({ include: textsIn(branches, "branches"), exclude: [] }, "branches", branches.node.place);
}
