/** Runs `wheelhouse` as people do: a process of its own, from the launcher, with no terminal. */
import { spawn } from "node:child_process";
import * as path from "node:path";
import { root } from "../rendered";
import type { Ran } from "./command-line";

export const launcher = path.join(root, "tools", "launch.cjs");

/** @param nodeOptions before the launcher, such as `--require file`. */
export function launched(
  args: readonly string[],
  workingFolder: string,
  nodeOptions: readonly string[] = [],
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeOptions, launcher, ...args], {
      cwd: workingFolder,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 60_000,
    });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, output, errors }));
  });
}
