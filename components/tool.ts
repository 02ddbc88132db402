/** The command line that pipelines run, as one file: made from its sources in each run of the program, so that it is never an old one. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { version } from "../package.json";

const root = join(__dirname, "..");

/** Seconds that making it may take; it takes one. */
const patience = 60;

/**
 * The text of `wheelhouse`, with its version and the hash of all below that line at its top. It is made in a process of its
 * own: packing it would hold up the declaration of everything else.
 * @param folder of the project, in which `tools/bundle.mjs` writes `tools/dist/wheelhouse.cjs`. Default: this one.
 * @throws pulumi.RunError where it cannot be made.
 */
export async function makeTool(folder = root): Promise<string> {
  try {
    await promisify(execFile)(process.execPath, [join(folder, "tools/bundle.mjs")], {
      cwd: folder,
      timeout: patience * 1000,
    });
    return labelled(await readFile(join(folder, "tools/dist/wheelhouse.cjs"), "utf8"));
  } catch (error) {
    throw new pulumi.RunError(
      `The command line that pipelines run, tools/wheelhouse.cjs, cannot be made: ${reason(error)}\n` +
        `  Run "npm ci" in ${folder}; then "npm run bundle" shows more.`,
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
