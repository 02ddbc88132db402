/** Checks specifications given as text, for the tests of this room. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkApp, checkBaseImage, type Checked } from "../../spec/check";
import { crossReferences } from "../../spec/cross-references";
import type { App, BaseImage } from "../../spec";
import type { Problem } from "../../spec";

/** The application `orders` from a text, with its problems. */
export function app(text: string | Uint8Array, name = "orders"): Checked<App> {
  return checkApp({ file: `apps/${name}.yaml`, bytes: Buffer.from(text) }, name);
}

/** The base image `python-web` from a text, with its problems. */
export function baseImage(text: string, name = "python-web", requirements = "", bindep?: string): Checked<BaseImage> {
  const folder = `base-images/${name}`;
  return checkBaseImage({
    folder: name,
    specification: { file: `${folder}/base-image.yaml`, bytes: Buffer.from(text) },
    requirements: { file: `${folder}/requirements.in`, bytes: Buffer.from(requirements) },
    systemPackages: bindep === undefined ? undefined : { file: `${folder}/bindep.txt`, bytes: Buffer.from(bindep) },
  });
}

/** Problems between files alone. */
export function between(baseImages: readonly Checked<BaseImage>[], apps: readonly Checked<App>[]): readonly Problem[] {
  return crossReferences(baseImages, apps);
}

/** `path: message` of each problem. */
export function told(problems: readonly Problem[]): string[] {
  return problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
}

/** An application that says only what it must, and the given lines. */
export function minimal(...lines: readonly string[]): string {
  return ["name: orders", "baseImage: python-web", ...lines, ""].join("\n");
}

/** Runs with a new folder, and removes it. */
export function inFolder(run: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "wheelhouse-spec-"));
  try {
    run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
