/** Makes the one file that agents run: `wheelhouse` with all that it needs, for node without an install. */
// @ts-check
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Where `npm run bundle` puts it. */
export const bundleFile = path.join(root, "tools", "dist", "wheelhouse.cjs");

/**
 * zod hands itself out as one object, of which nothing can be left out: not its error messages in fifty languages either.
 * As a namespace it is bundled as far as it is used.
 * @type {import("esbuild").Plugin}
 */
const zodInParts = {
  name: "zod-in-parts",
  setup(bundling) {
    bundling.onLoad({ filter: /\.ts$/ }, (file) => {
      const text = readFileSync(file.path, "utf8");
      return { contents: text.replace('import { z } from "zod";', 'import * as z from "zod";'), loader: "ts" };
    });
  },
};

/**
 * Agents need no command for people: those would make the file that each job fetches half as large again.
 * @type {import("esbuild").Plugin}
 */
const withoutPeople = {
  name: "without-people",
  setup(bundling) {
    const elsewhere = path.join(root, "tools", "people-elsewhere.ts");
    bundling.onResolve({ filter: /^\.\/people$/ }, () => ({ path: elsewhere }));
  },
};

/**
 * Bundles `tools/main.ts` and writes it whole or not at all.
 * @param {string} [target] Default: {@link bundleFile}.
 * @returns {Promise<{ bytes: number, minified: number, inputs: { path: string, bytes: number }[] }>} its size packed and not, and the share of each package or room,
 * the largest first.
 */
export async function makeBundle(target = bundleFile) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["tools/main.ts"],
    outfile: "wheelhouse.cjs",
    write: false,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    legalComments: "none",
    metafile: true,
    logLevel: "silent",
    plugins: [zodInParts, withoutPeople],
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error("esbuild made no file");
  mkdirSync(path.dirname(target), { recursive: true });
  const part = `${target}.${process.pid}.part`;
  const program = packed(file.contents);
  writeFileSync(part, program);
  chmodSync(part, 0o755);
  renameSync(part, target);
  return {
    bytes: program.length,
    minified: file.contents.length,
    inputs: shares(Object.values(result.metafile.outputs)[0]?.inputs ?? {}),
  };
}

/** Below the best, which is 11: the file is 8 % larger and made 17 times faster, and each run of the platform's program makes it. */
const quality = 9;

/**
 * A program that unpacks itself: agents fetch it in each job, and what they fetch is less than half of what it is.
 * @param {Uint8Array} program
 */
function packed(program) {
  const options = {
    params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: program.length },
  };
  const text = brotliCompressSync(program, options).toString("base64");
  return [
    "#!/usr/bin/env node",
    `"use strict";const t=require("node:zlib").brotliDecompressSync(Buffer.from("${text}","base64")).toString();`,
    'require("node:vm").compileFunction(t,["exports","require","module","__filename","__dirname"],{filename:__filename})' +
      "(exports,require,module,__filename,__dirname);",
    "",
  ].join("\n");
}

/** @param {Record<string, { bytesInOutput: number }>} inputs */
function shares(inputs) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
    const owner = name ?? path.dirname(file);
    sums.set(owner, (sums.get(owner) ?? 0) + bytesInOutput);
  }
  return [...sums].map(([owner, bytes]) => ({ path: owner, bytes })).sort((left, right) => right.bytes - left.bytes);
}

async function main() {
  const { bytes, minified, inputs } = await makeBundle();
  const size = `${Math.ceil(bytes / 1000)} kB (unpacked ${Math.ceil(minified / 1000)} kB)`;
  console.log(`${path.relative(process.cwd(), bundleFile)}  ${size}`);
  for (const input of inputs.slice(0, 10)) {
    console.log(`  ${String(Math.ceil(input.bytes / 1000)).padStart(4)} kB  ${input.path}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) void main();
