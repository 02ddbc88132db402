/** `wheelhouse lint` as a command: files, exit codes, what it writes and where. */
import { strict as assert } from "node:assert";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../../../tools/program";

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

const good = "FROM a\nUSER 1000\n";
const bad = "FROM a\nRUN pip install --extra-index-url https://h/ x\nUSER 1000\n";

describe("wheelhouse lint", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-lint-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function lint(...args: string[]): Promise<Ended> {
    let [output, errors] = ["", ""];
    const code = await runProgram(
      ["lint", ...args],
      { environment: {}, workingFolder: folder, signal: new AbortController().signal },
      { writeOutput: (text) => (output += text), writeErrors: (text) => (errors += text) },
    );
    return { code, output, errors };
  }
  const write = (name: string, text: string | Buffer) => writeFileSync(join(folder, name), text);
  const read = (name: string) => readFileSync(join(folder, name), "utf8");

  it("ends with 0 for a good file, 1 for an error, and 1 for advice with --strict only", async () => {
    write("Dockerfile", good);
    assert.deepEqual(await lint(), { code: 0, output: "1 file: 0 errors, 0 advice\n", errors: "" });
    write("Dockerfile", "FROM a\n");
    assert.equal((await lint()).code, 0);
    assert.equal((await lint("--strict")).code, 1);
    write("Dockerfile", bad);
    assert.equal((await lint()).code, 1);
  });

  it("shows the line with a caret, and the mended line below", async () => {
    write("Dockerfile", bad);
    const { output } = await lint();
    assert.ok(
      output.startsWith(
        "Dockerfile:2:17  error  extra-index-url  (--fix mends it)\n" +
          "  --extra-index-url adds an index beside the other one\n" +
          "  2 | RUN pip install --extra-index-url https://h/ x\n" +
          "    |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n",
      ),
      output,
    );
    assert.ok(output.includes("      + RUN pip install --index-url https://h/ x\n"), output);
  });

  it("gives one JSON document with --json, and nothing else", async () => {
    write("Dockerfile", bad);
    const { output, code } = await lint("--json");
    const report = JSON.parse(output) as {
      findings: { rule: string; line: number; mended: string[] }[];
      errors: number;
    };
    assert.equal(code, 1);
    assert.equal(report.errors, 1);
    assert.deepEqual(
      report.findings.map(({ rule, line }) => [rule, line]),
      [["extra-index-url", 2]],
    );
  });

  it("mends in place with --fix, keeps the file's mode, and leaves nothing beside it", async () => {
    write("Dockerfile", bad);
    chmodSync(join(folder, "Dockerfile"), 0o640);
    const { code, output } = await lint("--fix");
    assert.equal(code, 0, output);
    assert.match(output, /Dockerfile:2:17 {2}mended {2}extra-index-url/);
    assert.equal(read("Dockerfile"), bad.replace("--extra-index-url", "--index-url"));
    assert.equal(statSync(join(folder, "Dockerfile")).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(folder), ["Dockerfile"]);
  });

  it("mends what a link leads to, and keeps the link", async () => {
    write("real", bad);
    symlinkSync("real", join(folder, "Dockerfile"));
    assert.equal((await lint("--fix")).code, 0);
    assert.ok(lstatSync(join(folder, "Dockerfile")).isSymbolicLink());
    assert.equal(read("real"), bad.replace("--extra-index-url", "--index-url"));
  });

  it("writes nothing with --diff alone, and shows what would change", async () => {
    write("Dockerfile", bad);
    const { output, code } = await lint("--diff");
    assert.equal(code, 1);
    assert.equal(read("Dockerfile"), bad);
    assert.ok(
      output.includes(
        "@@ -1,4 +1,4 @@\n FROM a\n-RUN pip install --extra-index-url https://h/ x\n+RUN pip install --index-url https://h/ x\n",
      ),
      output,
    );
  });

  it("changes no file where one of those named cannot be read", async () => {
    write("Dockerfile", bad);
    const { code, errors } = await lint("--fix", "Dockerfile", "missing/Dockerfile");
    assert.equal(code, 2);
    assert.match(errors, /missing\/Dockerfile cannot be read: there is no such file/);
    assert.equal(read("Dockerfile"), bad);
  });

  it("takes a folder for the Dockerfile in it, and refuses what is no text", async () => {
    mkdirSync(join(folder, "app"));
    write("app/Dockerfile", good);
    assert.match((await lint("app")).output, /^1 file/);
    write("Dockerfile", Buffer.from([0xff, 0xfe, 0x00]));
    const { code, errors } = await lint();
    assert.equal(code, 2);
    assert.match(errors, /Dockerfile is not text in UTF-8/);
  });

  it("looks into the context for what COPY takes along, and for requirements that RUNs name", async () => {
    write("Dockerfile", "FROM a\nCOPY . /app\nRUN pip install -r /app/requirements.txt\nUSER 1000\n");
    write("requirements.txt", "--extra-index-url https://h/\nx\n");
    write(".netrc", "machine h\n");
    const { output } = await lint("--context", ".");
    assert.match(output, /Dockerfile:2:6 {2}error {2}context-credential-file/);
    assert.match(output, /COPY \. takes along \.netrc\n/);
    assert.match(output, /requirements\.txt:1:1 {2}error {2}extra-index-url/);
    write(".dockerignore", ".netrc\n");
    assert.doesNotMatch((await lint("--context", ".")).output, /context-credential-file/);
  });

  it("looks into pipelines and requirements that are named", async () => {
    write("Dockerfile", good);
    write("p.yml", "- bash: docker build --build-arg AZURE_PAT=$(pat) .\n");
    write("r.txt", "--trusted-host h\n");
    const { output, code } = await lint("--pipeline", "p.yml", "--requirements", "r.txt");
    assert.equal(code, 1);
    assert.match(output, /p\.yml:1:22 {2}error {2}secret-in-build-argument/);
    assert.match(output, /r\.txt:1:1 {2}error {2}trusted-host/);
  });

  it("needs no Dockerfile where another file is named", async () => {
    write("p.yml", "- bash: docker build .\n");
    assert.deepEqual(await lint("--pipeline", "p.yml"), {
      code: 0,
      output: "1 file: 0 errors, 0 advice\n",
      errors: "",
    });
    assert.equal((await lint()).code, 2);
  });

  it("shows no credential of a file, in findings, differences or JSON", async () => {
    const token = "ghp_" + "a1B2".repeat(9);
    write(
      "Dockerfile",
      `FROM a\nARG FEED=https://build:s3cr3t-word@h/simple/\nENV API_TOKEN=s3cr3t-word B=2\nRUN pip install -i $FEED x\nRUN curl -H "x: ${token}" -H 'Authorization: Bearer s3cr3t-word' h\nCMD ["x", "--api-token", "s3cr3t-word"]\n`,
    );
    for (const args of [[], ["--json"], ["--diff"], ["--fix"]]) {
      const { output, errors } = await lint(...args);
      assert.doesNotMatch(output + errors, /s3cr3t-word|a1B2a1B2/, args.join(" "));
      assert.match(output, /secret-in-environment/);
    }
  });

  it("lists its rules, each with what it refuses", async () => {
    const { output, code } = await lint("--rules");
    assert.equal(code, 0);
    for (const rule of readdirSync(join(__dirname, "../../../tools/lint/rules"))) {
      if (rule !== "index.ts")
        assert.match(output, new RegExp(`^${rule.replace(".ts", "")} +(?:error|advice) +\\S`, "m"));
    }
  });
});
