/** The table of programs that the sandbox runs: which versions fit and where each can be had. To add one, add an entry. */
// @ts-check
import { chromium } from "./browser-tools.mjs";
import { buildkit, buildx, debootstrap, devpi, pigz, python, registry, runc, uv, zstd } from "./build-tools.mjs";
import { git, go, pulumi } from "./engine-tools.mjs";

/** @typedef {import("./tool.mjs").Tool} Tool */
/** @typedef {import("./tool.mjs").Source} Source */
/** @typedef {import("./tool.mjs").Group} Group */
/** @typedef {import("./tool.mjs").OnPath} OnPath */
/** @typedef {import("./tool.mjs").ArchiveSource} ArchiveSource */
/** @typedef {import("./tool.mjs").GoProgram} GoProgram */
/** @typedef {import("./tool.mjs").GoFiles} GoFiles */
/** @typedef {import("./tool.mjs").GoSource} GoSource */
/** @typedef {import("./tool.mjs").DebianSource} DebianSource */
/** @typedef {import("./tool.mjs").DebianFilesSource} DebianFilesSource */
/** @typedef {import("./tool.mjs").WheelSource} WheelSource */
/** @typedef {import("./tool.mjs").LockedSource} LockedSource */

export { buildkit, buildx, chromium, debootstrap, devpi, git, go, pigz, pulumi, python, registry, runc, uv, zstd };

/** All that the sandbox needs, what is quick to find missing first, and what makes another one before that. */
export const tools = /** @type {readonly Tool[]} */ ([
  git,
  pulumi,
  python,
  runc,
  registry,
  pigz,
  zstd,
  debootstrap,
  uv,
  devpi,
  buildkit,
  buildx,
  chromium,
]);
