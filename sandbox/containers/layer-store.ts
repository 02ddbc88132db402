/** Keeps unpacked layers, so that the second image of the same base starts without unpacking it. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import * as path from "node:path";

import { run } from "../process.mjs";
import type { Layer } from "./image";
import type { FoundImage } from "./layout";
import { enterNamespace } from "./namespace";
import { applyLayer } from "./unpack";

/** How the layers of an image come together: as one mount, or copied where the kernel cannot. */
export type Union = "overlay" | "copy";

/** The folders of an image's layers. */
export interface Layers {
  readonly union: Union;
  /** Folder that holds them all. */
  readonly folder: string;
  /** Their names, the topmost first; a copy is one that holds everything. */
  readonly names: readonly string[];
}

interface Preparing {
  /** Folder of all containers. */
  readonly folder: string;
  /** Folder of this start, for what is not done yet. */
  readonly run: string;
  readonly union: Union;
  readonly environment: NodeJS.ProcessEnv;
  readonly report: (text: string) => void;
}

const DAYS_KEPT = 7;

/**
 * The name of a layer on those below it: what a layer removes depends on what is there.
 * @see https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
 */
export function chainNames(diffIds: readonly string[]): string[] {
  let chain = "";
  return diffIds.map((id) => {
    chain = chain === "" ? id : `sha256:${createHash("sha256").update(`${chain} ${id}`).digest("hex")}`;
    // Half of it is plenty to tell layers apart, and many names must fit into one mount.
    return chain.slice("sha256:".length, "sha256:".length + 32);
  });
}

/** Unpacks what is not there yet. Each layer is there as a whole or not at all. */
export async function prepareLayers(image: FoundImage, preparing: Preparing): Promise<Layers> {
  const { union, report } = preparing;
  const folder = path.join(preparing.folder, union === "overlay" ? "layers" : "copies");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const names = chainNames(image.layers.map((layer) => layer.diffId));
  let unpacked = 0;
  for (const [index, layer] of image.layers.entries()) {
    const name = names[index] ?? "";
    const kept = path.join(folder, name);
    if (existsSync(kept)) {
      const now = new Date();
      utimesSync(path.join(folder, `${name}.used`), now, now);
      continue;
    }
    if (unpacked++ === 0) report(`unpacking ${image.layers.length - index} of ${image.layers.length} layers`);
    const fresh = path.join(preparing.run, `layer-${index}`);
    const lower = names.slice(0, index).reverse();
    await (union === "overlay"
      ? unpackOnMount(image, layer, fresh, folder, lower, preparing)
      : unpackOnCopy(image, layer, fresh, folder, lower[0]));
    await keep(fresh, kept);
  }
  const topmostFirst = names.reverse();
  return { union, folder, names: union === "overlay" ? topmostFirst : topmostFirst.slice(0, 1) };
}

/** Another process may have been faster with the same layer: its one is as good. */
async function keep(fresh: string, kept: string): Promise<void> {
  await run("touch", [`${kept}.used`]);
  try {
    renameSync(fresh, kept);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The kernel itself keeps what a layer removes, as it is removed on a mount of the layers below. */
async function unpackOnMount(
  image: FoundImage,
  layer: Layer,
  fresh: string,
  folder: string,
  lower: readonly string[],
  { run: place, environment }: Preparing,
): Promise<void> {
  mkdirSync(fresh, { mode: 0o755 });
  if (lower.length === 0) {
    await applyLayer(await image.content(layer), fresh);
    return;
  }
  const work = `${fresh}-work`;
  const merged = path.join(place, "merged");
  for (const needed of [work, merged]) mkdirSync(needed, { recursive: true });
  const overlay = { lower, layers: folder, upper: fresh, work, merged };
  const holder = await enterNamespace(["sleep", "3600"], overlay, environment);
  try {
    // The mount is seen within the namespace only, and through the root folder of a process in it.
    await applyLayer(await image.content(layer), path.join("/proc", String(holder.pid), "root", merged));
  } finally {
    holder.signal("SIGKILL");
    await holder.ended;
    rmSync(work, { recursive: true, force: true });
  }
}

async function unpackOnCopy(
  image: FoundImage,
  layer: Layer,
  fresh: string,
  folder: string,
  below: string | undefined,
): Promise<void> {
  if (below === undefined) mkdirSync(fresh, { mode: 0o755 });
  else await copyTree(path.join(folder, below), fresh);
  await applyLayer(await image.content(layer), fresh);
}

/** A copy with owners, modes and links as they are; quick where the file system shares what is the same. */
export async function copyTree(from: string, to: string): Promise<void> {
  await run("cp", ["--archive", "--reflink=auto", "--no-target-directory", from, to], { timeoutSeconds: 600 });
}

/** Removes layers that nothing has used for a week; those of running containers are used since they started. */
export function pruneLayers(folder: string, inUse: ReadonlySet<string>, now = Date.now()): number {
  let removed = 0;
  for (const union of ["layers", "copies"]) {
    const place = path.join(folder, union);
    if (!existsSync(place)) continue;
    for (const mark of readdirSync(place).filter((name) => name.endsWith(".used"))) {
      const name = mark.slice(0, -".used".length);
      const used = statSync(path.join(place, mark)).mtimeMs;
      if (inUse.has(name) || now - used < DAYS_KEPT * 86_400_000) continue;
      rmSync(path.join(place, name), { recursive: true, force: true });
      rmSync(path.join(place, mark), { force: true });
      removed++;
    }
  }
  return removed;
}
