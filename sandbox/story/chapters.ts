/** The story of the platform, chapter by chapter: each does what people and time do, waits for the runs, and says what came of it. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";
import { parse } from "yaml";

import type { RunRecord } from "../agent/model";
import type { Control } from "../commands/control";
import { askSamples, publishedImages, scanImages } from "./images";
import { joiningTeam, previews } from "./joining";
import { bringSource } from "./source";
import {
  describeGoing,
  namesOf,
  newestRun,
  publishedOf,
  runsAfter,
  runsOf,
  runThat,
  secondsOf,
  type Chapter,
  type Stage,
} from "./stage";

const day = 24 * 60 * 60;

/** Upstream packages of which the newest version is held back until it "appears": one that a base image has, one of orders' own. */
const heldBack = { base: "certifi", own: "python-json-logger" } as const;

/** Names of the platform's base images. */
function baseNames({ program }: Stage): readonly string[] {
  return readdirSync(join(program, "base-images"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

const samples = ["forecast", "imaging", "legacy", "orders"] as const;

/** The base image that an application's file names. */
function baseOf({ program }: Stage, application: string): string {
  const text = readFileSync(join(program, "apps", `${application}.yaml`), "utf8");
  return z.looseObject({ baseImage: z.string() }).parse(parse(text)).baseImage;
}

/** A base image comes into being: its first run was queued by the platform itself. Where an earlier start made it, it is looked at. */
async function baseImage(stage: Stage, name: string): Promise<RunRecord> {
  const { control, organization, pipelines, since } = stage;
  const isOwn = ({ pipeline, queuedAt }: RunRecord): boolean => pipeline.name === name && Date.parse(queuedAt) >= since;
  if (!(await control.runs()).some(isOwn)) await organization.queue(pipelines.get(name) ?? 0);
  return runThat(stage, `a run of ${name}`, isOwn);
}

/** A team brings its source, or, where an earlier start did, has it built again. */
async function application(stage: Stage, name: string): Promise<RunRecord> {
  const brought = await bringSource(stage, name, name);
  if (brought !== undefined) return brought;
  const before = await newestRun(stage);
  // The source is as it was: the run shows that nothing is installed anew.
  await stage.organization.queue(stage.pipelines.get(name) ?? 0);
  return runThat(
    stage,
    `a run of ${name}`,
    ({ id, pipeline, reason }) => id > before && pipeline.name === name && reason === "Manual",
  );
}

/** Base images first, and each application as soon as there is its own one. */
const firstImages: Chapter = {
  title: "First images: base images, then applications by pull request and merge",
  async tell(stage, report) {
    const bases = new Map(baseNames(stage).map((name) => [name, baseImage(stage, name)]));
    const built = samples.map(async (name) => {
      await bases.get(baseOf(stage, name));
      return application(stage, name);
    });
    const looking = setInterval(() => {
      void stage.control.runs().then(
        (records) => report(describeGoing(records)),
        () => undefined,
      );
    }, 1000);
    try {
      // All of them to their end, so that a failure leaves nothing behind that goes on.
      const ended = await Promise.allSettled([...bases.values(), ...built]);
      for (const one of ended) if (one.status === "rejected") throw one.reason;
      const made = publishedOf(await Promise.all(bases.values()));
      const records = await Promise.all(built);
      const how =
        made.length === 0
          ? "base images as they were"
          : made.map((record) => `${record.pipeline.name} in ${secondsOf(record).toFixed(0)} s`).join(", ");
      return `${how}; ${namesOf(records)} in ${Math.max(...records.map(secondsOf)).toFixed(0)} s and less`;
    } finally {
      clearInterval(looking);
    }
  },
};

/** What the chapters before started beside the runs that they waited for, such as those of a base image's applications. */
const settled: Chapter = {
  title: "All runs so far",
  async tell(stage, report) {
    const earlier = (await stage.control.runs()).filter(({ queuedAt }) => Date.parse(queuedAt) < stage.since);
    const records = await runsAfter(stage, report, Math.max(0, ...earlier.map(({ id }) => id)));
    return `${records.length}, none failed`;
  },
};

const started: Chapter = {
  title: "Images started and asked",
  async tell({ control, records, machine }, report) {
    const answers = await askSamples(publishedImages(records, await control.runs()), machine, report);
    return answers.join("; ");
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
    const leaks = await scanImages(join(copy, "tools", "wheelhouse.cjs"), [...images.values()], machine);
    if (leaks > 0) throw new Error(`${leaks} leaks in ${[...images.keys()].join(", ")}`);
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
    const made = publishedOf(records);
    if (made.length > 0) throw new Error(`${namesOf(made)} published something although nothing was new`);
    return `${namesOf(records)} looked and published nothing; no application ran`;
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
    return `refreshed ${namesOf(publishedOf(records))}; installed anew: ${list(installed)}; only joined to the new base: ${list(joined)}`;
  },
};

/** Chapters in their order; those of one entry are told at the same time. */
export type Story = readonly (readonly Chapter[])[];

/** Up to the first images. */
export const shortStory: Story = [[firstImages], [settled]];

export const wholeStory: Story = [
  [previews],
  [firstImages, joiningTeam],
  [settled],
  [started, searched],
  [nextDay],
  [release],
];
