/** Holds rendered files against golden ones, which change only when that is asked for and never in continuous integration. */
import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RenderedFile } from "../../spec";

/** Set to 1 to write what is rendered into the golden files: then read the diff. */
const updateVariable = "UPDATE_GOLDEN";

function updating(): boolean {
  if (process.env[updateVariable] !== "1") return false;
  // CI is set by most services, TF_BUILD by Azure Pipelines.
  if (process.env.CI !== undefined || process.env.TF_BUILD !== undefined) {
    throw new Error(
      `${updateVariable} is refused in continuous integration: update on your machine and commit the diff.`,
    );
  }
  return true;
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Fails unless `folder` holds exactly these files with exactly these texts. */
export function matchesGolden(folder: string, files: readonly RenderedFile[]): void {
  if (updating()) {
    rmSync(folder, { recursive: true, force: true });
    for (const { path, content } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  }
  const howTo = `Is the change meant? Then run the test with ${updateVariable}=1 and read the diff.`;
  assert.deepEqual(files.map(({ path }) => path).sort(), filesBelow(folder), `other files than in ${folder}. ${howTo}`);
  for (const { path, content } of files) {
    const golden = readFileSync(join(folder, path), "utf8");
    if (content !== golden)
      assert.equal(content, golden, `${path} differs from ${folder}. ${howTo}\n${firstDifference(content, golden)}`);
  }
}

function firstDifference(rendered: string, golden: string): string {
  const [now, before] = [rendered.split("\n"), golden.split("\n")];
  const line = now.findIndex((text, index) => text !== before[index]);
  const at = line === -1 ? now.length : line;
  return `line ${at + 1}\n  golden:   ${before[at] ?? "(end)"}\n  rendered: ${now[at] ?? "(end)"}`;
}
