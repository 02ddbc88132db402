import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { makeTool } from "../../components";
import { labelled } from "../../components/tool";
import { version } from "../../package.json";

describe("the command line that pipelines run", function () {
  this.timeout(120_000);

  let folder: string;
  let text: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-tool-"));
    text = await makeTool();
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is one program that runs where nothing is installed", () => {
    const file = join(folder, "wheelhouse.cjs");
    writeFileSync(file, text);
    const said = execFileSync(process.execPath, [file, "--version"], {
      cwd: folder,
      encoding: "utf8",
      timeout: 30_000,
    });
    assert.equal(said.trim(), version);
  });

  it("says at its top which version it is, and the hash of what follows", () => {
    const [program, label, ...rest] = text.split("\n");
    assert.equal(program, "#!/usr/bin/env node");
    const [, told, hash] = /^\/\/ wheelhouse (\S+), sha256 ([0-9a-f]{64}) /.exec(label!) ?? [];
    assert.equal(told, version);
    assert.equal(hash, createHash("sha256").update(rest.join("\n")).digest("hex"));
  });

  it("is the same text from the same sources, so that a second update finds nothing to do", async () => {
    assert.equal(await makeTool(), text);
  });

  it("names neither a folder of this machine nor the time", () => {
    assert.ok(!text.includes(process.cwd()) && !text.includes(tmpdir()));
  });

  it("is labelled also where its first line is no program's", () => {
    assert.match(labelled("x()\n"), /^\/\/ wheelhouse .*\nx\(\)\n$/);
  });

  it("stops the program with what is wrong and what to do, and without a stack trace", async () => {
    mkdirSync(join(folder, "tools"));
    writeFileSync(join(folder, "tools/bundle.mjs"), 'throw new TypeError("no such package: esbuild");\n');
    await assert.rejects(makeTool(folder), (error: Error) => {
      assert.ok(pulumi.RunError.isInstance(error));
      assert.match(
        error.message,
        /^The command line that pipelines run, .* cannot be made: TypeError: no such package/,
      );
      assert.match(error.message, /Run "npm ci" in /);
      assert.doesNotMatch(error.message, /\n\s+at /);
      return true;
    });
  });
});
