/** Finds the platform's folder and what of it is to be checked: specifications, stacks, and what its Pulumi.yaml declares. */
import { existsSync, readdirSync, statSync } from "node:fs";
import * as path from "node:path";
import { UsageError } from "../errors";
import { isRecord, readPlacedYaml } from "./yaml-places";

/** A folder with `apps/`, `base-images/` and `Pulumi.yaml`, or some of them. */
export interface Project {
  /** Absolute. */
  readonly folder: string;
  readonly apps: string;
  readonly baseImages: string;
  /** `Pulumi.<stack>.yaml` files, absolute, by name. */
  readonly stackFiles: readonly string[];
  /** Whether it has applications alone, on the base images of another stack: those of one team. */
  readonly ofTeam: boolean;
}

/**
 * The folder that is named, or else the nearest one upwards with a `Pulumi.yaml`.
 * @throws UsageError where there is none.
 */
export function findProject(workingFolder: string, given: string | undefined): Project {
  const folder = given === undefined ? nearest(workingFolder) : path.resolve(workingFolder, given);
  if (folder === undefined) {
    throw new UsageError(
      "there is no platform here: neither this folder nor one above it has a Pulumi.yaml",
      "run it in the platform's repository, or name that: --project-folder <folder>",
    );
  }
  const apps = path.join(folder, "apps");
  const baseImages = path.join(folder, "base-images");
  if (!existsSync(path.join(folder, "Pulumi.yaml")) && !isFolder(apps) && !isFolder(baseImages)) {
    throw new UsageError(
      `${given ?? folder} is no platform: it has no Pulumi.yaml, no apps and no base-images`,
      "name the folder of the platform's repository: --project-folder <folder>",
    );
  }
  const ofTeam = !isFolder(baseImages) && isFolder(apps) && !declaresPlatform(path.join(folder, "Pulumi.yaml"));
  return { folder, apps, baseImages, stackFiles: stackFilesOf(folder), ofTeam };
}

/** Whether the project has the keys of a platform: then its base images are missing, rather than elsewhere. */
function declaresPlatform(file: string): boolean {
  const { config } = readPlacedYaml(file).value ?? {};
  return isRecord(config) && ["feedName", "registryName"].some((key) => key in config || `wheelhouse:${key}` in config);
}

export function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
}

function nearest(from: string): string | undefined {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, "Pulumi.yaml"))) return folder;
    if (path.dirname(folder) === folder) return undefined;
  }
}

function stackFilesOf(folder: string): string[] {
  if (!isFolder(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^Pulumi\.[^/]+\.ya?ml$/.test(name))
    .sort()
    .map((name) => path.join(folder, name));
}
