/** The application's own layer: its wheel laid out, or its source with fixed times and modes; searched before it is built. */
import { chmodSync, cpSync, lstatSync, lutimesSync, mkdirSync, readdirSync } from "node:fs";
import * as path from "node:path";
import type { ApplicationFacts } from "../../spec/recipe-facts";
import { packageProject } from "../package/build";
import { fileTime } from "../package/write";
import { phase, type Job } from "./job";
import { searchFolder, type Leak } from "./leaks";

export interface OwnLayer {
  /** `APPLICATION` or `SOURCE`, with a folder. */
  readonly variables: Readonly<Record<string, string>>;
  /** That folder, for bake's leave to read it. */
  readonly reads: readonly string[];
  /** Whether the builder has to build the project. */
  readonly leftToBuilder: boolean;
  readonly leaks: readonly Leak[];
}

export async function makeOwnLayer(job: Job, facts: ApplicationFacts): Promise<OwnLayer> {
  return facts.project ? await layOutProject(job, facts) : await copySource(job, facts);
}

async function layOutProject(job: Job, facts: ApplicationFacts): Promise<OwnLayer> {
  const { context } = job;
  context.progress(`building the wheel of ${facts.name}`);
  const folder = path.join(job.folder, "project");
  mkdirSync(folder);
  const packaged = await phase(job, "package", () =>
    packageProject(
      {
        application: facts.name,
        source: job.source ?? "",
        python: facts.python,
        scripts: facts.sets.flatMap((set) => set.images.flatMap(({ script }) => script ?? [])),
        version: job.options.imageVersion,
        packages: job.packages,
      },
      context,
      folder,
    ),
  );
  if (packaged.kind === "left-to-builder") {
    context.progress(`${packaged.reason}: it is built in the builder image, which takes longer`);
    return { variables: {}, reads: [], leftToBuilder: true, leaks: [] };
  }
  const leaks = await phase(job, "scan", () => searchFolder(job, `wheel of ${facts.name}`, packaged.folder));
  return { variables: { APPLICATION: packaged.folder }, reads: [packaged.folder], leftToBuilder: false, leaks };
}

/**
 * A copy, as the account of the image must be able to read what a strict umask made, and as the times of a checkout
 * would make another layer in each run.
 */
async function copySource(job: Job, facts: ApplicationFacts): Promise<OwnLayer> {
  const folder = path.join(job.folder, "source");
  await phase(job, "package", async () => {
    cpSync(job.source ?? "", folder, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => path.basename(file) !== ".git" && isPlain(file),
    });
    makeSame(folder);
    return Promise.resolve();
  });
  const leaks = await phase(job, "scan", () => searchFolder(job, `source of ${facts.name}`, folder));
  return { variables: { SOURCE: folder }, reads: [folder], leftToBuilder: false, leaks };
}

function isPlain(file: string): boolean {
  const status = lstatSync(file);
  return status.isFile() || status.isDirectory() || status.isSymbolicLink();
}

/** Modes as git knows them, readable by all; one time for everything, folders last. */
function makeSame(entry: string): void {
  const status = lstatSync(entry);
  if (status.isDirectory()) {
    chmodSync(entry, 0o755);
    for (const name of readdirSync(entry)) makeSame(path.join(entry, name));
  } else if (status.isFile()) {
    chmodSync(entry, (status.mode & 0o100) === 0 ? 0o644 : 0o755);
  }
  lutimesSync(entry, fileTime, fileTime);
}
