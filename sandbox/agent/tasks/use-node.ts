/**
 * NodeTool@0 and its successor UseNode@1: put a version of Node.js first on the path; here only the one that the agent's machine has
 * (the tasks' sources, versions 0.224 and 1.220).
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import type { Result } from "../model";
import type { Inputs, Task, TaskHost, TaskInput } from "./task";

type Version = readonly [major: number, minor: number, patch: number];

function parts(text: string): readonly (number | undefined)[] {
  return text.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : undefined));
}

function isAtLeast(version: Version, wanted: readonly (number | undefined)[]): boolean {
  for (const [index, part] of version.entries()) {
    const least = wanted[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

/** @returns undefined for a form that is not judged here */
function satisfies(version: Version, spec: string): boolean | undefined {
  const [, operator, digits] = /^(>=)?\s*v?(\d+(?:\.(?:\d+|x)){0,2})$/.exec(spec) ?? [];
  if (digits === undefined) return undefined;
  const wanted = parts(digits);
  return operator === ">="
    ? isAtLeast(version, wanted)
    : wanted.every((part, index) => part === undefined || part === version[index]);
}

function use(spec: string, failure: string, host: TaskHost): Result {
  const [major = 0, minor = 0, patch = 0] = process.versions.node.split(".").map(Number);
  const fits = satisfies([major, minor, patch], spec);
  if (fits !== true) {
    const mend =
      fits === undefined
        ? "the sandbox's agent understands versions like 20, 20.x, 20.19.0 and >=20.19"
        : `the sandbox's agent has ${process.versions.node} and downloads none`;
    host.error(
      `Unable to find Node version '${spec}' for platform ${process.platform} and architecture ${process.arch}.`,
    );
    host.error(`${failure} install failed: ${mend}`);
    return "failed";
  }
  host.line(`Found tool in cache: node ${process.versions.node} ${process.arch}`);
  host.prependPath(dirname(process.execPath));
  return "succeeded";
}

/** What both have, and neither does here. */
const common: readonly TaskInput[] = [
  { name: "checkLatest", notHere: "it would have to download" },
  { name: "force32bit", notHere: "there is one Node.js on this machine" },
  { name: "retryCountOnDownloadFails" },
  { name: "delayBetweenRetries" },
];

export const useNode: Task = {
  name: "UseNode@1",
  inputs: [{ name: "version", default: "10.x" }, ...common],
  run: (host, inputs) => Promise.resolve(use(inputs.get("version") ?? "", "Node", host)),
};

export const nodeTool: Task = {
  name: "NodeTool@0",
  inputs: [
    { name: "versionSource", default: "spec" },
    { name: "versionSpec", default: "6.x" },
    { name: "versionFilePath" },
    { name: "nodejsMirror", notHere: "nothing is downloaded" },
    ...common,
  ],
  run: (host, inputs) => Promise.resolve().then(() => use(specOf(host, inputs), "Tool", host)),
};

/** Of a `.nvmrc`, the first line. */
function specOf(host: TaskHost, inputs: Inputs): string {
  const source = inputs.get("versionSource") ?? "";
  if (source === "spec") return inputs.get("versionSpec") ?? "";
  if (source !== "fromFile") throw new Error(`versionSource is spec or fromFile, and not ${source}`);
  const file = resolve(host.defaultFolder, inputs.get("versionFilePath") ?? "");
  return (readFileSync(file, "utf8").split("\n")[0] ?? "").trim();
}
