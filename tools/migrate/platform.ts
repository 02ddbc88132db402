/** What a checkout of the platform's repository says: its base images, its project, and whether a new specification fits in. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parseDocument } from "yaml";
import { loadSpecs, SpecError, formatProblem, type BaseImage } from "../../spec";
import type { CommandContext } from "../context";
import { UsageError } from "../errors";
import { withTemporaryFolder } from "../temporary-folder";
import type { PlatformNames } from "./new-pipeline";

export interface PlatformCheckout {
  /** Absolute. */
  readonly folder: string;
  readonly baseImages: readonly BaseImage[];
  /** What its stacks' configuration says, where all of them say the same. */
  readonly names: Partial<PlatformNames>;
}

/** @throws UsageError for a folder without specifications, or whose own have mistakes. */
export function readPlatform(given: string, context: Pick<CommandContext, "workingFolder">): PlatformCheckout {
  const folder = path.resolve(context.workingFolder, given);
  for (const part of ["base-images", "apps"]) {
    if (!existsSync(path.join(folder, part))) {
      throw new UsageError(
        `${given} has no folder ${part}`,
        "Name a checkout of the platform's repository with --platform.",
      );
    }
  }
  try {
    const { baseImages } = loadSpecs(specFolders(folder));
    return { folder, baseImages, names: stackNames(folder) };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const problems = error.problems.map(formatProblem).join("\n");
    throw new UsageError(`the specifications in ${given} have mistakes already`, problems, { cause: error });
  }
}

function specFolders(folder: string) {
  return { baseImages: path.join(folder, "base-images"), apps: path.join(folder, "apps") };
}

/** Project and template repository from `Pulumi.<stack>.yaml`. */
function stackNames(folder: string): Partial<PlatformNames> {
  const stacks = readdirSync(folder).filter((file) => /^Pulumi\.[^/]+\.ya?ml$/.test(file));
  const said = (key: string) => {
    const values = stacks.map((file) => {
      const document = parseDocument(readFileSync(path.join(folder, file), "utf8"), { prettyErrors: false });
      const value = document.errors.length > 0 ? undefined : document.getIn(["config", `wheelhouse:${key}`]);
      return typeof value === "string" ? value : undefined;
    });
    const known = new Set(values.filter((value) => value !== undefined && value !== ""));
    return known.size === 1 ? [...known][0] : undefined;
  };
  const [project, templateRepository] = [said("project"), said("templateRepository")];
  return {
    ...(project === undefined ? {} : { project }),
    ...(templateRepository === undefined ? {} : { templateRepository }),
  };
}

/**
 * Checks the specification beside all others of the platform, in a copy.
 * @throws UsageError with what clashes.
 */
export async function checkFits(
  platform: PlatformCheckout,
  file: string,
  text: string,
  context: Pick<CommandContext, "environment">,
): Promise<void> {
  await withTemporaryFolder(context.environment, (copy) => {
    for (const part of ["base-images", "apps"]) {
      cpSync(path.join(platform.folder, part), path.join(copy, part), { recursive: true });
    }
    writeFileSync(path.join(copy, file), text);
    try {
      loadSpecs(specFolders(copy));
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      const problems = error.problems.map(formatProblem).join("\n").replaceAll(`${copy}${path.sep}`, "");
      throw new UsageError(`${file} does not fit into the platform`, problems, { cause: error });
    }
    return Promise.resolve();
  });
}

const NAME = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/;

/** Names of the packages that a text of requirements lists, normalized. */
function packageNames(text: string): Set<string> {
  const names = text.split("\n").flatMap((line) => NAME.exec(line.replace(/^\s*["']/, ""))?.[1] ?? []);
  return new Set(names.map((name) => name.toLowerCase().replace(/[._-]+/g, "-")));
}

/** The base image of the wanted Python that has most of the packages already; of all, where none has that Python. */
export function nearestBaseImage(
  platform: PlatformCheckout,
  python: string | undefined,
  requirements: string,
): BaseImage | undefined {
  const same = platform.baseImages.filter((base) => base.python === python);
  const wanted = packageNames(requirements);
  const shared = (base: BaseImage) => [...packageNames(base.requirements)].filter((name) => wanted.has(name)).length;
  return [...(same.length > 0 ? same : platform.baseImages)].sort((left, right) => shared(right) - shared(left))[0];
}
