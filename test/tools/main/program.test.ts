/** Tests the command line as a whole: its help, its version, and how a run of it ends. */
import { strict as assert } from "node:assert";
import * as path from "node:path";
import { version } from "../../../package.json";
import { matchesGolden } from "../../recipes/golden";
import { wheelhouse } from "../command-line";

const commands = ["resolve", "bake", "scan", "lint", "check", "new app", "new base-image"];

describe("wheelhouse", () => {
  it("has help with examples for every command, as the golden files show it", async () => {
    const files = [];
    for (const command of ["", ...commands]) {
      const ran = await wheelhouse([...command.split(" ").filter((word) => word !== ""), "--help"]);
      assert.equal(ran.code, 0);
      assert.equal(ran.errors, "");
      assert.ok(
        ran.output.split("\n").every((line) => line.length <= 130),
        command,
      );
      files.push({ path: `${command === "" ? "wheelhouse" : command.replace(" ", "-")}.txt`, content: ran.output });
    }
    matchesGolden(path.join(__dirname, "../golden/help"), files);
  });

  it("gives every command --json and --quiet, examples and its exit codes", async () => {
    for (const command of commands) {
      const { output } = await wheelhouse([...command.split(" "), "--help"]);
      for (const text of ["--json", "--quiet", "Examples:", "Exit codes:"]) {
        assert.ok(output.includes(text), `${command}: ${text}`);
      }
    }
  });

  it("shows the help of a command by its name", async () => {
    for (const command of ["lint", "check"]) {
      const { output } = await wheelhouse(["help", command]);
      assert.match(output, new RegExp(`^Usage: wheelhouse ${command} `));
    }
  });

  it("loads what a command for people needs, and nothing for the others", async () => {
    const ran = await wheelhouse(["check", "--help"]);
    assert.equal(ran.code, 0);
    // One that is misspelt is told with all of them at hand.
    for (const [misspelt, meant] of [
      ["chek", "check"],
      ["migrat", "migrate"],
      ["lnt", "lint"],
    ] as const) {
      assert.match((await wheelhouse([misspelt])).errors, new RegExp(`Did you mean ${meant}\\?`));
    }
  });

  it("shows its version", async () => {
    assert.deepEqual(await wheelhouse(["--version"]), { code: 0, output: `${version}\n`, errors: "" });
  });

  it("ends with 2 for wrong usage, and names what was meant", async () => {
    for (const [args, message] of [
      [["resolv"], /unknown command 'resolv'\n\(Did you mean resolve\?\)/],
      [["scan", "--foldr", "x"], /unknown option '--foldr'\n\(Did you mean --folder\?\)/],
      [["resolve"], /required option '--recipe <folder>' not specified/],
      [["bake", "--tag"], /option '--tag <tag>' argument missing/],
    ] as const) {
      const ran = await wheelhouse(args);
      assert.equal(ran.code, 2);
      assert.equal(ran.output, "");
      assert.match(ran.errors, message);
    }
  });

  it("shows its help where nothing is asked of it", async () => {
    const ran = await wheelhouse([]);
    assert.equal(ran.code, 2);
    assert.match(ran.errors, /Usage: wheelhouse/);
  });

  it("writes an error as the one JSON document where JSON is asked for", async () => {
    const args = ["resolve", "--recipe", "/nowhere", "--index-url", "x", "--netrc", "x", "--output", "x"];
    const ran = await wheelhouse([...args, "--json", "--quiet"]);
    assert.equal(ran.code, 2);
    const { error } = JSON.parse(ran.output) as { error: { kind: string; message: string; mend: string } };
    assert.equal(error.kind, "UsageError");
    assert.match(error.message, /there is no recipe in \/nowhere/);
    assert.equal(ran.errors, `wheelhouse: ${error.message}\n  ${error.mend}\n`);
  });

  it("ends with 130 and few words when it was interrupted", async () => {
    const args = ["resolve", "--recipe", "/nowhere", "--index-url", "x", "--netrc", "x", "--output", "x"];
    const ran = await wheelhouse(args, { signal: AbortSignal.abort() });
    assert.deepEqual([ran.code, ran.errors], [130, "wheelhouse: interrupted\n"]);
  });
});
