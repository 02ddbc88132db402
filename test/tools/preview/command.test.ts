/** The command line of `preview-comment`: what it refuses before anything is run. The previews themselves are tried in `whole/`. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { wheelhouse } from "../command-line";

describe("preview-comment", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "wheelhouse-preview-command-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    PATH: path.join(folder, "none"),
    ...more,
  });
  const run = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    wheelhouse(["preview-comment", ...args], { environment: environment(more), workingFolder: folder });

  it("refuses options that do not go together, and numbers that are none, with a word on what to do", async () => {
    for (const [args, says] of [
      [[], /--stack/],
      [["--stack", "a", "--output", "html"], /--output html is none.*comment or markdown/s],
      [["--stack", "a", "--file", "x.md"], /--file is for --output markdown/],
      [["--stack", "a", "--limit", "20000"], /--limit is for --output markdown/],
      [["--stack", "a", "--output", "markdown", "--limit", "100"], /--limit 100 has no room.*12000/s],
      [["--stack", "a", "--timeout", "0"], /It is no whole number/],
      [["--stack", "a", "--pull-request", "1.5"], /It is no whole number/],
      [["--stack", "a", "--provider", "gitlab"], /--provider gitlab is none.*azure-devops, github/s],
    ] as const) {
      const { code, errors } = await run(args, { TF_BUILD: "True" });
      assert.equal(code, 2, args.join(" "));
      assert.match(errors, says);
    }
  });

  it("says how to read a comment on a machine that is no agent", async () => {
    const { code, errors } = await run(["--stack", "a"]);
    assert.equal(code, 2);
    assert.match(errors, /no run of a pipeline.*--output markdown --file FILE/s);
  });

  it("refuses folders without a project or a policy pack", async () => {
    const markdown = ["--stack", "a", "--output", "markdown"];
    const project = await run(markdown);
    assert.deepEqual([project.code, /has no Pulumi\.yaml.*--project-folder/s.test(project.errors)], [2, true]);
    mkdirSync(path.join(folder, "program"));
    writeFileSync(path.join(folder, "program", "Pulumi.yaml"), "name: wheelhouse\nruntime: nodejs\n");
    const pack = await run([...markdown, "--project-folder", "program", "--policy-pack", "."]);
    assert.deepEqual([pack.code, /has no PulumiPolicy\.yaml.*--policy-pack/s.test(pack.errors)], [2, true]);
  });

  it("ends with 3 where there is no Pulumi CLI, or one that is none", async () => {
    const args = ["--stack", "a", "--output", "markdown", "--project-folder", "program"];
    const none = await run(args);
    assert.deepEqual([none.code, /pulumi is not on PATH.*install/s.test(none.errors)], [3, true]);
    const programs = path.join(folder, "programs");
    mkdirSync(programs);
    writeFileSync(path.join(programs, "pulumi"), "#!/bin/sh\necho 'no such thing' >&2\nexit 1\n", { mode: 0o755 });
    const other = await run(args, { PATH: programs });
    assert.deepEqual([other.code, other.errors.includes("is no Pulumi CLI of version 3: no such thing")], [3, true]);
  });
});
