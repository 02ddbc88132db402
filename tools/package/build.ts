/** Builds a project's wheel on this machine, and lays it out as it will lie in the image. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import type { CommandContext } from "../context";
import { OutsideError, UsageError } from "../errors";
import { uvWords } from "../resolve/compile";
import { checkScripts } from "../resolve/project";
import { machinePython, runUv, uvOptions, type PackageSource } from "../uv";
import { readArchive } from "./archive";
import { layOut } from "./layout";
import { readWheel, type Wheel } from "./wheel";
import { fileTime, writeFiles } from "./write";

export interface PackageRequest {
  readonly application: string;
  /** Absolute folder of the project; it is not written to. */
  readonly source: string;
  /** `major.minor` of the image. */
  readonly python: string;
  /** Console scripts that the images run. */
  readonly scripts: readonly string[];
  /** Of this run; for projects whose version comes from git, which is not in the source. */
  readonly version: string;
  readonly packages: PackageSource;
}

/** Laid out below `folder`; or why that cannot be done here and is left to the builder. */
export type Packaged =
  | { readonly kind: "laid-out"; readonly folder: string; readonly wheel: Wheel }
  | { readonly kind: "left-to-builder"; readonly reason: string };

/**
 * @param folder a temporary one.
 * @throws UsageError for a project that cannot be built, or lacks a script; OutsideError for what the feed refused.
 */
export async function packageProject(
  request: PackageRequest,
  context: CommandContext,
  folder: string,
): Promise<Packaged> {
  // Build backends write into the source.
  const copy = path.join(folder, "source");
  cpSync(request.source, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => path.basename(file) !== ".git",
  });
  const output = path.join(folder, "wheel");
  mkdirSync(output);
  const args = ["build", "--wheel", `--out-dir=${output}`, ...uvOptions(request.packages)];
  const surroundings = { ...context, environment: { ...context.environment, ...versionVariables(request.version) } };
  const build = (python: readonly string[]) =>
    runUv([...args, ...python, copy], request.packages, surroundings, folder, copy);
  let result = await build(machinePython(context.environment));
  if (result.code !== 0 && otherPython.test(result.errors)) result = await build([]);
  if (result.code !== 0) {
    if (otherPython.test(result.errors)) {
      return { kind: "left-to-builder", reason: "this machine has no Python that the project can be built with" };
    }
    throw buildError(result.errors, request.application, copy);
  }
  const name = readdirSync(output).find((file) => file.endsWith(".whl"));
  if (name === undefined) throw new OutsideError("uv built no wheel", uvWords(result.errors).join("\n"));
  const wheel = readWheel(readArchive(readFileSync(path.join(output, name))), name, request.python);
  if (!wheel.pure) return { kind: "left-to-builder", reason: `${name} is made for one platform` };
  checkScripts(request.scripts, scriptsOf(wheel), request.application, "pyproject.toml");
  const laidOut = path.join(folder, "application");
  mkdirSync(laidOut);
  writeFiles(laidOut, layOut(wheel, request.python));
  return { kind: "laid-out", folder: laidOut, wheel };
}

/** What uv says where the project is not for a Python of this machine, or that Python does not run. */
const otherPython =
  /No interpreter found|Failed to inspect Python|incompatible with the project|requires-python|Requires-Python/;

/** Entry points, and scripts that the wheel has as files. */
function scriptsOf({ consoleScripts, files, stem }: Wheel): string[] {
  const folder = `${stem}.data/scripts/`;
  const asFiles = files.flatMap(({ path: file }) => (file.startsWith(folder) ? [file.slice(folder.length)] : []));
  return [...consoleScripts.map(({ name }) => name), ...asFiles];
}

/** What pbr and setuptools-scm take for the version where there is no git folder to tell it. */
function versionVariables(version: string): NodeJS.ProcessEnv {
  const known = /^\d+(\.\d+)*([.+-]?[a-z]+\d*)*$/i.test(version)
    ? version
    : `0+${version.replace(/[^A-Za-z0-9]+/g, ".").replace(/^\.+|\.+$/g, "") || "unknown"}`;
  return { PBR_VERSION: known, SETUPTOOLS_SCM_PRETEND_VERSION: known, SOURCE_DATE_EPOCH: String(fileTime) };
}

function buildError(errors: string, application: string, copy: string): Error {
  const words = uvWords(errors).map((line) => line.replaceAll(copy, "."));
  if (!existsSync(path.join(copy, "pyproject.toml")) && !existsSync(path.join(copy, "setup.py"))) {
    return new UsageError(
      `${application} has console scripts, but its source has neither pyproject.toml nor setup.py`,
      `add a pyproject.toml with [project.scripts], or take scripts out of apps/${application}.yaml`,
    );
  }
  return new UsageError(`the wheel of ${application} cannot be built`, words.join("\n"));
}
