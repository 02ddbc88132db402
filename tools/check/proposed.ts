/** Checks a specification that is not there yet, together with the platform's other files. */
import * as path from "node:path";
import { checkApp, checkBaseImage, type Checked } from "../../spec/check";
import { crossReferences } from "../../spec/cross-references";
import type { Settings } from "../../spec/model";
import type { Problem } from "../../spec/problem";
import type { Project } from "./project";
import { readSpecs, type ReadSpecs } from "./read-specs";
import { checkStack } from "./stack";

/** Texts of the files that are to be. */
export type Proposed =
  | { readonly kind: "app"; readonly name: string; readonly specification: string }
  | {
      readonly kind: "base-image";
      readonly name: string;
      readonly specification: string;
      readonly requirements: string;
      readonly systemPackages: string | undefined;
    };

/**
 * What is wrong with it by itself, and what clashes with the others on account of it, in any of the stacks whose
 * configuration is here. Mistakes that the other files have without it are not its own.
 */
export function checkProposed(project: Project, proposed: Proposed): Problem[] {
  const before = readSpecs(project);
  const { specs: after, own } = withProposed(project, before, proposed);
  const stacks = project.stackFiles.map((file) => checkStack(file, path.join(project.folder, "Pulumi.yaml")).settings);
  const between = [undefined, ...stacks.filter((settings) => settings !== undefined)].flatMap((settings) =>
    brought(before, after, settings),
  );
  const problems = [
    ...own.problems,
    ...between.filter(({ path: property }) => !project.ofTeam || property !== "baseImage"),
  ];
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

function brought(before: ReadSpecs, after: ReadSpecs, settings: Settings | undefined): Problem[] {
  const known = new Set(
    crossReferences(before.baseImages, before.apps, settings).map((problem) => JSON.stringify(problem)),
  );
  return crossReferences(after.baseImages, after.apps, settings).filter(
    (problem) => !known.has(JSON.stringify(problem)),
  );
}

function withProposed(
  { apps, baseImages }: Project,
  before: ReadSpecs,
  proposed: Proposed,
): { specs: ReadSpecs; own: Checked<unknown> } {
  const source = (file: string, text: string) => ({ file, bytes: new TextEncoder().encode(text) });
  if (proposed.kind === "app") {
    const own = checkApp(source(path.join(apps, `${proposed.name}.yaml`), proposed.specification), proposed.name);
    return { own, specs: { ...before, apps: [...before.apps, own] } };
  }
  const folder = path.join(baseImages, proposed.name);
  const { systemPackages } = proposed;
  const own = checkBaseImage({
    folder: proposed.name,
    specification: source(path.join(folder, "base-image.yaml"), proposed.specification),
    requirements: source(path.join(folder, "requirements.in"), proposed.requirements),
    systemPackages: systemPackages === undefined ? undefined : source(path.join(folder, "bindep.txt"), systemPackages),
  });
  return { own, specs: { ...before, baseImages: [...before.baseImages, own] } };
}
