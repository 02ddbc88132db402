/** The command line that pipelines run, as one file: from its sources in a checkout, in each run of the program, and from the package as it was packed. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { version } from "../package.json";

/** Of the checkout, or of the package, where this file is one folder deeper, in `dist/components`. */
const root = existsSync(join(__dirname, "../tools/bundle.mjs")) ? join(__dirname, "..") : join(__dirname, "../..");

/** Seconds that making it may take; it takes one. */
const patience = 60;

/** In both, relative to the root. */
const bundle = "tools/dist/wheelhouse.cjs";

/**
 * The text of `wheelhouse`, with its version and the hash of all below that line at its top.
 *
 * In a checkout it is made from its sources, so that it is never an old one, in a process of its own: packing it would hold
 * up the declaration of everything else. The package has no sources of it and brings it along.
 * @param folder of the project, in which `tools/bundle.mjs` writes `tools/dist/wheelhouse.cjs`. Default: this one.
 * @throws pulumi.RunError where it can be neither made nor read.
 */
export async function makeTool(folder = root): Promise<string> {
  const isCheckout = existsSync(join(folder, "tools/bundle.mjs"));
  try {
    if (isCheckout) {
      await promisify(execFile)(process.execPath, [join(folder, "tools/bundle.mjs")], {
        cwd: folder,
        timeout: patience * 1000,
      });
    }
    return labelled(await readFile(join(folder, bundle), "utf8"));
  } catch (error) {
    throw new pulumi.RunError(
      isCheckout
        ? `The command line that pipelines run, tools/wheelhouse.cjs, cannot be made: ${reason(error)}\n` +
            `  Run "npm ci" in ${folder}; then "npm run bundle" shows more.`
        : `The command line that pipelines run, tools/wheelhouse.cjs, is not in the package: ${reason(error)}\n` +
            `  Install the package wheelhouse again; ${folder} should have ${bundle}.`,
    );
  }
}

/** With a comment after the line that makes it a program. */
export function labelled(text: string): string {
  const end = text.startsWith("#!") ? text.indexOf("\n") + 1 : 0;
  const program = text.slice(end);
  const hash = createHash("sha256").update(program).digest("hex");
  return `${text.slice(0, end)}// wheelhouse ${version}, sha256 ${hash} of what follows; made by Wheelhouse, not to be edited\n${program}`;
}

/** What a program that failed wrote last about it, else what is known of why it was not run. */
function reason(error: unknown): string {
  const written: unknown = error instanceof Error ? Reflect.get(error, "stderr") : undefined;
  const lines = typeof written === "string" ? written.split("\n") : [];
  const told =
    lines.find((line) => /^(\w*Error|✘ \[ERROR\])/.test(line.trim())) ?? lines.find((line) => line.trim() !== "");
  return told?.trim() ?? (error instanceof Error ? error.message : String(error));
}
