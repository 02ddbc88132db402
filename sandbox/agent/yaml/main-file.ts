/** Reads the main file of a pipeline: when it runs, and what it refers to, without expanding anything. */
import { suggest } from "./suggestion";
import { quote } from "../../../spec/rule";
import type { MainFile, PipelineResource, RepositoryResource } from "../model";
import { checkExpressions, firstExpression } from "./check-expressions";
import { PipelineFileError } from "./error";
import { itemsOf } from "./expand";
import { Fields, type Keys } from "./fields";
import type { MappingNode } from "./node";
import type { Bound } from "./scope";
import { readMapping } from "./source";
import { checkPullRequestTrigger, readResourceTrigger, readSchedules, readTrigger } from "./trigger-keys";

/** Keys that say when a pipeline runs and what it refers to: no expression may stand in them. */
const FIXED = ["name", "trigger", "pr", "schedules", "resources"];

/** Keys of what a pipeline is made of; a file has one of them. */
export const CONTENTS = ["extends", "stages", "jobs", "steps"] as const;

const KEYS: Keys = {
  of: "a pipeline",
  known: [...FIXED, "parameters", "variables", "pool", ...CONTENTS],
  unsupported: [
    "appendCommitMessageToRunName",
    "lockBehavior",
    "strategy",
    "continueOnError",
    "container",
    "services",
    "workspace",
    "phases",
  ],
};
const RESOURCES: Keys = {
  of: "resources",
  known: ["repositories", "pipelines"],
  unsupported: ["builds", "containers", "packages", "webhooks"],
};
const REPOSITORY: Keys = {
  of: "a repository resource",
  known: ["repository", "type", "name", "ref"],
  unsupported: ["endpoint", "trigger", "checkoutOptions"],
};
const PIPELINE: Keys = {
  of: "a pipeline resource",
  known: ["pipeline", "source", "trigger"],
  unsupported: ["project", "version", "branch", "tags"],
};

const DEFAULT_NUMBER = "$(Date:yyyyMMdd)$(Rev:.r)";

/**
 * When the pipeline of a main file runs, and its resources.
 * @param file its path, for errors
 * @throws PipelineFileError with place and mend for whatever the service refuses, or this sandbox does not have.
 */
export function readMainFile(text: string, file: string): MainFile {
  return mainFileOf(readMapping(text, file)).main;
}

/** The main file, with its keys as they are. */
export function mainFileOf(root: MappingNode): { readonly main: MainFile; readonly fields: Fields } {
  for (const { key, value } of root.entries) {
    const expression = firstExpression(key) ?? (FIXED.includes(String(key.value)) ? firstExpression(value) : undefined);
    if (expression === undefined) continue;
    throw new PipelineFileError(
      expression,
      "an expression cannot stand here",
      `triggers, schedules, resources and name: are read before anything is expanded: write the value itself`,
    );
  }
  checkExpressions(root);
  const fields = new Fields({ node: root, scope: undefined }, KEYS);
  checkContents(fields);
  checkPullRequestTrigger(fields.get("pr"));
  const resources = fields.get("resources");
  const resourceFields = resources === undefined ? undefined : new Fields(resources, RESOURCES);
  const main: MainFile = {
    trigger: readTrigger(fields.get("trigger")),
    schedules: readSchedules(fields.get("schedules")),
    repositories: readList(resourceFields?.get("repositories"), readRepository, ({ alias }) => alias),
    pipelines: readList(resourceFields?.get("pipelines"), readPipeline, ({ alias }) => alias),
    numberFormat: fields.word("name") ?? DEFAULT_NUMBER,
  };
  return { main, fields };
}

function checkContents(fields: Fields): void {
  const [one, two] = CONTENTS.filter((key) => fields.has(key));
  if (one === undefined)
    throw new PipelineFileError(fields.place, "the pipeline does nothing", `write one of ${CONTENTS.join(", ")}`);
  if (two !== undefined)
    throw new PipelineFileError(fields.placeOf(two), `a pipeline has either ${one} or ${two}`, "keep one of the two");
}

function readList<T>(bound: Bound | undefined, read: (fields: Bound) => T, nameOf: (entry: T) => string): readonly T[] {
  const seen = new Set<string>();
  return (bound === undefined ? [] : itemsOf(bound)).map((item) => {
    const entry = read(item);
    const name = nameOf(entry).toLowerCase();
    if (seen.has(name))
      throw new PipelineFileError(
        item.node.place,
        `${quote(nameOf(entry))} stands twice`,
        "give each resource a name of its own",
      );
    seen.add(name);
    return entry;
  });
}

function aliasIn(fields: Fields, key: string): string {
  const alias = fields.word(key);
  if (alias === undefined)
    throw new PipelineFileError(
      fields.place,
      `${fields.place.line === 0 ? "it" : "the entry"} has no ${key}`,
      `write ${key}: and a name`,
    );
  if (/^[A-Za-z0-9_-]{1,100}$/.test(alias) && !["self", "none"].includes(alias.toLowerCase())) return alias;
  throw new PipelineFileError(
    fields.placeOf(key),
    `${quote(alias)} cannot be the name of a resource`,
    "use letters, digits, dashes and underscores; self and none have a meaning of their own",
  );
}

function readRepository(item: Bound): RepositoryResource {
  const fields = new Fields(item, REPOSITORY);
  const alias = aliasIn(fields, "repository");
  const type = fields.text("type");
  if (type !== "git") {
    const what =
      type === undefined ? `repository ${alias} has no type` : `repositories of type ${quote(type)} are not supported`;
    throw new PipelineFileError(
      fields.placeOf("type"),
      what,
      `write type: git, for Azure Repos; ${suggest(type ?? "", ["git"])}`,
    );
  }
  const name = fields.word("name");
  if (name === undefined || !/^[^/\s$][^/$]*(?:\/[^/$]+)?$/.test(name)) {
    throw new PipelineFileError(
      fields.placeOf("name"),
      `repository ${alias} needs a name such as Project/repository`,
      "write it as it is: no variable is known here",
    );
  }
  return { alias, name, ref: refIn(fields) };
}

function refIn(fields: Fields): string {
  // The service's default.
  const ref = fields.word("ref") ?? "refs/heads/main";
  if (ref.includes("$"))
    throw new PipelineFileError(
      fields.placeOf("ref"),
      `${quote(ref)} is no branch`,
      "write it as it is: no variable is known here",
    );
  return ref.startsWith("refs/") ? ref : `refs/heads/${ref}`;
}

function readPipeline(item: Bound): PipelineResource {
  const fields = new Fields(item, PIPELINE);
  const alias = aliasIn(fields, "pipeline");
  const source = fields.word("source");
  if (source === undefined)
    throw new PipelineFileError(fields.place, `pipeline ${alias} has no source`, "write source: \\folder\\name");
  return { alias, source, ...readResourceTrigger(fields.get("trigger")) };
}
