/** Checks everything that a platform's folder says, offline: specifications, what they refer to, and its stacks' settings. */
import * as path from "node:path";
import { crossReferences } from "../../spec/cross-references";
import { loadApps, loadSpecs } from "../../spec/load";
import { SpecError, type Problem } from "../../spec/problem";
import type { Project } from "./project";
import { readSpecs, type ReadSpecs } from "./read-specs";
import { checkStack, type CheckedStack } from "./stack";

/** What came out. Files are absolute. */
export interface Checked {
  readonly problems: readonly Problem[];
  readonly applications: number;
  readonly baseImages: number;
  readonly stacks: readonly string[];
  /** What could not be checked, and why. */
  readonly notes: readonly string[];
}

/** @param stackFiles absolute; default: those of the project. */
export function checkProject(project: Project, stackFiles: readonly string[] = project.stackFiles): Checked {
  const loaded = load(project);
  const stacks = project.ofTeam
    ? []
    : stackFiles.map((file) => checkStack(file, path.join(project.folder, "Pulumi.yaml")));
  const withSettings = stacks.filter(({ settings }) => settings !== undefined);
  // Each specification once for all stacks, as reading is what takes the time.
  const specs = withSettings.length === 0 ? undefined : readSpecs(project);
  const problems = [
    ...loaded.problems,
    ...stacks.flatMap((stack) => stack.problems),
    ...(specs === undefined ? [] : withSettings.flatMap((stack) => inStack(specs, stack))),
  ];
  return {
    problems: inOrder(once(problems)),
    applications: loaded.applications,
    baseImages: loaded.baseImages,
    stacks: stacks.map(({ file }) => file),
    notes: [
      ...(project.ofTeam
        ? ["there is no base-images folder: base images and settings are another stack's, and were not looked at"]
        : []),
      ...stacks.flatMap(({ file, notes }) => notes.map((note) => `${file}: ${note}`)),
    ],
  };
}

interface LoadedSpecs {
  readonly problems: readonly Problem[];
  readonly applications: number;
  readonly baseImages: number;
}

function load(project: Project): LoadedSpecs {
  const { ofTeam } = project;
  const clashes = ofTeam ? teamClashes(readSpecs(project)) : [];
  try {
    const { baseImages, apps } = ofTeam
      ? { baseImages: [], apps: loadApps(project.apps) }
      : loadSpecs({ baseImages: project.baseImages, apps: project.apps });
    return { problems: clashes, applications: apps.length, baseImages: baseImages.length };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const { apps, baseImages } = readSpecs(project);
    const problems = [...error.problems, ...clashes];
    return { problems, applications: apps.length, baseImages: baseImages.length };
  }
}

/** What clashes among a team's applications; that no base image is there is as it should be. */
function teamClashes({ apps }: ReadSpecs): Problem[] {
  return crossReferences([], apps).filter(({ path: property }) => property !== "baseImage");
}

/** What is wrong with the specifications in this stack. */
function inStack({ baseImages, apps }: ReadSpecs, { file, settings }: CheckedStack): Problem[] {
  const name = /^Pulumi\.(.+)\.ya?ml$/.exec(path.basename(file))?.[1] ?? file;
  const general = new Set(crossReferences(baseImages, apps).map(key));
  return crossReferences(baseImages, apps, settings)
    .filter((problem) => !general.has(key(problem)))
    .map((problem) => ({ ...problem, message: `${problem.message} (stack ${name})` }));
}

function key({ file, line, column, path: property, message }: Problem): string {
  return JSON.stringify([file, line, column, property, message]);
}

function once(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [key(problem), problem])).values()];
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((left, right) =>
    left.file === right.file ? left.line - right.line || left.column - right.column : left.file < right.file ? -1 : 1,
  );
}
