/** `wheelhouse summary`: what the other commands left of a run, as one page for people. */
import { renameSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type Command } from "commander";
import type { CommandContext } from "../context";
import { existingFolder } from "../recipe";
import { markdown } from "./markdown";
import { readRun } from "./run";

interface SummaryOptions {
  readonly report: string;
  readonly title: string;
  readonly output?: string;
}

const examples = `
Examples:
  wheelhouse resolve … --output report/locks
  wheelhouse bake … --locks report/locks --metadata report/bake.json
  wheelhouse summary --report report --title "orders 20260131.1" --output summary.md

The folder may hold locks/locks.json, compare.json and bake.json; what is missing, the run did not come to.
Exit codes: 0 fine, 2 wrong usage or a file that is none of these.`;

export function addSummaryCommand(program: Command, context: CommandContext): void {
  program
    .command("summary")
    .summary("write what a run made as a page of Markdown")
    .description("Writes images, digests, sizes, locks and what was new of one run as Markdown.")
    .requiredOption("--report <folder>", "what resolve, compare and bake wrote")
    .requiredOption("--title <text>", "heading, such as the name and number of the run")
    .option("--output <file>", "where it is written (default: standard output)")
    .addHelpText("after", examples)
    .action((options: SummaryOptions) => {
      const at = (file: string) => path.resolve(context.workingFolder, file);
      const text = markdown(options.title, readRun(existingFolder("--report", at(options.report))));
      if (options.output !== undefined) {
        const part = `${at(options.output)}.${process.pid}.part`;
        writeFileSync(part, text);
        renameSync(part, at(options.output));
      }
      context.json({ markdown: text });
      if (options.output === undefined) context.out(text);
    });
}
