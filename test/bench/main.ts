/** `npm run bench`: the measurements that the documentation quotes, with the size of the machine beside them. */
import { writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import type { Figure } from "./figures";
import { benchPreview } from "./preview";

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100)
    throw new InvalidArgumentError("a whole number from 1 to 100");
  return value;
}

function row(name: string, { min, median, max }: Figure): string {
  return [name.padEnd(28), ...[min, median, max].map((value) => value.toFixed(2).padStart(8))].join("");
}

const machine = `${os.availableParallelism().toString()} cores, ${Math.round(os.totalmem() / 2 ** 30).toString()} GiB, node ${process.versions.node}`;
const write = (line: string): void => void process.stdout.write(`${line}\n`);

new Command("npm run bench --")
  .description("Measures whole processes, in turn, and prints seconds: least, median, greatest.")
  .option("-n, --runs <number>", "runs of each that count, after one that does not", wholeNumber, 5)
  .option("--json <file>", "write every run there, too")
  .action(async ({ runs, json }: { runs: number; json?: string }) => {
    const preview = await benchPreview(runs, write);
    write(`\n${machine}; ${runs.toString()} runs of each`);
    write(["seconds".padEnd(28), ...["min", "median", "max"].map((head) => head.padStart(8))].join(""));
    for (const [name, figure] of Object.entries(preview.figures)) write(row(name, figure));
    write(row("20 over 1, pair by pair", preview.ratio));
    write(`transpiling the program is ${(preview.transpiling * 100).toFixed(0)} % of a preview with 20 applications`);
    if (json !== undefined)
      writeFileSync(path.resolve(json), `${JSON.stringify({ machine, runs, preview }, undefined, 2)}\n`);
  })
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
