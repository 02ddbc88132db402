/** The command as its users know it: what it writes and where, and everything that it refuses before it writes. */
import { strict as assert } from "node:assert";
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { MigrationReport } from "../../../tools/migrate";
import { applyChanges } from "../../../tools/migrate/apply";
import { wheelhouse } from "../command-line";
import { filesOf, git, Repositories } from "./set-up";

const said = ["--project", "Platform", "--base-image", "python-web", "--repository", "shop"];
const remote = "https://contoso@dev.azure.com/contoso/Shop%20Floor/_git/billing";

describe("wheelhouse migrate", () => {
  const repositories = new Repositories();
  after(() => repositories.remove());
  const migrate = (folder: string, args: readonly string[] = [], environment: NodeJS.ProcessEnv = { NO_COLOR: "1" }) =>
    wheelhouse(["migrate", folder, ...args], { environment: { PATH: process.env.PATH, ...environment } });
  const committed = (name: string, address?: string) => {
    const folder = repositories.copy(name);
    repositories.commit(folder, address);
    return folder;
  };
  const reportOf = (output: string) => JSON.parse(output) as MigrationReport;

  it("changes nothing without being asked to", async () => {
    const folder = committed("multi-stage-argument");
    const before = filesOf(folder);
    assert.equal((await migrate(folder)).code, 0);
    assert.deepEqual(filesOf(folder), before);
    assert.equal(git(folder, "status", "--porcelain"), "");
  });

  it("writes, with --write, what it shows, and a second run has nothing to do but say so", async () => {
    const folder = committed("multi-stage-argument");
    const ran = await migrate(folder, [...said, "--write", "--json"]);
    assert.equal(ran.code, 0, ran.errors);
    const { changes, written } = reportOf(ran.output);
    const files = filesOf(folder);
    for (const { place, file, content } of changes) {
      if (place === "team") assert.equal(files[file], content ?? undefined, file);
    }
    assert.equal(written.length, 3);
    assert.equal(git(folder, "status", "--porcelain"), " D Dockerfile\n M azure-pipelines.yml\n?? bindep.txt\n");
    assert.ok(!("apps/billing.yaml" in files));
  });

  it("leaves nothing behind beside the files, and keeps their modes", async () => {
    const folder = repositories.copy("build-argument");
    chmodSync(join(folder, "Dockerfile"), 0o755);
    repositories.commit(folder);
    assert.equal((await migrate(folder, [...said, "--write"])).code, 0);
    assert.equal(git(folder, "status", "--porcelain"), " M Dockerfile\n M azure-pipelines.yml\n");
    assert.equal(git(folder, "diff", "--summary"), "");
  });

  for (const [what, spoil] of Object.entries<(folder: string) => void>({
    "a changed file": (folder) =>
      repositories.write(join(folder, "Dockerfile"), readFileSync(join(folder, "Dockerfile"), "utf8") + "# changed\n"),
    "a file that git does not have": (folder) => repositories.write(join(folder, "bindep.txt"), "curl\n"),
    "a file that git ignores": (folder) => {
      repositories.write(join(folder, ".gitignore"), "bindep.txt\n");
      repositories.write(join(folder, "bindep.txt"), "curl\n");
    },
    "a staged file": (folder) => {
      repositories.write(join(folder, "azure-pipelines.yml"), "steps:\n  - script: docker build .\n");
      git(folder, "add", "azure-pipelines.yml");
    },
  })) {
    it(`refuses to write over ${what}, and writes none of the others`, async () => {
      const folder = committed("multi-stage-argument");
      spoil(folder);
      const before = filesOf(folder);
      const ran = await migrate(folder, [...said, "--write"]);
      assert.equal(ran.code, 2, ran.output);
      assert.match(ran.errors, /not committed\n {2}Commit or stash them first; nothing was written\./);
      assert.deepEqual(filesOf(folder), before);
    });
  }

  it("writes where other files have changes that are not committed", async () => {
    const folder = committed("build-argument");
    repositories.write(join(folder, "shipping/rates.py"), "RATES = {}\n");
    assert.equal((await migrate(folder, [...said, "--write"])).code, 0);
  });

  it("refuses to write where git could not take it back", async () => {
    const ran = await migrate(repositories.copy("build-argument"), [...said, "--write"]);
    assert.equal(ran.code, 2);
    assert.match(ran.errors, /no git repository/);
  });

  it("writes nothing on a guess, and says which options end it", async () => {
    const folder = committed("build-argument");
    const before = filesOf(folder);
    const ran = await migrate(folder, ["--write"]);
    assert.equal(ran.code, 2);
    assert.match(ran.errors, /Say it with --base-image and --project/);
    assert.deepEqual(filesOf(folder), before);
  });

  it("takes project and repository from the remote's address", async () => {
    const { changes } = reportOf((await migrate(committed("build-argument", remote), ["--json"])).output);
    assert.match(changes[0]?.content ?? "", /^repository: billing$/m);
    assert.match(changes[1]?.content ?? "", /name: Shop Floor\/wheelhouse,/);
  });

  it("puts everything back where one of the files cannot be written", async () => {
    const folder = committed("build-argument");
    const before = filesOf(folder);
    const change = (file: string, text: string | undefined) => {
      return { place: "team", file, before: before[file], after: text, reasons: [] } as const;
    };
    // A file cannot take the place of the folder that another one needs.
    const changes = [
      change("Dockerfile", "FROM base\n"),
      change("first.txt", "1\n"),
      change("a", "2\n"),
      change("a/b", "3\n"),
    ];
    const context = { environment: { PATH: process.env.PATH }, signal: new AbortController().signal };
    const silent = { workingFolder: folder, out: () => undefined, progress: () => undefined, json: () => undefined };
    await assert.rejects(applyChanges(changes, { team: folder }, { ...context, ...silent }), /cannot be written: /);
    assert.deepEqual(filesOf(folder), before);
    assert.equal(git(folder, "status", "--porcelain"), "");
    assert.ok(!existsSync(join(folder, "a")));
  });

  it("refuses a link in the place of a file that it would write", async () => {
    const folder = committed("multi-stage-argument");
    symlinkSync("/etc/hostname", join(folder, "bindep.txt"));
    const ran = await migrate(folder, [...said, "--write"]);
    assert.equal(ran.code, 2);
    assert.match(ran.errors, /bindep\.txt is a symbolic link/);
    assert.ok(existsSync(join(folder, "Dockerfile")));
  });

  describe("with a platform's checkout", () => {
    it("writes the specification there and nothing else, by its base image, project and templates", async () => {
      const platform = repositories.platform();
      const folder = committed("build-argument", remote);
      const ran = await migrate(folder, ["--platform", platform, "--json"]);
      assert.equal(ran.code, 0, ran.errors);
      const { changes, guesses, written } = reportOf(ran.output);
      assert.deepEqual(guesses, []);
      assert.deepEqual(written, [join(platform, "apps/build-argument.yaml")]);
      assert.equal(readFileSync(written[0]!, "utf8"), changes[0]?.content);
      assert.match(changes[1]?.content ?? "", /name: Shop\/paved-road,/);
      assert.equal(git(folder, "status", "--porcelain"), "");
      assert.equal((await migrate(folder, ["--platform", platform])).code, 0);
    });

    it("takes the base image of the application's Python that has most of its packages", async () => {
      const platform = repositories.platform({
        "base-images/python-data/base-image.yaml": 'name: python-data\npython: "3.13"\n',
        "base-images/python-data/requirements.in": "six\nnumpy\n",
        "base-images/python-old/base-image.yaml": 'name: python-old\npython: "3.12"\n',
        "base-images/python-old/requirements.in": "six\ncontoso-greeting\n",
      });
      const folder = committed("multi-stage-argument", remote);
      const { changes } = reportOf((await migrate(folder, ["--platform", platform, "--json"])).output);
      assert.match(changes[0]?.content ?? "", /^baseImage: python-data$/m);
    });

    it("tells of another Python than the base image's, and does not ask for it", async () => {
      const platform = repositories.platform({
        "base-images/python-web/base-image.yaml": 'name: python-web\npython: "3.14"\n',
      });
      const ran = await migrate(committed("multi-stage-argument", remote), ["--platform", platform, "--json"]);
      const { changes, remaining } = reportOf(ran.output);
      assert.doesNotMatch(changes[0]?.content ?? "", /^python:/m);
      assert.ok(
        remaining.some(({ what }) => what === "it runs on Python 3.13, and the base image python-web has 3.14"),
      );
    });

    it("refuses a name that another application has, before anything is written", async () => {
      const platform = repositories.platform();
      const before = filesOf(platform);
      const folder = committed("build-argument", remote);
      const ran = await migrate(folder, ["--platform", platform, "--name", "orders", "--write"]);
      assert.equal(ran.code, 2);
      assert.match(ran.errors, /apps\/orders\.yaml is there already, with another text/);
      assert.deepEqual(filesOf(platform), before);
      assert.equal(git(folder, "status", "--porcelain"), "");
    });

    it("refuses a specification that clashes with another one", async () => {
      const platform = repositories.platform({
        "apps/shop.yaml": "name: shop\nbaseImage: python-web\nrepository: billing\n",
      });
      const ran = await migrate(committed("build-argument", remote), ["--platform", platform]);
      assert.equal(ran.code, 2);
      assert.match(ran.errors, /does not fit into the platform/);
      assert.ok(!ran.errors.includes("wheelhouse-"), ran.errors);
      assert.ok(!existsSync(join(platform, "apps/build-argument.yaml")));
    });

    it("refuses a platform whose own files have mistakes, with each of them", async () => {
      const platform = repositories.platform({ "apps/bad.yaml": "name: bad\nbaseImage: nowhere\n" });
      const ran = await migrate(committed("build-argument", remote), ["--platform", platform]);
      assert.equal(ran.code, 2);
      assert.match(ran.errors, /"nowhere" is not a base image/);
    });

    it("refuses a folder that is no platform", async () => {
      const ran = await migrate(committed("build-argument"), ["--platform", repositories.folder]);
      assert.equal(ran.code, 2);
      assert.match(ran.errors, /has no folder base-images/);
    });
  });

  it("keeps the old pipeline aside where it is asked to, and nowhere else", async () => {
    const folder = committed("build-argument");
    const old = readFileSync(join(folder, "azure-pipelines.yml"), "utf8");
    assert.equal((await migrate(folder, [...said, "--write", "--keep-pipeline", "old/pipeline.yml"])).code, 0);
    assert.equal(readFileSync(join(folder, "old/pipeline.yml"), "utf8"), old);
    rmSync(join(folder, "old"), { recursive: true });
    for (const file of ["../pipeline.yml", "/tmp/pipeline.yml", ".git/config"]) {
      const ran = await migrate(committed("build-argument"), [...said, "--write", "--keep-pipeline", file]);
      assert.equal(ran.code, 2, file);
    }
  });

  it("is coloured where that is asked for, and has no other control character", async () => {
    const folder = repositories.make("hostile", {
      Dockerfile: 'FROM python:3.13-slim\nRUN echo "\u001b]0;title\u0007"\nCMD ["python"]\n',
      "azure-pipelines.yml": 'steps:\n  - script: "docker build ."\n    displayName: "red \\e[31m"\n',
    });
    const coloured = await migrate(folder, said, { FORCE_COLOR: "1" });
    assert.ok(coloured.output.includes("\u001b[32m+pr: none\u001b[0m"));
    assert.equal(coloured.output.replace(/\u001b\[(?:0|1|31|32|36)m/g, "").includes("\u001b"), false);
    assert.ok(!coloured.output.includes("]0;title\u0007"));
    const plain = await migrate(folder, said);
    assert.ok(!plain.output.includes("\u001b"));
    const data = await migrate(folder, [...said, "--json"], { FORCE_COLOR: "1" });
    assert.equal(reportOf(data.output).name, "hostile");
  });

  for (const [what, files, args, pattern] of [
    ["a folder that is not there", undefined, [], /is not a folder/],
    [
      "a pipeline that is no YAML",
      { "azure-pipelines.yml": "a: [\n", Dockerfile: "FROM python\n" },
      [],
      /azure-pipelines\.yml:\d+ cannot be read/,
    ],
    [
      "a pipeline that is named and not there",
      { Dockerfile: "FROM python\n" },
      ["--pipeline", "x.yml"],
      /there is no x\.yml/,
    ],
    [
      "several Dockerfiles that nobody builds",
      { "a/Dockerfile": "FROM python\n", "b/Dockerfile": "FROM python\n" },
      [],
      /has several Dockerfiles: a\/Dockerfile, b\/Dockerfile/,
    ],
    ["a repository with nothing of Python", { "README.md": "# Nothing\n" }, [], /no image can be made of/],
    [
      "a name that no application can have",
      { Dockerfile: "FROM python\n" },
      ["--name", "Bad Name"],
      /no specification can be made of it/,
    ],
    [
      "a kept file where there is no pipeline",
      { Dockerfile: "FROM python\n" },
      ["--keep-pipeline", "old.yml"],
      /no old pipeline to keep/,
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const folder = files === undefined ? join(repositories.folder, "nowhere") : repositories.make("refused", files);
      const ran = await migrate(folder, args);
      assert.equal(ran.code, 2, ran.output);
      assert.match(ran.errors, pattern);
    });
  }
});
