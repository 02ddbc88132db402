/** Builds a tool's programs from Go modules, with the module proxy and flags that the machine has set. */
// @ts-check
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { run } from "../process.mjs";
import { lockedEnvironment } from "../lock.mjs";

/** @typedef {import("./tools.mjs").Tool} Tool */
/** @typedef {import("./tools.mjs").GoProgram} GoProgram */
/** @typedef {import("./tools.mjs").GoFiles} GoFiles */
/** @typedef {import("./make.mjs").Making} Making */

/**
 * @param {GoProgram} part
 * @param {string} go
 * @param {NodeJS.ProcessEnv} env
 * @param {string} minimum
 * @param {Making} making
 */
async function buildProgram(part, go, env, minimum, { folder, report }) {
  const module = join(folder, `module-${part.program}`);
  mkdirSync(module, { recursive: true });
  writeFileSync(join(module, "go.mod"), `module wheelhouse/toolchain\n\ngo ${minimum}\n`);
  let fetched = 0;
  let compiled = 0;
  await run(go, ["get", `${part.package}@v${part.version}`], {
    cwd: module,
    env,
    onLine: (line) => {
      if (!line.startsWith("go: downloading")) return;
      fetched += 1;
      report(`building ${part.program} with Go, ${fetched} modules fetched`);
    },
  });
  const output = join(folder, "bin", part.program);
  // Without symbol tables: nobody debugs these programs here, and linking takes less long.
  const flags = `-s -w -X ${part.versionVariable}=v${part.version}`;
  await run(go, ["build", "-v", "-trimpath", "-ldflags", flags, "-o", output, part.package], {
    cwd: module,
    env,
    onLine: () => {
      compiled += 1;
      report(`building ${part.program} with Go, ${compiled} packages compiled`);
    },
  });
  rmSync(module, { recursive: true });
}

/**
 * @param {GoFiles} part
 * @param {string} go
 * @param {NodeJS.ProcessEnv} env
 * @param {Making} making
 */
async function copyFiles(part, go, env, { folder, report }) {
  report(`fetching ${part.module} ${part.version} with Go`);
  const said = await run(go, ["mod", "download", "-json", `${part.module}@v${part.version}`], { cwd: folder, env });
  const module = /** @type {{ Dir?: string }} */ (JSON.parse(said.output)).Dir;
  if (module === undefined) throw new Error(`go mod download told no folder for ${part.module} ${part.version}`);
  for (const file of part.files) {
    if (!existsSync(join(module, file))) throw new Error(`${part.module} ${part.version} has no ${file}`);
    const copy = join(folder, "bin", basename(file));
    copyFileSync(join(module, file), copy);
    // The module cache keeps its files read-only and without the executable bit.
    chmodSync(copy, 0o755);
  }
}

/**
 * @param {Tool} tool
 * @param {import("./tools.mjs").GoSource} source
 * @param {Making} making
 * @returns {Promise<import("./make.mjs").Made | import("./path.mjs").Refused>}
 */
export async function fromGo(tool, source, making) {
  const found = await making.builder(source.minimum);
  if ("refused" in found) return { refused: `it cannot be built: ${found.refused}` };
  const go = join(found.folder, "go");
  const env = {
    ...lockedEnvironment(making.lock, making.environment),
    // The programs need no C library, so neither is a C compiler needed; a workspace around the folder is not meant.
    CGO_ENABLED: "0",
    GOWORK: "off",
  };
  mkdirSync(join(making.folder, "bin"), { recursive: true });
  try {
    for (const part of source.parts) {
      if (part.kind === "program") await buildProgram(part, go, env, source.minimum, making);
      else await copyFiles(part, go, env, making);
    }
  } catch (error) {
    return { refused: `building with Go failed: ${/** @type {Error} */ (error).message}` };
  }
  return { how: "built", version: tool.version, bin: "bin" };
}
