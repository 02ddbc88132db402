/** `npm run bench`: the measurements that the documentation quotes, with the size of the machine beside them. */
import { writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { mostSamples } from "./builds/application";
import { benchBuilds, type BuildsOptions } from "./builds/bench";
import { chart, svg } from "./builds/plot";
import { bytes, table, targets, verdict, ways, type Agent, type Way } from "./builds/results";
import type { Figure } from "./figures";
import { benchPreview } from "./preview";
import { measureScan, scanTable } from "./scan";

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100)
    throw new InvalidArgumentError("a whole number from 1 to 100");
  return value;
}

function fewRuns(text: string): number {
  const value = wholeNumber(text);
  if (value > mostSamples) throw new InvalidArgumentError(`a whole number from 1 to ${mostSamples.toString()}`);
  return value;
}

function chosenWays(text: string): Way[] {
  const letters = text.split(",").map((letter) => letter.trim());
  const unknown = letters.filter((letter) => !(letter in ways));
  if (unknown.length > 0) throw new InvalidArgumentError(`there are ${Object.keys(ways).join(", ")}`);
  return letters as Way[];
}

function chosenAgents(text: string): Agent[] {
  const kinds = text.split(",").map((kind) => kind.trim());
  return kinds.map((kind) => {
    if (kind !== "fresh" && kind !== "warm") throw new InvalidArgumentError("there are fresh and warm");
    return kind;
  });
}

function row(name: string, { min, median, max }: Figure): string {
  return [name.padEnd(28), ...[min, median, max].map((value) => value.toFixed(2).padStart(8))].join("");
}

const machine = `${os.availableParallelism().toString()} cores, ${Math.round(os.totalmem() / 2 ** 30).toString()} GiB, node ${process.versions.node}`;
const write = (line: string): void => void process.stdout.write(`${line}\n`);

function writeJson(file: string | undefined, document: object): void {
  if (file === undefined) return;
  writeFileSync(path.resolve(file), `${JSON.stringify({ machine, ...document }, undefined, 2)}\n`);
}

async function preview({ runs, json }: { runs: number; json?: string }): Promise<void> {
  const measured = await benchPreview(runs, write);
  write(`\n${machine}; ${runs.toString()} runs of each`);
  write(["seconds".padEnd(28), ...["min", "median", "max"].map((head) => head.padStart(8))].join(""));
  for (const [name, figure] of Object.entries(measured.figures)) write(row(name, figure));
  write(row("20 over 1, pair by pair", measured.ratio));
  write(`transpiling the program is ${(measured.transpiling * 100).toFixed(0)} % of a preview with 20 applications`);
  writeJson(json, { runs, preview: measured });
}

async function builds(options: BuildsOptions & { json?: string; plot?: string }): Promise<void> {
  const measured = await benchBuilds(options, write);
  const { results, references, baseSeconds } = measured;
  const kind = options.compilers ? "" : "; no way installs a compiler first";
  const taken =
    options.runs === 1 ? "one run of each" : `of ${options.runs.toString()} runs of each the one in the middle`;
  write(`\n${machine}; ${taken}, in turn, on one machine; the registry and the feed are on it, too${kind}`);
  write(table(results));
  write(`\nThe base image's own run, once a day for all applications: ${baseSeconds.toFixed(0)} s.`);
  write(
    `A build of (g) that is all cache hits: ${references.cachedSeconds.toFixed(2)} s; its parts: ${bytes(references.partsBytes)}.`,
  );
  const judged =
    options.ways.length === Object.keys(ways).length && options.agents.includes("fresh")
      ? targets(results, references)
      : [];
  if (judged.length > 0) write(`\nTargets, on a fresh agent\n${judged.map(verdict).join("\n")}`);
  writeJson(options.json, { ...measured, targets: judged });
  if (options.plot !== undefined)
    writeFileSync(
      path.resolve(options.plot),
      await svg(chart(results, "fresh", `${machine}; ${taken}, in turn${kind}`)),
    );
}

const bench = new Command("npm run bench --").description(
  "Measures whole processes, side by side, in turn. These figures are in the documentation.",
);
bench
  .command("preview", { isDefault: true })
  .description("seconds of a preview with 1 application and with 20: least, median, greatest")
  .option("-n, --runs <number>", "runs of each that count, after one that does not", wholeNumber, 5)
  .option("--json <file>", "write every run there, too")
  .action(preview);
bench
  .command("builds")
  .description(
    "builds the sample orders in seven ways, five cases each, on fresh and on warm agents (about 20 minutes)",
  )
  .option(
    "--ways <letters>",
    `the ways to build, of ${Object.keys(ways).join(",")}`,
    chosenWays,
    Object.keys(ways) as Way[],
  )
  .option("--agents <kinds>", "fresh, warm, or both", chosenAgents, ["fresh", "warm"])
  .option("-n, --runs <number>", `runs of each but the first build, 1 to ${mostSamples.toString()}`, fewRuns, 1)
  .option("--no-compilers", "give today's ways an advantage: no compilers in the stage that installs")
  .option("--json <file>", "write every figure there, too")
  .option("--plot <file>", "draw the fresh agent's builds there, as SVG")
  .action(builds);
bench
  .command("scan")
  .description("bytes a second that a scan looks at, beside `zcat | wc -c` on the same layers")
  .option("-n, --runs <number>", "runs of each that count, after one that does not", wholeNumber, 5)
  .option("--json <file>", "write every run there, too")
  .action(async ({ runs, json }: { runs: number; json?: string }) => {
    const measured = await measureScan({ runs, write });
    write(`\n${machine}; ${runs.toString()} runs of each, in turn\n${scanTable(measured)}`);
    writeJson(json, { runs, scan: measured });
  });
bench.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
