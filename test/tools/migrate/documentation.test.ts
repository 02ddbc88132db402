/** Holds what docs/migration.md shows and says against what the command does. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setUpNames } from "./set-up";

const page = readFileSync(join(__dirname, "../../../docs/migration.md"), "utf8");
const outputs = setUpNames.map((name) => readFileSync(join(__dirname, "golden", name, "proposal.txt"), "utf8"));

describe("the page on migration", () => {
  it("shows output that the command gives", () => {
    const shown = Array.from(page.matchAll(/^```text\n([\s\S]*?)^```$/gm), ([, text = ""]) => text);
    assert.ok(shown.length > 0);
    for (const text of shown)
      assert.ok(
        outputs.some((output) => output.includes(text)),
        text,
      );
  });

  it("has each set-up of the tests, by its output", () => {
    const missing = setUpNames.filter((name) => !page.includes(`(../test/tools/migrate/golden/${name}/proposal.txt)`));
    assert.deepEqual(missing, []);
  });

  it("says how many are built for real", () => {
    const test = readFileSync(join(__dirname, "whole/migrated.test.ts"), "utf8");
    assert.equal(test.match(/ by: "(?:own|recipe)", says: /g)?.length, 7);
    assert.ok(page.includes("Seven are migrated, built, started"));
  });

  it("quotes the headings of the output", () => {
    for (const heading of [
      "Left for you",
      "Taken for granted",
      "Credentials that are written out",
      "packages came from ",
    ]) {
      assert.ok(page.includes(heading.trim()), heading);
      assert.ok(
        outputs.some((output) => output.includes(heading)),
        heading,
      );
    }
  });
});
