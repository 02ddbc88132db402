/** Tests the one file that agents run: its size, and that it needs nothing but node. */
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { version } from "../../../package.json";
import { makeBundle } from "../../../tools/bundle.mjs";

describe("the bundle of the tools", function () {
  this.timeout(60_000);
  let folder: string;
  let bytes: number;
  const file = () => path.join(folder, "wheelhouse.cjs");
  const run = (args: readonly string[]) =>
    new Promise<{ code: number; output: string; errors: string }>((resolve) => {
      const environment = { PATH: path.dirname(process.execPath), HOME: folder };
      execFile(file(), [...args], { cwd: folder, env: environment }, (error, output, errors) => {
        resolve({ code: error === null ? 0 : Number(error.code), output, errors });
      });
    });

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "wheelhouse-test-"));
    ({ bytes } = await makeBundle(file()));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is one file of less than 300 kB", () => {
    assert.equal(statSync(file()).size, bytes);
    assert.ok(bytes < 300_000, `${bytes} bytes`);
  });

  it("runs as a program in a folder with nothing else", async () => {
    assert.deepEqual(await run(["--version"]), { code: 0, output: `${version}\n`, errors: "" });
  });

  it("has every command, down to its help", async () => {
    for (const command of ["resolve", "bake", "scan", "lint"]) {
      const ran = await run([command, "--help"]);
      assert.equal(ran.code, 0, ran.errors);
      assert.match(ran.output, new RegExp(`^Usage: wheelhouse ${command} `));
    }
  });

  it("says of the commands for people where they are, whatever they are given", async () => {
    for (const args of [
      ["new", "app", "orders"],
      ["check"],
      ["check", "--help"],
      ["migrate", "x"],
      ["preview-comment"],
    ]) {
      const ran = await run(args);
      assert.equal(ran.code, 2, args.join(" "));
      assert.match(ran.errors, new RegExp(`^wheelhouse: ${args[0]} is for a checkout of the platform's repository`));
      assert.match(ran.errors, new RegExp(`npx --no-install wheelhouse ${args[0]} --help`));
    }
    assert.doesNotMatch((await run(["--help"])).output, /migrate|preview-comment/);
  });

  it("has none of what only those need in it", async () => {
    const { inputs } = await makeBundle(file());
    const rooms = inputs.map((input) => input.path);
    for (const room of [
      "tools/new",
      "tools/check",
      "tools/migrate",
      "tools/preview",
      "@inquirer/prompts",
      "@pulumi/pulumi",
    ]) {
      assert.ok(!rooms.includes(room), room);
    }
  });

  it("ends with the exit code of its command, and names the error by its kind", async () => {
    const ran = await run(["scan", "--folder", "nowhere", "--json"]);
    assert.equal(ran.code, 2);
    assert.equal((JSON.parse(ran.output) as { error: { kind: string } }).error.kind, "UsageError");
  });

  it("is the same each time that it is made", async () => {
    const { readFileSync } = await import("node:fs");
    const first = readFileSync(file());
    await makeBundle(file());
    assert.ok(readFileSync(file()).equals(first));
  });
});
