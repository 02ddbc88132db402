/** Makes the files of a new base image out of flags and answers. */
import { existsSync } from "node:fs";
import * as path from "node:path";
import { specName } from "../../spec/names";
import { cronLine } from "../../spec/schedule";
import { description, imageTag, pythonVersion, upstreamImage } from "../../spec/texts";
import { checkProposed } from "../check/proposed";
import type { Project } from "../check/project";
import { readSpecs } from "../check/read-specs";
import type { CommandContext } from "../context";
import { Answers, checked } from "./answers";
import { isThere } from "./files";
import { refusedBy } from "./refused";
import type { Questions } from "./questions";
import { baseImageSpecification, schemaFor, type BaseImageValues } from "./specification";

/** As on the command line. */
export interface NewBaseImageOptions {
  readonly python?: string;
  readonly description?: string;
  readonly upstream?: string;
  readonly tag?: string;
  readonly schedule?: string;
  /** Lines of `requirements.in`. */
  readonly packages?: readonly string[];
  /** Lines of `bindep.txt`; absent: the base image gets no such file. */
  readonly systemPackages?: readonly string[];
}

/** A folder that is to be written. */
export interface NewFolder {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  /** Texts by file name. */
  readonly files: ReadonlyMap<string, string>;
  readonly values: BaseImageValues;
}

/**
 * Asks and checks; writes nothing.
 * @throws UsageError for a flag that is refused, for what is missing, and for files that the platform refuses.
 */
export async function newBaseImage(
  given: string | undefined,
  options: NewBaseImageOptions,
  project: Project,
  context: CommandContext,
  questions: Questions | undefined,
): Promise<NewFolder> {
  if (given !== undefined) refuseExisting(checked(given, specName, "name"), project, context);
  const answers = new Answers(questions, context);
  const name = await answers.required(
    { what: "the name of the base image", flag: "name", given },
    specName,
    "name it: wheelhouse new base-image <name>",
  );
  refuseExisting(name, project, context);
  const values = await valuesOf(name, options, project, answers);
  const packages = options.packages ?? [];
  const systemPackages = options.systemPackages;
  const folder = path.join(project.baseImages, name);
  const files = new Map([
    ["base-image.yaml", baseImageSpecification(values, schemaFor(project.folder, folder, "base-image"))],
    ["requirements.in", lines(`What applications on ${name} share. An application adds its own.`, packages)],
  ]);
  if (systemPackages !== undefined) files.set("bindep.txt", lines(BINDEP, systemPackages));
  const problems = checkProposed(project, {
    kind: "base-image",
    name,
    specification: files.get("base-image.yaml") ?? "",
    requirements: files.get("requirements.in") ?? "",
    systemPackages: files.get("bindep.txt"),
  });
  if (problems.length > 0) throw refusedBy(problems, project, context);
  return { name, folder, files, values };
}

const BINDEP = "Distribution packages, as bindep reads them: no profile is run time, compile is the builder only.";

function lines(comment: string, content: readonly string[]): string {
  return [`# ${comment}`, ...content.flatMap((line) => line.split(/\r?\n/)), ""].join("\n");
}

async function valuesOf(
  name: string,
  options: NewBaseImageOptions,
  project: Project,
  answers: Answers,
): Promise<BaseImageValues> {
  const newest = newestPython(project);
  const python = await answers.required(
    {
      what: "the Python version",
      flag: "--python",
      given: options.python,
      // Proposed to a person; nobody else's word is taken for what is to be decided.
      ...(answers.areAsked && newest !== undefined ? { found: newest } : {}),
    },
    pythonVersion,
    "say it: --python 3.13",
  );
  const about = await answers.optional(
    { what: "the description", flag: "--description", given: options.description },
    description,
  );
  const { upstream, tag, schedule } = options;
  return {
    name,
    description: about,
    upstream: upstream === undefined ? undefined : checked(upstream, upstreamImage, "--upstream"),
    python,
    tag: tag === undefined ? undefined : checked(tag, imageTag, "--tag"),
    schedule: schedule === undefined ? undefined : checked(schedule, cronLine, "--schedule"),
  };
}

function newestPython(project: Project): { value: string; from: string } | undefined {
  const bases = readSpecs(project).baseImages.flatMap(({ spec }) => spec ?? []);
  const [newest] = bases.toSorted((left, right) => minorOf(right.python) - minorOf(left.python));
  return newest === undefined ? undefined : { value: newest.python, from: `as ${newest.name}` };
}

function minorOf(python: string): number {
  return Number(python.split(".")[1] ?? "0");
}

function refuseExisting(name: string, { baseImages }: Project, { workingFolder }: CommandContext): void {
  const folder = path.join(baseImages, name);
  if (existsSync(folder)) throw isThere(path.relative(workingFolder, folder));
}
