/** Makes what the npm package holds beside its plain files: `dist/`, and the command line in one file. */
// @ts-check
import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleFile, makeBundle } from "../tools/bundle.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

/** The package that is compiled into this one where it is a folder of the checkout: see docs/decisions.md. */
const localPackage = "@pulumi/azuredevops";

/** Where the rooms start that run and that no program imports. */
const programs = ["tools/main.ts", "provider/main.ts"];

/**
 * Compiles the library, the command line and the component provider into a folder, whole or not at all. Nothing is checked
 * here: `npm run types` does that.
 * @param {string} [target] Default: `dist` of the checkout.
 */
export async function compile(target = path.join(root, "dist")) {
  const part = `${target}.${process.pid}.part`;
  try {
    const compiler = require.resolve("typescript/bin/tsc");
    execFileSync(process.execPath, [compiler, "--project", "tsconfig.build.json", "--outDir", part], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const local = realpathSync(path.join(root, "node_modules", localPackage));
    const inside = path.relative(root, local);
    if (inside.startsWith(`sdks${path.sep}`)) {
      pointTo(part, path.join(part, inside));
      reduceManifest(path.join(part, inside, "package.json"), ["name", "version", "license", "type", "pulumi"]);
    } else {
      rmSync(path.join(part, "sdks"), { recursive: true, force: true });
    }
    reduceManifest(path.join(part, "package.json"), ["name", "version", "type"]);
    await compilePrograms(part);
    rmSync(target, { recursive: true, force: true });
    renameSync(part, target);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/**
 * Makes every import of the local package one of its compiled folder, by path.
 * @param {string} folder
 * @param {string} compiled
 */
function pointTo(folder, compiled) {
  const specifier = new RegExp(`(?<=\\b(?:require\\(|import\\(|from )")${localPackage}(?=")`, "g");
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!/\.(?:js|d\.ts)$/.test(file)) continue;
    const from = path.join(folder, file);
    const text = readFileSync(from, "utf8");
    const relative = path.relative(path.dirname(from), path.join(compiled, "index")).split(path.sep).join("/");
    const changed = text.replaceAll(specifier, relative.startsWith(".") ? relative : `./${relative}`);
    if (changed !== text) writeFileSync(from, changed);
  }
}

/**
 * Compiles what the programs are made of beside the library. Nobody needs declarations of it, which take the compiler as long
 * as those of the library.
 * @param {string} folder
 */
async function compilePrograms(folder) {
  /** @type {import("esbuild").BuildOptions} */
  const options = { absWorkingDir: root, outdir: folder, outbase: root, platform: "node", format: "cjs" };
  const { metafile } = await build({
    ...options,
    entryPoints: programs,
    bundle: true,
    packages: "external",
    metafile: true,
    write: false,
  });
  const rooms = programs.map((program) => `${path.posix.dirname(program)}/`);
  const files = Object.keys(metafile.inputs).filter((file) => rooms.some((room) => file.startsWith(room)));
  const sources = files.filter((file) => file.endsWith(".ts"));
  await build({ ...options, entryPoints: sources, target: "node20", sourcemap: true, sourcesContent: true });
  for (const file of files.filter((file) => file.endsWith(".json"))) {
    copyFileSync(path.join(root, file), path.join(folder, file));
  }
}

/**
 * The compiler copies manifests, since their version is imported. What speaks of the checkout has no place in the package.
 * @param {string} file
 * @param {readonly string[]} kept
 */
function reduceManifest(file, kept) {
  /** @type {Record<string, unknown>} */
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  const reduced = Object.fromEntries(kept.flatMap((key) => (key in manifest ? [[key, manifest[key]]] : [])));
  writeFileSync(file, `${JSON.stringify(reduced, undefined, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // On standard error: `npm pack --json` has the standard output for itself.
  console.error("compiling, and packing the command line …");
  await compile();
  const { bytes } = await makeBundle();
  console.error(`dist/ and ${path.relative(root, bundleFile)} (${Math.ceil(bytes / 1000)} kB)`);
}
