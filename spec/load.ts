/** Reads the folders of specifications from the disk: every file, and every mistake in them at once. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { checkApp, checkBaseImage, type BaseImageSource, type Checked } from "./check";
import { crossReferences } from "./cross-references";
import { LARGEST_FILE, type SourceFile } from "./document";
import type { App, BaseImage, Settings } from "./model";
import { readInside } from "./paths";
import { throwIfAny, type Problem } from "./problem";
import { quote } from "./rule";

/** Largest `requirements.in` or `bindep.txt` in bytes. */
const LARGEST_TEXT = 256 * 1024;

/** Where the specifications are, relative to the working directory or absolute. */
export interface SpecFolders {
  readonly baseImages: string;
  readonly apps: string;
}

/** Every base image and application. */
export interface Specs {
  readonly baseImages: BaseImage[];
  readonly apps: App[];
}

interface Loaded<Spec> {
  readonly checked: readonly Checked<Spec>[];
  readonly problems: readonly Problem[];
}

/**
 * Every `<folder>/<name>/base-image.yaml`, in the order of names.
 * @throws SpecError with every mistake of every file.
 */
export function loadBaseImages(folder: string): BaseImage[] {
  const loaded = readBaseImages(folder);
  throwIfAny([...loaded.problems, ...crossReferences(loaded.checked, [])]);
  return specsOf(loaded);
}

/**
 * Every `<folder>/<name>.yaml`, in the order of names. Whether the base images exist is checked by {@link loadSpecs} only.
 * @throws SpecError with every mistake of every file.
 */
export function loadApps(folder: string): App[] {
  const loaded = readApps(folder);
  throwIfAny(loaded.problems);
  return specsOf(loaded);
}

/**
 * All specifications, checked against each other too, and against the settings where they are given.
 * @throws SpecError with every mistake of every file.
 */
export function loadSpecs(
  folders: SpecFolders = { baseImages: "base-images", apps: "apps" },
  settings?: Settings,
): Specs {
  const baseImages = readBaseImages(folders.baseImages);
  const apps = readApps(folders.apps);
  throwIfAny([
    ...baseImages.problems,
    ...apps.problems,
    ...crossReferences(baseImages.checked, apps.checked, settings),
  ]);
  return { baseImages: specsOf(baseImages), apps: specsOf(apps) };
}

function specsOf<Spec>(loaded: Loaded<Spec>): Spec[] {
  return loaded.checked.flatMap(({ spec }) => spec ?? []);
}

function merge<Spec>(checked: readonly Checked<Spec>[], problems: readonly Problem[]): Loaded<Spec> {
  return { checked, problems: [...problems, ...checked.flatMap((one) => one.problems)] };
}

function readApps(folder: string): Loaded<App> {
  const listing = list(folder);
  const problems = [...listing.problems];
  const checked = listing.names.flatMap((name) => {
    if (/\.(?:yml|yaml)$/i.test(name) && !name.endsWith(".yaml")) {
      problems.push(wrongExtension(join(folder, name), name.replace(/\.[^.]*$/, ".yaml")));
      return [];
    }
    if (!name.endsWith(".yaml") || isFolder(join(folder, name))) {
      return [];
    }
    const source = read(folder, name, LARGEST_FILE, problems);
    return source === undefined ? [] : [checkApp(source, name.slice(0, -".yaml".length))];
  });
  return merge(checked, problems);
}

function readBaseImages(folder: string): Loaded<BaseImage> {
  const listing = list(folder);
  const problems = [...listing.problems];
  const checked = listing.names
    .filter((name) => isFolder(join(folder, name)))
    .flatMap((name) => {
      const source = readBaseImage(folder, name, problems);
      return source === undefined ? [] : [checkBaseImage(source)];
    });
  return merge(checked, problems);
}

function readBaseImage(folder: string, name: string, problems: Problem[]): BaseImageSource | undefined {
  const inside = list(join(folder, name));
  problems.push(...inside.problems);
  const other = inside.names.find((file) => /^base-?image\.ya?ml$/i.test(file) && file !== "base-image.yaml");
  if (other !== undefined) {
    problems.push(wrongExtension(join(folder, name, other), "base-image.yaml"));
    return undefined;
  }
  const specification = read(folder, `${name}/base-image.yaml`, LARGEST_FILE, problems);
  const requirements = read(folder, `${name}/requirements.in`, LARGEST_TEXT, problems);
  const hasBindep = inside.names.includes("bindep.txt");
  const systemPackages = hasBindep ? read(folder, `${name}/bindep.txt`, LARGEST_TEXT, problems) : undefined;
  return specification === undefined ? undefined : { folder: name, specification, requirements, systemPackages };
}

function list(folder: string): { readonly names: readonly string[]; readonly problems: readonly Problem[] } {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith("."));
    return { names: names.sort(), problems: [] };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const message = code === "ENOENT" ? "there is no such folder" : `the folder cannot be read (${code})`;
    return {
      names: [],
      problems: [wholeFile(folder, message, "make the folder, or run from the folder of the platform's repository")],
    };
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // A broken link, or one that leads to itself, is told when the file is read.
    return false;
  }
}

function wholeFile(file: string, message: string, mend: string): Problem {
  return { file, line: 1, column: 1, path: "", message, mend };
}

function wrongExtension(file: string, expected: string): Problem {
  return wholeFile(file, "the file's name is not one that is read", `rename it to ${quote(expected)}`);
}

function read(folder: string, relative: string, largest: number, problems: Problem[]): SourceFile | undefined {
  const file = join(folder, relative);
  const result = readInside(folder, relative, largest);
  switch (result.kind) {
    case "content":
      return { file, bytes: result.bytes };
    case "missing":
      problems.push(
        wholeFile(file, "the file is missing", "make it; it may hold comments alone where there is nothing to say"),
      );
      return undefined;
    case "refused":
      problems.push(wholeFile(file, result.refusal.message, result.refusal.mend));
      return undefined;
  }
}
