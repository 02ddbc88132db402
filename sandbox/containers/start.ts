/** Starts a built image on this machine without Docker. */
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";

import { run } from "../process.mjs";
import type { ContainerOptions } from "./configuration";
import { runContainer, type Container } from "./container";
import { ContainerError } from "./errors";
import { containersFolder, makeRunFolder, removeRunFolder, sweep } from "./folders";
import { prepareLayers, pruneLayers, type Union } from "./layer-store";
import { findInLayout, unpackLayoutArchive, type FoundImage } from "./layout";
import { enterNamespace } from "./namespace";
import { findInRegistry, parseReference, type RegistryOptions } from "./registry";

export interface StartOptions extends ContainerOptions, RegistryOptions {
  /** Default: `containers` in the folder of the sandbox's tools. */
  readonly folder?: string;
  /** Default `overlay`, where the kernel has it for that folder, else `copy`. */
  readonly union?: Union;
  /** Of this process. Default: its own. Only `PATH` is handed on, so that `runc` is found. */
  readonly machineEnvironment?: NodeJS.ProcessEnv;
  /** Told what takes time. */
  readonly report?: (text: string) => void;
}

const LAYERS_FILE = "layers.json";

/**
 * Starts an image: a folder with an OCI layout, an archive of one, or a name in a registry, whose layers are fetched once.
 * It runs with the image's own user, command and variables, on this machine's network, with few rights.
 * @throws ContainerError where image or machine cannot do it; nothing is left behind then.
 */
export async function startContainer(image: string, options: StartOptions = {}): Promise<Container> {
  return startFound(options, async (run) => {
    if (!existsSync(image)) {
      const reference = parseReference(image);
      if (reference !== undefined) return findInRegistry(reference, options);
      throw new ContainerError(
        `${image} is no image that can be found`,
        "Give an OCI layout, an archive of one, or a name with the registry's host.",
      );
    }
    if (statSync(image).isDirectory()) return findInLayout(image, options);
    const layout = path.join(run, "layout");
    mkdirSync(layout);
    await unpackLayoutArchive(image, layout);
    return findInLayout(layout, options);
  });
}

/** The same for an image that `find` gets from anywhere; it may keep files in the folder that it is told. */
export async function startFound(
  options: StartOptions,
  find: (run: string) => Promise<FoundImage>,
): Promise<Container> {
  const environment = options.machineEnvironment ?? process.env;
  const report = options.report ?? (() => undefined);
  await needRunc(environment);
  const folder = options.folder ?? containersFolder(environment);
  sweep(folder);
  pruneLayers(folder, layersInUse(folder));
  const place = makeRunFolder(folder);
  const clear = () => removeRunFolder(place);
  process.once("exit", clear);
  const end = () => {
    process.removeListener("exit", clear);
    clear();
  };
  try {
    const found = await find(place);
    const union = options.union ?? (await unionFor(folder, place, environment));
    const layers = await prepareLayers(found, { folder, run: place, union, environment, report });
    writeFileSync(path.join(place, LAYERS_FILE), JSON.stringify(layers.names));
    return await runContainer(found, layers, { place, options, environment, end });
  } catch (error) {
    end();
    throw error;
  }
}

async function needRunc(environment: NodeJS.ProcessEnv): Promise<void> {
  const version = await run("runc", ["--version"], { env: environment, allowFailure: true, timeoutSeconds: 20 });
  if (version.code !== 0) {
    throw new ContainerError(
      "runc is not here, which runs containers",
      "Install it (Debian, Ubuntu: apt-get install runc).",
    );
  }
}

/** Layers can be joined by a mount unless their folder is such a mount itself, or the kernel has none. */
async function unionFor(folder: string, place: string, environment: NodeJS.ProcessEnv): Promise<Union> {
  const [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map((name) => {
    const probe = path.join(place, "probe", name);
    mkdirSync(probe, { recursive: true });
    return probe;
  }) as [string, string, string, string];
  const overlay = { lower: [path.relative(folder, lower)], layers: folder, upper, work, merged };
  try {
    await (
      await enterNamespace(["true"], overlay, environment)
    ).ended;
    return "overlay";
  } catch (error) {
    if (!(error instanceof ContainerError)) throw error;
    // Where it is not for the mount that it failed, this fails too and says why.
    await (
      await enterNamespace(["true"], undefined, environment)
    ).ended;
    return "copy";
  }
}

function layersInUse(folder: string): Set<string> {
  const runs = path.join(folder, "runs");
  if (!existsSync(runs)) return new Set();
  return new Set(
    readdirSync(runs).flatMap((name) => {
      const file = path.join(runs, name, LAYERS_FILE);
      return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as string[]) : [];
    }),
  );
}
