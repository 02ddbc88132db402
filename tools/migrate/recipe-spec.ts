/** The parts of a specification that say what an image is, where the rendered recipe takes a Dockerfile's place; or what stands against it. */
import { readProject } from "../resolve/project";
import { UsageError } from "../errors";
import type { Choice } from "./choose";
import type { ImageFacts, Told } from "./image-facts";
import { readImage } from "./replaceable";
import { isProjectFile, type TeamRepository } from "./repository";
import { directRequirements, withoutIndexLines } from "./requirement-lines";
import type { WrittenSpec } from "./spec-text";
import { bindepOf } from "./system-packages";

export interface RecipeSpec {
  /** What no recipe does, one line each; empty: the recipe takes the Dockerfile's place. */
  readonly obstacles: readonly string[];
  /** Whether nothing but the start command stands against it. */
  readonly onlyStart: boolean;
  readonly spec: Partial<WrittenSpec>;
  /** Lines of bindep.txt. */
  readonly bindep: readonly string[];
  readonly told: readonly Told[];
}

export function recipeSpec(repository: TeamRepository, choice: Choice): RecipeSpec {
  const { inspection } = repository;
  const text = choice.dockerfile === undefined ? undefined : repository.read(choice.dockerfile);
  if (text === undefined) return withoutDockerfile(repository);
  const facts = readImage(text, {
    scripts: inspection.scripts,
    targets: repository.scriptTargets,
    isProjectFile: (path) => isProjectFile(repository, path),
  });
  const packages = packagesOf(repository, facts);
  const bindep = bindepOf(facts.packages);
  const start = facts.obstacles.filter(isAboutStart);
  const others = [
    ...facts.obstacles.filter((obstacle) => !start.includes(obstacle)),
    ...packages.obstacles,
    ...(choice.contextFolder === ""
      ? []
      : [`it is built from ${choice.contextFolder}, not from the repository's root`]),
    ...bindep.unknown.map((name) => `the package ${name} of Alpine has no name in bindep.txt that is known here`),
    ...projectProblems(repository, facts.script),
  ];
  return {
    obstacles: [...others, ...start],
    onlyStart: start.length > 0 && others.length === 0,
    spec: {
      ...packages.spec,
      scripts: facts.script === undefined ? undefined : [facts.script],
      extras: facts.extras.filter((extra) => inspection.extras.includes(extra)),
      systemPackages:
        bindep.lines.length > 0 || inspection.bindep !== undefined ? (inspection.bindep ?? "bindep.txt") : undefined,
      user: facts.user === "10001" ? undefined : facts.user,
      env: facts.env,
      ports: facts.ports,
      healthcheck: facts.healthcheck === undefined ? undefined : healthSpec(facts.healthcheck),
    },
    bindep: bindep.lines,
    told: [...facts.told, ...tellPackages(bindep)],
  };
}

function isAboutStart(obstacle: string): boolean {
  return / is no console script of the project|^it starts nothing by itself/.test(obstacle);
}

function healthSpec(health: NonNullable<ImageFacts["healthcheck"]>): unknown {
  return Object.keys(health).length === 1 ? health.command : health;
}

function tellPackages({ versions, split }: ReturnType<typeof bindepOf>): Told[] {
  return [
    ...(versions.length === 0
      ? []
      : [
          {
            line: 1,
            what: `system packages ${versions.join(", ")} had a version`,
            todo: "bindep.txt takes the distribution's; write the version behind the name where it has to be that one",
          },
        ]),
    ...(split.length === 0
      ? []
      : [
          {
            line: 1,
            what: `${split.join(", ")}: headers are there to compile with, and not in the image`,
            todo: "look at bindep.txt: what a program loads at run time has to be in it without `compile`",
          },
        ]),
  ];
}

interface Packages {
  readonly spec: Partial<WrittenSpec>;
  readonly obstacles: readonly string[];
}

/** The file that packages are resolved from. */
function packagesOf(repository: TeamRepository, facts: ImageFacts): Packages {
  const { lock, requirements } = repository.inspection;
  const files = [...new Set(facts.requirements.map((file) => located(repository, file)))];
  const [file] = files;
  if (files.length > 1) return refused(`packages come from several files: ${facts.requirements.join(", ")}`);
  if (file === undefined) {
    if (facts.requirements.length > 0) return refused(`${facts.requirements.join(", ")} is not in the repository`);
    if (!facts.installsProject) return refused("it installs no packages of a requirements file or of a project");
    return repository.paths.includes("pyproject.toml")
      ? checked(repository, { requirements: "pyproject.toml" })
      : refused("its project has no pyproject.toml");
  }
  if (
    facts.installsProject &&
    facts.projectWithPackages &&
    requirements === "pyproject.toml" &&
    listsItsOwn(repository)
  ) {
    return refused(`packages come from ${file} and from pyproject.toml: list all of them in one`);
  }
  return checked(
    repository,
    file === lock ? { requirements: requirements ?? "pyproject.toml", lock } : { requirements: file },
  );
}

function refused(obstacle: string): Packages {
  return { spec: {}, obstacles: [obstacle] };
}

function checked(repository: TeamRepository, spec: Partial<WrittenSpec>): Packages {
  const file = spec.requirements ?? "";
  const text = file.endsWith(".toml") ? "" : withoutIndexLines(repository.read(file) ?? "").text;
  const direct = directRequirements(text);
  if (direct.length > 0) {
    return {
      spec,
      obstacles: [
        `${file} has ${direct.length} line${direct.length === 1 ? "" : "s"} that no index has (a URL, a path, -e)`,
      ],
    };
  }
  // What pyproject.toml alone gives, and the file is its default.
  return { spec: file === "pyproject.toml" && spec.lock === undefined ? {} : spec, obstacles: [] };
}

/** Where a file that a RUN names is in the repository: at that path, or anywhere by its name, as a COPY may have put it elsewhere. */
function located(repository: TeamRepository, named: string): string | undefined {
  const plain = named.replace(/^(?:\.?\/)+/, "");
  if (repository.paths.includes(plain)) return plain;
  const name = plain.slice(plain.lastIndexOf("/") + 1);
  return repository.paths.find((path) => path === name || path.endsWith(`/${name}`));
}

/** Whether pyproject.toml has packages of its own, and does not take them from a requirements file. */
function listsItsOwn(repository: TeamRepository): boolean {
  const text = repository.read("pyproject.toml") ?? "";
  return !/^\s*dependencies\s*=\s*\[\s*\]/m.test(text) && !/^\s*dynamic\s*=.*["']dependencies["']/m.test(text);
}

function projectProblems(repository: TeamRepository, script: string | undefined): string[] {
  if (script === undefined) return [];
  try {
    readProject(repository.folder, "pyproject.toml");
    return [];
  } catch (error) {
    if (error instanceof UsageError) return [error.message];
    throw error;
  }
}

/** A repository without a Dockerfile: an image for each console script, or one of the source. */
function withoutDockerfile(repository: TeamRepository): RecipeSpec {
  const { scripts, requirements, lock, ports, bindep } = repository.inspection;
  const packages = checked(repository, { requirements: requirements ?? "pyproject.toml", lock });
  const none = requirements === undefined ? ["the repository has neither pyproject.toml nor a requirements file"] : [];
  return {
    obstacles: [...none, ...packages.obstacles],
    onlyStart: false,
    spec: { ...packages.spec, scripts, ports, systemPackages: bindep },
    bindep: [],
    told:
      scripts.length > 0
        ? []
        : [
            {
              line: 1,
              what: "the project has no console script: its image holds the source in /app and starts nothing by itself",
              todo: "say the command where the container is run, or define a console script and name it in scripts",
            },
          ],
  };
}
