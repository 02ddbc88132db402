/** `npm run render`: writes the committed files that are rendered from code; with `--pipelines-to`, the samples' pipelines. */
import { mkdirSync } from "node:fs";
import * as path from "node:path";
import { Command } from "commander";
import { sync as writeFileAtomic } from "write-file-atomic";
import type { RenderedFile } from "../spec";
import { committedFiles, root, samplePipelines } from "./rendered";

function write(folder: string, files: readonly RenderedFile[]): void {
  for (const file of files) {
    const target = path.join(folder, file.path);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileAtomic(target, file.content);
    process.stdout.write(`wrote ${target}\n`);
  }
}

new Command("npm run render --")
  .description(
    "Writes the committed files that are rendered from code: the JSON Schemas and the platform's own pipeline.\n" +
      "Golden files of tests are updated by their tests: UPDATE_GOLDEN=1 npm test -- <file>.",
  )
  .option("--pipelines-to <folder>", "write the samples' pipelines there, templates expanded, and nothing else")
  .action(({ pipelinesTo }: { pipelinesTo?: string }) => {
    if (pipelinesTo === undefined) write(root, committedFiles());
    else write(path.resolve(pipelinesTo), samplePipelines());
  })
  .parse();
