/** The story of the platform, chapter by chapter: each does what people and time do, waits for the runs, and says what came of it. */
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { RunRecord } from "../agent/model";
import type { Control } from "../commands/control";
import { applicationsFolder } from "../samples/publish";
import { askSamples, publishedImages, scanImages, type Machine } from "./images";
import { replaceContent, type Organization } from "./organization";

/** Seconds that all runs of a chapter may take. */
const patience = 15 * 60;
const day = 24 * 60 * 60;

/** Upstream packages of which the newest version is held back until it "appears": one that a base image has, one of orders' own. */
const heldBack = { base: "certifi", own: "python-json-logger" } as const;

/** The application that joins by a pull request: with a source of its own, on a base image that is there. */
const joining = { name: "invoices", like: "legacy" } as const;

/** Repository of the platform itself, in the sandbox's organization. */
const platformRepository = "platform-team";

export interface Stage {
  readonly control: Control;
  readonly organization: Organization;
  readonly machine: Machine;
  /** The checkout whose platform is shown. */
  readonly program: string;
  /** Folder of the story's own: working copies, the tool. */
  readonly folder: string;
  /** Folder of the records of runs. */
  readonly records: string;
  /** When this start began, on the sandbox's clock: milliseconds since 1970. */
  readonly since: number;
  /** The numbers of pipelines, by application or base image. */
  readonly pipelines: ReadonlyMap<string, number>;
  /** Brings the platform up from a program's folder; returns the number of changes. */
  update(program: string): Promise<number>;
}

export interface Chapter {
  readonly title: string;
  /** @returns what happened, in a few words */
  tell(stage: Stage, report: (text: string) => void): Promise<string>;
}

/** A run that the story relies on did not succeed. */
export class StoryStopped extends Error {
  public constructor(record: RunRecord) {
    const said = [...record.issues, ...record.steps.flatMap(({ issues }) => issues)].map(
      ({ message }) => `\n  ${message}`,
    );
    super(
      `the run ${record.id} of ${record.pipeline.name} (${record.because}) ${record.result ?? "did not end"}:${said.join("")}\n` +
        `  npm run sandbox -- logs ${record.pipeline.name}   has its log`,
    );
    this.name = "StoryStopped";
  }
}

/** Runs that were not there before `action`, after all of them have ended. */
async function runsOf(
  { control }: Stage,
  report: (text: string) => void,
  action: () => Promise<void>,
): Promise<readonly RunRecord[]> {
  const before = Math.max(0, ...(await control.runs()).map(({ id }) => id));
  await action();
  const deadline = Date.now() + patience * 1000;
  let idle = false;
  while (!idle && Date.now() < deadline) {
    idle = await control.wait(2);
    const going = (await control.runs()).filter(({ state }) => state !== "completed");
    report(going.length === 0 ? "looking" : going.map(describeGoing).join(", "));
  }
  const fresh = (await control.runs()).filter(({ id }) => id > before);
  requireSuccess(fresh);
  return fresh;
}

/** @throws StoryStopped for the first run that failed, was canceled, or did not end. */
function requireSuccess(records: readonly RunRecord[]): void {
  for (const record of [...records].reverse()) {
    if (record.state !== "completed" || record.result === "failed" || record.result === "canceled") {
      throw new StoryStopped(record);
    }
  }
}

function describeGoing({ pipeline, state, steps }: RunRecord): string {
  const step = steps.find((candidate) => candidate.state === "running");
  return state === "queued" ? `${pipeline.name} waits` : `${pipeline.name}: ${step?.displayName ?? "starting"}`;
}

function names(records: readonly RunRecord[]): string {
  const all = [...new Set(records.map(({ pipeline }) => pipeline.name))].sort();
  return all.length === 0 ? "none" : all.join(", ");
}

function ended(record: RunRecord): number {
  return record.startedAt === undefined || record.endedAt === undefined
    ? 0
    : (Date.parse(record.endedAt) - Date.parse(record.startedAt)) / 1000;
}

function published(records: readonly RunRecord[]): RunRecord[] {
  return records.filter(({ tags }) => tags.includes("published"));
}

/** Base images come into being: their first runs were queued by the platform itself. */
const firstBaseImages: Chapter = {
  title: "First base images",
  async tell(stage, report) {
    const { control, organization, pipelines } = stage;
    const bases = baseNames(stage);
    const ofThisStart = (record: RunRecord): boolean =>
      bases.includes(record.pipeline.name) && Date.parse(record.queuedAt) >= stage.since;
    // Where an earlier start made them, this one has them looked at.
    const going = (await control.runs()).some(ofThisStart);
    await runsOf(stage, report, async () => {
      if (going) return;
      for (const name of bases) await organization.queue(pipelines.get(name) ?? 0);
    });
    const own = (await control.runs()).filter(ofThisStart);
    requireSuccess(own);
    const made = published(own);
    return made.length === 0
      ? "nothing new since the last start"
      : made.map((record) => `${record.pipeline.name} in ${ended(record).toFixed(0)} s`).join(", ");
  },
};

/** Names of the platform's base images. */
function baseNames({ program }: Stage): readonly string[] {
  return readdirSync(join(program, "base-images"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

const samples = ["forecast", "imaging", "legacy", "orders"] as const;

/** Teams push their source by a pull request, as the branch policy has it; merged, it is built and published. */
const applications: Chapter = {
  title: "Applications: pull request, merge, image",
  async tell(stage, report) {
    const { organization, pipelines } = stage;
    const requests = new Map<string, Awaited<ReturnType<Organization["openPullRequest"]>>>();
    await runsOf(stage, report, async () => {
      for (const name of samples) {
        const change = (folder: string): void =>
          replaceContent(join(applicationsFolder, name), folder, ["azure-pipelines.yml"]);
        const branch = "bring-the-source";
        const options = { from: "main", to: branch, message: `Bring the source of ${name}` };
        if ((await organization.commit(name, options, change)) === undefined) continue;
        requests.set(name, await organization.openPullRequest(name, branch, options.message));
      }
    });
    const records = await runsOf(stage, report, async () => {
      for (const [name, request] of requests) {
        await organization.complete(name, await organization.pullRequest(name, request.pullRequestId));
      }
      for (const name of samples) {
        // The source is as it was: the run shows that nothing is installed anew.
        if (!requests.has(name)) await organization.queue(pipelines.get(name) ?? 0);
      }
    });
    const how = requests.size === 0 ? "built again" : "merged and built";
    return `${names(records)} ${how} in ${Math.max(...records.map(ended)).toFixed(0)} s and less`;
  },
};

const started: Chapter = {
  title: "Images started and asked",
  async tell({ control, records, machine }, report) {
    const answers = await askSamples(publishedImages(records, await control.runs()), machine, report);
    return [...answers.values()].join("; ");
  },
};

const searched: Chapter = {
  title: "Every image searched for credentials",
  async tell(stage, report) {
    const { control, organization, records, machine, folder } = stage;
    const images = publishedImages(records, await control.runs());
    const copy = join(folder, "templates");
    rmSync(copy, { recursive: true, force: true });
    await organization.clone("wheelhouse", "main", copy);
    report(`${images.size} images`);
    const references = [...images.values()].map(({ reference }) => reference);
    const leaks = await scanImages(join(copy, "tools", "wheelhouse.cjs"), references, machine);
    if (leaks > 0) throw new Error(`${leaks} leaks in ${references.join(", ")}`);
    return `${images.size} images, no leaks`;
  },
};

/** Schedules come with the next day; whatever was rotated, nothing is new. */
const nextDay: Chapter = {
  title: "Next day: tokens rotated, nothing new",
  async tell(stage, report) {
    const records = await runsOf(stage, report, async () => {
      await stage.control.rotate();
      await stage.control.setForward(day);
    });
    const made = published(records);
    if (made.length > 0) throw new Error(`${names(made)} published something although nothing was new`);
    return `${names(records)} looked and published nothing; no application ran`;
  },
};

/** Holds the newest versions back, before anything is resolved. */
export async function holdBackReleases(control: Control): Promise<void> {
  for (const name of Object.values(heldBack)) {
    const [newest] = await control.versions(name);
    if (newest !== undefined) await control.holdBack(name, newest);
  }
}

/** An upstream release: the base image takes it, and the applications get the base; only who has the package installs. */
const release: Chapter = {
  title: "Day after: upstream releases",
  async tell(stage, report) {
    const { control, records: folder } = stage;
    const records = await runsOf(stage, report, async () => {
      for (const name of Object.values(heldBack)) await control.release(name);
      await control.setForward(day);
    });
    const images = publishedImages(folder, records);
    const installed = new Set<string>();
    const joined = new Set<string>();
    for (const { run, report: bake } of images.values()) {
      if (bake.kind === "base-image") continue;
      const made = bake.built.some(({ name }) => name.endsWith("-deps"));
      (made ? installed : joined).add(run.pipeline.name);
    }
    const list = (set: ReadonlySet<string>): string => (set.size === 0 ? "none" : [...set].sort().join(", "));
    return `refreshed ${names(published(records))}; installed anew: ${list(installed)}; only joined to the new base: ${list(joined)}`;
  },
};

/** A team joins: a pull request on the platform's repository, merged, `pulumi up`, and its own source. */
const joiningTeam: Chapter = {
  title: "A team joins by a pull request",
  async tell(stage, report) {
    const { organization, program, folder, control, records: recordsFolder } = stage;
    report("the platform's repository");
    const files = ["Pulumi.yaml", "package.json", "tsconfig.json", "index.ts", "apps", "base-images", "schemas"];
    const rooms = ["spec", "recipes", "pipelines", "components", "tools", "sdks"];
    await organization.bringRepository(platformRepository, "Bring the platform as it is", (target) => {
      for (const file of [...files, ...rooms]) {
        rmSync(join(target, file), { recursive: true, force: true });
        cpSync(join(program, file), join(target, file), {
          recursive: true,
          filter: (path) => !path.includes("node_modules") && path !== join(program, "tools", "dist"),
        });
      }
    });
    const branch = `add-${joining.name}`;
    const title = `Add ${joining.name}`;
    await organization.commit(platformRepository, { from: "main", to: branch, message: title }, (target) => {
      const spec = readFileSync(join(program, "apps", `${joining.like}.yaml`), "utf8");
      const text = spec
        .replace(/^name: .*$/m, `name: ${joining.name}`)
        .replace(/^description: .*$/m, "description: Prints invoices for the new shop");
      writeFileSync(join(target, "apps", `${joining.name}.yaml`), text);
    });
    const request = await organization.openPullRequest(platformRepository, branch, title);
    await organization.complete(platformRepository, request);
    report("pulumi up");
    const merged = join(folder, "merged");
    rmSync(merged, { recursive: true, force: true });
    await organization.clone(platformRepository, "main", merged);
    symlinkSync(join(program, "node_modules"), join(merged, "node_modules"));
    const changes = await stage.update(merged);
    const source = { from: "main", to: "bring-the-source", message: `Bring the source of ${joining.name}` };
    await runsOf(stage, report, async () => {
      await organization.commit(joining.name, source, (target) => {
        replaceContent(join(applicationsFolder, joining.like), target, ["azure-pipelines.yml"]);
      });
      await organization.openPullRequest(joining.name, source.to, source.message);
    });
    const opened = (await control.runs()).find(({ pipeline }) => pipeline.name === joining.name)?.pullRequest ?? 0;
    const records = await runsOf(stage, report, async () => {
      await organization.complete(joining.name, await organization.pullRequest(joining.name, opened));
    });
    const image = publishedImages(recordsFolder, records).get(joining.name);
    if (image === undefined) throw new Error(`${joining.name} has no image`);
    return `${changes} resources for ${joining.name}, image in ${ended(image.run).toFixed(0)} s`;
  },
};

/** Up to the first images. */
export const shortStory: readonly Chapter[] = [firstBaseImages, applications];

export const wholeStory: readonly Chapter[] = [...shortStory, started, searched, nextDay, release, joiningTeam];
