/** `npm run render`: writes the committed files that are made from code; with `--pipelines-to`, the samples' pipelines. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import * as path from "node:path";
import { Command } from "commander";
import { sync as writeFileAtomic } from "write-file-atomic";
import type { RenderedFile } from "../spec";
import { referenceFolder } from "./docs/reference/markdown";
import { referencePages } from "./docs/reference";
import { committedFiles, root, samplePipelines } from "./rendered";

function write(folder: string, files: readonly RenderedFile[]): void {
  for (const file of files) {
    const target = path.join(folder, file.path);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileAtomic(target, file.content);
    process.stdout.write(`wrote ${target}\n`);
  }
}

/** Removes the pages of what is no longer there. */
function removeOthers(files: readonly RenderedFile[]): void {
  const kept = new Set(files.map((file) => file.path));
  for (const file of readdirSync(path.join(root, referenceFolder), { recursive: true, encoding: "utf8" })) {
    const page = path.join(referenceFolder, file);
    if (!page.endsWith(".md") || kept.has(page)) continue;
    rmSync(path.join(root, page));
    process.stdout.write(`removed ${path.join(root, page)}\n`);
  }
}

new Command("npm run render --")
  .description(
    "Writes the committed files that are made from code: the JSON Schemas, the platform's own pipeline, the reference.\n" +
      "Golden files of tests are updated by their tests: UPDATE_GOLDEN=1 npm test -- <file>.",
  )
  .option("--pipelines-to <folder>", "write the samples' pipelines there, templates expanded, and nothing else")
  .action(async ({ pipelinesTo }: { pipelinesTo?: string }) => {
    if (pipelinesTo !== undefined) {
      write(path.resolve(pipelinesTo), samplePipelines());
      return;
    }
    write(root, committedFiles());
    const reference = await referencePages();
    write(root, reference);
    removeOthers(reference);
  })
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  });
