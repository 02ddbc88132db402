/** Plans a migration: from what a repository and, where it is named, a platform's checkout say, to every file's new text. */
import * as path from "node:path";
import { branchName } from "../../spec/texts";
import { UsageError } from "../errors";
import { parseDockerfile } from "../lint/dockerfile";
import { indexAdvice, otherFiles, pipelineAdvice, privateIndexes } from "./advice";
import {
  bindepChange,
  decisionOf,
  dockerfileChange,
  imagesSoFar,
  pipelineChanges,
  requirementRoots,
  specChange,
  type MigrateOptions,
  type Work,
} from "./changes";
import { choose, DEFAULT_PIPELINE, type Choice } from "./choose";
import { planFiles } from "./file-changes";
import { findCredentials } from "./masking";
import type { PlatformNames } from "./new-pipeline";
import { nearestBaseImage, type PlatformCheckout } from "./platform";
import type { Guess, Proposal, Remaining } from "./proposal";
import { recipeSpec, type RecipeSpec } from "./recipe-spec";
import type { TeamRepository } from "./repository";
import { restOf } from "./rest";
import { specText, type WrittenSpec } from "./spec-text";

const EXAMINED =
  /(?:^|\/)(?:pyproject\.toml|poetry\.toml|setup\.(?:cfg|py)|Pipfile|tox\.ini|(?:requirements|constraints)[^/]*\.(?:txt|in)|pip\.(?:conf|ini)|[._]?netrc|\.pypirc|auth\.toml|\.env[^/]*|uv\.toml|(?:docker-)?compose[^/]*\.ya?ml)$|(?:^|\/)requirements\/[^/]+$/;

/** @throws UsageError for a repository that no specification can be made of. */
export function propose(
  repository: TeamRepository,
  platform: PlatformCheckout | undefined,
  options: MigrateOptions,
): Proposal {
  const choice = choose(repository, options);
  const found = findCredentials(examined(repository, choice));
  const recipe = recipeSpec(repository, choice);
  const own = (): RecipeSpec => ({
    ...recipe,
    spec: { dockerfile: choice.dockerfile, python: undefined },
    bindep: [],
    told: [],
  });
  const guesses: Guess[] = [];
  const common = commonSpec(repository, platform, options, choice, guesses);
  const wishes = choice.dockerfile !== undefined && recipe.obstacles.length > 0 ? own() : recipe;
  if (choice.dockerfile === undefined && recipe.obstacles.length > 0) {
    throw new UsageError(`no image can be made of ${repository.folder}`, recipe.obstacles.join("\n"));
  }
  let made = specText({ ...common, ...wishes.spec });
  let taken = wishes;
  if (made.app === undefined && choice.dockerfile !== undefined && wishes.spec.dockerfile === undefined) {
    // A value that a specification cannot say, such as one of ENV: the Dockerfile says it.
    taken = { ...own(), obstacles: made.problems.map((problem) => problem.replace(/\n\s*/g, ": ")) };
    made = specText({ ...common, ...taken.spec });
  }
  if (made.app === undefined) {
    throw new UsageError("no specification can be made of it", made.problems.join("\n"));
  }
  const names = platformNames(repository, platform, options, guesses);
  const work: Work = { repository, choice, taken, app: made.app, spec: made.text, names, options };
  const roots = requirementRoots(work);
  const files = planFiles(repository, roots, found.credentials);
  const mending = dockerfileChange(work, files);
  const rest =
    choice.pipeline === undefined
      ? undefined
      : restOf(choice.pipeline, made.app.name, lastStage(repository, choice), (file) => repository.read(file));
  return {
    name: made.app.name,
    dockerfile: decisionOf(work),
    changes: [
      specChange(work, platform),
      ...pipelineChanges(work),
      ...mending.changes,
      ...bindepChange(work),
      ...files.changes,
    ],
    replaced: rest?.replaced ?? [],
    remaining: [
      ...imagesSoFar(work),
      ...startAdvice(work),
      ...(rest?.remaining ?? []),
      ...pipelineAdvice(choice, made.app, options.newPipeline),
      ...taken.told.map(({ line, what, todo }) => ({
        at: choice.dockerfile === undefined ? "" : `${choice.dockerfile}:${line}`,
        what,
        todo,
      })),
      ...mending.remaining,
      ...indexAdvice(repository, [...files.indexes, ...privateIndexes(repository, choice, files.changes)]),
      ...pythonAdvice(work, platform),
      ...otherFiles(repository, choice, repository.inspection.notes),
    ],
    credentials: found.credentials,
    guesses,
    secrets: found.secrets,
  };
}

function lastStage(repository: TeamRepository, { dockerfile }: Choice): string | undefined {
  return parseDockerfile((dockerfile === undefined ? undefined : repository.read(dockerfile)) ?? "").stages.at(-1)
    ?.name;
}

function examined(repository: TeamRepository, choice: Choice): ReadonlyMap<string, string> {
  const { pipelines, dockerfiles } = repository.inspection;
  const named = [...pipelines, ...dockerfiles, choice.pipeline?.file, choice.dockerfile];
  const files = new Set([
    ...repository.paths.filter((file) => EXAMINED.test(file)),
    ...named.filter((file) => file !== undefined),
  ]);
  const texts = [...files]
    .filter((file) => repository.tracked?.has(file) ?? true)
    .map((file) => [file, repository.read(file)] as const);
  return new Map(texts.flatMap(([file, text]) => (text === undefined ? [] : [[file, text]])));
}

function commonSpec(
  repository: TeamRepository,
  platform: PlatformCheckout | undefined,
  options: MigrateOptions,
  choice: Choice,
  guesses: Guess[],
): WrittenSpec {
  const { inspection, remote } = repository;
  const name = options.name ?? inspection.name;
  if (name === undefined) {
    throw new UsageError(
      "no file names the application",
      "Say its name with --name: lowercase letters, digits and hyphens.",
    );
  }
  const where = options.repository ?? remote?.repository ?? path.basename(repository.folder);
  if (options.repository === undefined && remote === undefined) {
    guesses.push({
      what: `the repository is called ${where} in Azure DevOps, as the folder is`,
      option: "--repository",
    });
  }
  const pipelineFile = options.newPipeline ?? choice.pipeline?.file ?? DEFAULT_PIPELINE;
  const named = (choice.pipeline?.branches ?? []).filter((branch) => branchName(branch) === undefined);
  const usual = repository.mainBranch === undefined ? [] : [repository.mainBranch];
  const branches = named.length > 0 ? named : usual.filter((branch) => branchName(branch) === undefined);
  const [pool] = (choice.pipeline?.pools ?? []).filter(
    (one) => one.kind === "named" && !/[${]/.test(one.name) && one.name !== "server",
  );
  const minor = inspection.python?.minor;
  const base = baseImageOf(repository, platform, options, guesses);
  return {
    name,
    description: inspection.description,
    team: options.team,
    baseImage: base.name,
    repository: pipelineFile === DEFAULT_PIPELINE ? where : { existing: where, pipelineFile },
    // Holds the platform to it, where it is known to have that Python.
    python:
      choice.dockerfile === undefined || minor === undefined || (base.python ?? minor) !== minor ? undefined : minor,
    branches: branches.length === 0 || branches.join() === "main" ? undefined : branches,
    pool: pool === undefined ? undefined : { name: pool.name },
  };
}

function baseImageOf(
  repository: TeamRepository,
  platform: PlatformCheckout | undefined,
  options: MigrateOptions,
  guesses: Guess[],
): { readonly name: string; readonly python?: string | undefined } {
  const { requirements, python } = repository.inspection;
  if (options.baseImage !== undefined) {
    const named = platform?.baseImages.find(({ name }) => name === options.baseImage);
    return { name: options.baseImage, python: named?.python };
  }
  if (platform !== undefined) {
    const nearest = nearestBaseImage(platform, python?.minor, repository.read(requirements ?? "") ?? "");
    if (nearest === undefined) {
      throw new UsageError(`${platform.folder} has no base image`, "Make one: base-images/<name>/base-image.yaml.");
    }
    return nearest;
  }
  guesses.push({ what: "the platform has a base image python-web", option: "--base-image" });
  return { name: "python-web" };
}

function platformNames(
  repository: TeamRepository,
  platform: PlatformCheckout | undefined,
  options: MigrateOptions,
  guesses: Guess[],
): PlatformNames {
  const known = options.project ?? platform?.names.project ?? repository.remote?.project;
  if (known === undefined) guesses.push({ what: "the platform is in the project Platform", option: "--project" });
  return {
    project: known ?? "Platform",
    templateRepository: options.templateRepository ?? platform?.names.templateRepository ?? "wheelhouse",
  };
}

/** How to get rid of a Dockerfile that only its start command keeps. */
function startAdvice({ choice, taken, app }: Work): Remaining[] {
  if (taken.spec.dockerfile === undefined || !taken.onlyStart) return [];
  const module = /"?-m"?,?\s+"?([A-Za-z_][\w]*)/.exec(taken.obstacles.join("\n"))?.[1] ?? app.name.replace(/-/g, "_");
  return [
    {
      at: choice.dockerfile ?? "",
      what: "only the command that it starts keeps the Dockerfile: a recipe starts console scripts",
      todo: `define one in pyproject.toml, such as [project.scripts] ${app.name} = "${module}.__main__:main", start it in CMD, and migrate again`,
    },
  ];
}

function pythonAdvice({ repository, app, taken }: Work, platform: PlatformCheckout | undefined): Remaining[] {
  const minor = repository.inspection.python?.minor;
  const base = platform?.baseImages.find(({ name }) => name === app.baseImage);
  if (taken.spec.dockerfile !== undefined || minor === undefined || base === undefined || base.python === minor)
    return [];
  return [
    {
      at: repository.inspection.python?.from ?? "",
      what: `it runs on Python ${minor}, and the base image ${base.name} has ${base.python}`,
      todo: `test it with ${base.python} first, or have a base image with ${minor} made: wheelhouse new base-image`,
    },
  ];
}
