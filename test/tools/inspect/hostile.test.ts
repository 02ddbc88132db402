/** Tests that no content of a repository runs, leads out of it, takes long, or gets into a specification. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { specName } from "../../../spec/names";
import { description } from "../../../spec/texts";
import { inspectRepository, type Inspection } from "../../../tools/inspect";
import { withFolder } from "./repository";
import { startProcessorTime } from "../../processor-time";

const files = [
  "pyproject.toml",
  "setup.cfg",
  "requirements.txt",
  ".python-version",
  "Dockerfile",
  "azure-pipelines.yml",
  ".git/config",
];

function isSound(found: Inspection): void {
  if (found.name !== undefined) assert.equal(specName(found.name), undefined);
  if (found.description !== undefined) assert.equal(description(found.description), undefined);
  assert.ok(found.ports.every((port) => port >= 1 && port <= 65535));
  if (found.python?.minor !== undefined) assert.match(found.python.minor, /^3\.[0-9]{1,2}$/);
}

describe("wheelhouse inspects a hostile repository", function () {
  this.timeout(30_000);

  it("of which every file is noise, without an error", async () => {
    const tokens = fc.constantFrom(
      "[project]",
      "[tool.poetry]",
      "name",
      "=",
      '"',
      "'",
      "[",
      "]",
      "{",
      "}",
      "\n",
      ":",
      "\u0000",
      "\u202e",
      "${{ x }}",
      "$(y)",
      "FROM ",
      "python:3.12",
      "EXPOSE 99999",
      "ARG A=${A}",
      "\\\n",
      "<<EOF\n",
      "scripts",
      "💥",
      "\ud800",
      "3.12",
      "url = ",
      '[remote "origin"]',
    );
    const text = fc.array(tokens, { maxLength: 30 }).map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(fc.constantFrom(...files), text), { selector: ([file]) => file }),
        async (written) => {
          await withFolder(Object.fromEntries(written), async (folder) => isSound(await inspectRepository(folder)));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("whose files are binary, huge, unreadable or no files", async () => {
    await withFolder({ "setup.cfg": Uint8Array.of(0xff, 0xfe, 0x00), "requirements.txt": "" }, async (folder) => {
      truncateSync(path.join(folder, "requirements.txt"), 3_000_000_000);
      mkdirSync(path.join(folder, "pyproject.toml"));
      execFileSync("mkfifo", [path.join(folder, ".python-version")]);
      const found = await inspectRepository(folder);
      assert.match(found.notes.join("\n"), /setup\.cfg was not read: it is not UTF-8 text/);
      assert.match(found.notes.join("\n"), /pyproject\.toml was not read: it is not a file/);
      assert.match(found.notes.join("\n"), /\.python-version was not read: it is not a file/);
      assert.equal(found.lock, undefined);
      isSound(found);
    });
  });

  it("whose links lead out of it, to themselves and round in circles", async () => {
    await withFolder({}, async (folder) => {
      const outside = path.join(path.dirname(folder), "outside.toml");
      writeFileSync(outside, "[project]\nname = 'secret'\n");
      symlinkSync(outside, path.join(folder, "pyproject.toml"));
      symlinkSync("setup.cfg", path.join(folder, "setup.cfg"));
      symlinkSync("..", path.join(folder, "up"));
      symlinkSync(".", path.join(folder, "docker"));
      symlinkSync("/etc/hostname", path.join(folder, "Dockerfile"));
      symlinkSync("/dev/zero", path.join(folder, "requirements.txt"));
      const found = await inspectRepository(folder);
      assert.equal(found.name, "orders");
      assert.deepEqual(found.dockerfiles, []);
      assert.doesNotMatch(JSON.stringify(found), /secret/);
      assert.match(
        found.notes.join("\n"),
        /pyproject\.toml was not read: it is a symbolic link that leaves its folder/,
      );
      assert.match(found.notes.join("\n"), /setup\.cfg was not read: it cannot be read \(ELOOP\)/);
    });
  });

  it("with more files and folders than anybody has", async () => {
    await withFolder({ "z/Dockerfile": "FROM python:3.12" }, async (folder) => {
      for (let count = 0; count < 6000; count++) writeFileSync(path.join(folder, `a${count}`), "");
      const found = await inspectRepository(folder);
      assert.match(found.notes.join("\n"), /only the first 5000 were looked at/);
    });
    const deep = `${Array.from({ length: 40 }, () => "d").join("/")}/Dockerfile`;
    assert.deepEqual((await withFolder({ [deep]: "FROM python:3.12" }, inspectRepository)).dockerfiles, []);
  });

  it("whose texts are made to take long", async () => {
    const taken = startProcessorTime();
    const found = await withFolder(
      {
        "pyproject.toml": `x = ${"[".repeat(100_000)}`,
        "setup.cfg": `[metadata]\nname = x\n${"\t".repeat(400_000)}\n${" a".repeat(200_000)}`,
        Dockerfile: `FROM python:3.12\nEXPOSE ${"$A".repeat(80_000)}\n`,
        "azure-pipelines.yml": `UsePythonVersion\n${"  versionSpec: &a [*a]\n".repeat(5000)}`,
        "requirements.txt": `--hash= ${"\\\n".repeat(200_000)}`,
        ".git/config": '[remote "origin"]\nurl = https://'.concat("a@".repeat(20_000)),
      },
      inspectRepository,
    );
    isSound(found);
    assert.ok(taken() < 10_000, `${taken()} ms`);
  });

  it("whose name and description would break out of YAML, a shell or a terminal", async () => {
    for (const [written, expected] of [
      ["orders: evil", "orders-evil"],
      ["${{ parameters.x }}", "parameters-x"],
      ["a\\nb: c", "a-b-c"],
      ["../../etc", "etc"],
      ["wheelhouse", undefined],
      ["💥", undefined],
    ] as const) {
      const found = await withFolder(
        { "pyproject.toml": `[project]\nname = "${written}"\ndescription = "${written}"` },
        inspectRepository,
        "123",
      );
      assert.equal(found.name, expected);
      isSound(found);
      assert.doesNotMatch(found.description ?? "", /[{}$\n]/);
    }
  });

  it("that may not be read", async function () {
    if (process.getuid?.() === 0) this.skip(); // Who may read everything meets no such folder.
    await withFolder({ "a/Dockerfile": "FROM python:3.12" }, async (folder) => {
      chmodSync(path.join(folder, "a"), 0o000);
      const found = await inspectRepository(folder);
      chmodSync(path.join(folder, "a"), 0o700);
      assert.match(found.notes.join("\n"), /a cannot be read \(EACCES\)/);
    });
  });
});
