/** A platform's repository for tests of the commands for people: the samples' base images, and what a test adds. */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { root } from "../rendered";
import { LEAST, type Written } from "../spec/settings";
import { withFolder, type Files } from "./inspect/repository";

const copied = (...files: readonly string[]): Files =>
  Object.fromEntries(files.map((file) => [file, readFileSync(path.join(root, file), "utf8")]));

/** Two base images and the application orders; enough of a project to be found. */
export const platformFiles: Files = {
  ...copied(
    "Pulumi.yaml",
    "apps/orders.yaml",
    "base-images/python-web/base-image.yaml",
    "base-images/python-web/requirements.in",
    "base-images/python-data/base-image.yaml",
    "base-images/python-data/requirements.in",
    "base-images/python-data/bindep.txt",
  ),
};

/** Runs in a folder with a platform; an empty text takes a file out. */
export function withPlatform<Result>(more: Files, run: (folder: string) => Result | Promise<Result>): Promise<Result> {
  const files = Object.entries({ ...platformFiles, ...more }).filter(([, content]) => content !== "");
  return withFolder(Object.fromEntries(files), run, "platform");
}

/** A stack's configuration: the least that one needs, and more; `undefined` takes a key out. */
export function stackFile(more: Written = {}, others: Written = {}): string {
  const config = Object.entries({ ...LEAST, ...more })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]): [string, unknown] => [`wheelhouse:${key}`, value]);
  return stringify({ config: Object.fromEntries([...config, ...Object.entries(others)]) });
}
