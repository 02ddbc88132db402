/** Makes the specification of a new application out of flags, answers and what its repository says. */
import { existsSync } from "node:fs";
import * as path from "node:path";
import { repositoryName, specName, teamName } from "../../spec/names";
import { lockPath, pipelinePath, relativePath, requirementsPath } from "../../spec/paths";
import { description, pythonVersion, scriptName } from "../../spec/texts";
import { checkProposed } from "../check/proposed";
import type { Project } from "../check/project";
import { readSpecs } from "../check/read-specs";
import type { CommandContext } from "../context";
import { UsageError } from "../errors";
import { inspectRepository, type Inspection, type WantedPython } from "../inspect";
import { Answers, checked } from "./answers";
import { fittingBases, namedBase, type Base } from "./base-image-choice";
import { isThere } from "./files";
import { foundIn, type FoundInRepository } from "./found";
import { refusedBy } from "./refused";
import type { Questions } from "./questions";
import { appSpecification, schemaFor, type AppValues } from "./specification";

/** As on the command line. */
export interface NewAppOptions {
  readonly repository?: string;
  readonly existingRepository?: string;
  readonly pipelineFile?: string;
  readonly baseImage?: string;
  readonly python?: string;
  readonly team?: string;
  readonly description?: string;
  readonly scripts?: readonly string[];
  readonly requirements?: string;
  readonly lock?: string;
  readonly systemPackages?: string;
  readonly dockerfile?: string;
  readonly ports?: readonly number[];
}

/** A file that is to be written. */
export interface NewFile {
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly content: string;
  readonly values: AppValues;
  readonly notes: readonly string[];
}

/**
 * Asks, looks and checks; writes nothing.
 * @param questions `undefined`: nobody is asked, and what was found is taken.
 * @throws UsageError for a flag that is refused, for what is missing, and for a specification that the platform refuses.
 */
export async function newApp(
  name: string | undefined,
  options: NewAppOptions,
  project: Project,
  context: CommandContext,
  questions: Questions | undefined,
): Promise<NewFile> {
  // What can be refused is refused before anything is asked.
  if (name !== undefined) refuseExisting(checked(name, specName, "name"), project, context);
  const answers = new Answers(questions, context);
  const inspection = await inspected(options, project, context, answers);
  const found: FoundInRepository = inspection === undefined ? { notes: [] } : foundIn(inspection);
  const values = await valuesOf(name, options, project, context, answers, found, inspection?.python);
  const file = path.join(project.apps, `${values.name}.yaml`);
  refuseExisting(values.name, project, context);
  const content = appSpecification(values, schemaFor(project.folder, project.apps, "app"));
  const problems = checkProposed(project, { kind: "app", name: values.name, specification: content });
  if (problems.length > 0) throw refusedBy(problems, project, context);
  return { name: values.name, file, content, values, notes: found.notes };
}

/** Where the repository is on this machine; the working folder is proposed where it is not the platform's. */
async function inspected(
  { repository }: NewAppOptions,
  project: Project,
  context: CommandContext,
  answers: Answers,
): Promise<Inspection | undefined> {
  const inPlatform = !path.relative(project.folder, context.workingFolder).startsWith("..");
  const folder = await answers.optional(
    {
      what: "the folder of the application's repository on this machine",
      flag: "--repository",
      given: repository,
      ...(inPlatform ? {} : { found: { value: context.workingFolder, from: "this folder" } }),
    },
    (text) =>
      existsSync(path.resolve(context.workingFolder, text))
        ? undefined
        : { message: `${text} is not there`, mend: "clone the repository first, or leave it out" },
  );
  return folder === undefined ? undefined : await inspectRepository(path.resolve(context.workingFolder, folder));
}

async function valuesOf(
  given: string | undefined,
  options: NewAppOptions,
  project: Project,
  context: CommandContext,
  answers: Answers,
  found: FoundInRepository,
  python: WantedPython | undefined,
): Promise<AppValues> {
  const name = await answers.required(
    { what: "the name of the application", flag: "name", given, found: found.name },
    specName,
    "name it: wheelhouse new app <name>",
  );
  const about = await answers.optional(
    { what: "the description", flag: "--description", given: options.description, found: found.description },
    description,
  );
  const baseImage = await baseImageOf(options, project, context, answers, python);
  const team = await answers.optional(
    { what: "the team, a group of Azure DevOps", flag: "--team", given: options.team },
    teamName,
  );
  const repository = await repositoryOf(options, answers, found);
  const dockerfile = await dockerfileOf(options, answers, found);
  const common = { name, description: about, team, baseImage, repository };
  if (dockerfile !== undefined) return { ...common, ...flagged(options), dockerfile };
  const scripts = await answers.several(
    { what: "the console scripts, one image each", flag: "--scripts", given: options.scripts, found: found.scripts },
    scriptName,
  );
  return { ...common, ...packagesOf(options, answers, found), scripts };
}

async function baseImageOf(
  options: NewAppOptions,
  project: Project,
  context: CommandContext,
  answers: Answers,
  inspected: WantedPython | undefined,
): Promise<string> {
  const { python } = options;
  const wanted =
    python === undefined
      ? inspected
      : { minor: checked(python, pythonVersion, "--python"), requires: `==${python}.*`, from: "--python" };
  const what = "the base image";
  const given = options.baseImage === undefined ? undefined : checked(options.baseImage, specName, "--base-image");
  const bases: readonly Base[] = readSpecs(project).baseImages.flatMap(({ spec }) => spec ?? []);
  if (project.ofTeam) {
    const mend = "name it as the platform does: --base-image <name>";
    return await answers.required({ what, flag: "--base-image", given }, specName, mend);
  }
  if (given !== undefined) return namedBase(bases, given, wanted).name;
  const { fitting, best, note } = fittingBases(bases, wanted);
  if (note !== undefined) context.progress(note);
  const choices = fitting.map(({ name, python: version, description: about }) => ({
    value: name,
    about: [`Python ${version}`, ...(about === undefined ? [] : [about])].join(", "),
  }));
  return await answers.one({ what, flag: "--base-image", given }, choices, best?.name);
}

async function repositoryOf(
  { existingRepository, pipelineFile }: NewAppOptions,
  answers: Answers,
  found: FoundInRepository,
): Promise<AppValues["repository"]> {
  const existing = await answers.optional(
    {
      what: "the repository in Azure Repos that is there already",
      flag: "--existing-repository",
      given: existingRepository,
      found: found.repository,
    },
    repositoryName,
  );
  if (pipelineFile === undefined) return existing;
  if (existing === undefined) {
    throw new UsageError("--pipeline-file is for a repository that is there already", "name it: --existing-repository");
  }
  return { existing, pipelineFile: checked(pipelineFile, pipelinePath, "--pipeline-file") };
}

/** A Dockerfile that is there is left aside, unless it is asked for: the platform renders one that leaks nothing. */
async function dockerfileOf(
  { dockerfile }: NewAppOptions,
  answers: Answers,
  found: FoundInRepository,
): Promise<string | undefined> {
  if (dockerfile !== undefined) return checked(dockerfile, relativePath, "--dockerfile");
  if (found.dockerfile === undefined) return undefined;
  const { value } = found.dockerfile;
  const keeps = await answers.yesOrNo(`Keep ${value} as it is, instead of a rendered one?`, false, false);
  return keeps ? value : undefined;
}

/** What a Dockerfile of the team's own would say itself: from flags alone, so that the check can refuse it. */
function flagged(options: NewAppOptions): Partial<AppValues> {
  const { scripts, requirements, lock, systemPackages, ports } = options;
  return { scripts, requirements, lock, systemPackages, ports };
}

function packagesOf(options: NewAppOptions, answers: Answers, found: FoundInRepository): Partial<AppValues> {
  const { requirements, lock, systemPackages, ports } = options;
  const file = { what: "the requirements", flag: "--requirements", given: requirements, found: found.requirements };
  const pinned = { what: "the lock", flag: "--lock", given: lock, found: found.lock };
  const system = {
    what: "the bindep file",
    flag: "--system-packages",
    given: systemPackages,
    found: found.systemPackages,
  };
  if (requirements !== undefined) checked(requirements, requirementsPath, "--requirements");
  if (lock !== undefined) checked(lock, lockPath, "--lock");
  if (systemPackages !== undefined) checked(systemPackages, relativePath, "--system-packages");
  return {
    requirements: answers.taken(file),
    lock: answers.taken(pinned),
    systemPackages: answers.taken(system),
    ports: answers.taken({ what: "the ports", flag: "--ports", given: ports, found: found.ports }),
  };
}

/** Also by the ending that is refused, so that nobody has two of them. */
function refuseExisting(name: string, { apps }: Project, { workingFolder }: CommandContext): void {
  const there = [".yaml", ".yml"].map((ending) => path.join(apps, `${name}${ending}`)).find(existsSync);
  if (there !== undefined) throw isThere(path.relative(workingFolder, there));
}
