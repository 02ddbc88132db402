/** Repositories that are plausible and not usual: what is easily missed in them. */
import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MigrationReport } from "../../../tools/migrate";
import { wheelhouse } from "../command-line";
import { git, Repositories } from "./set-up";

const environment = { PATH: process.env.PATH, NO_COLOR: "1" };
const feed = "pkgs.dev.azure.com/contoso/_packaging/python/pypi/simple/";

describe("migrate of unusual repositories", () => {
  const repositories = new Repositories();
  after(() => repositories.remove());
  const migrate = (folder: string, ...more: readonly string[]) =>
    wheelhouse(["migrate", folder, "--project", "Shop", "--base-image", "python-web", ...more], { environment });
  const reportOf = async (files: Readonly<Record<string, string>>, ...more: readonly string[]) => {
    const folder = repositories.make("odd", { "requirements.txt": "six\n", ...files });
    const ran = await migrate(folder, "--json", ...more);
    assert.equal(ran.code, 0, ran.errors);
    return JSON.parse(ran.output) as MigrationReport;
  };
  const pipeline = (...steps: readonly string[]) => ["trigger: [main]", "steps:", ...steps, ""].join("\n");

  it("finds a Dockerfile where nobody looks, by the pipeline that builds it", async () => {
    const { dockerfile } = await reportOf({
      "build/Dockerfile.prod": "FROM python:3.13-slim\nRUN pip install six\nRUN make\n",
      "azure-pipelines.yml": pipeline("- script: docker build -f build/Dockerfile.prod ."),
    });
    assert.deepEqual([dockerfile.kind, dockerfile.file], ["own", "build/Dockerfile.prod"]);
  });

  it("does without steps that put a token into a file, in either shell, and keeps those that do more", async () => {
    const { replaced, remaining } = await reportOf({
      Dockerfile: "FROM python:3.13-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nRUN make\n",
      "azure-pipelines.yml": pipeline(
        "- bash: sed -i 's/__TOKEN__/$(System.AccessToken)/' requirements.txt",
        "- powershell: (Get-Content requirements.txt) -replace '__TOKEN__', '$(feed-pat)' | Set-Content requirements.txt",
        "- bash: sed -i 's/1.0/$(Build.BuildNumber)/' version.txt",
        "- script: docker build .",
      ),
    });
    const why = "the feed's credentials are a secret of the build; no file is written for it";
    const of = (line: number) => replaced.find(({ at }) => at === `azure-pipelines.yml:${line}`)?.todo;
    assert.equal(of(3), why);
    assert.equal(of(4), why);
    assert.ok(remaining.some(({ at }) => at === "azure-pipelines.yml:5"));
  });

  it("takes neither a placeholder nor a secret's name for a credential, and shows both", async () => {
    const report = await reportOf({
      "requirements.txt": `--extra-index-url https://build:__TOKEN__@${feed}\nsix\n`,
      "azure-pipelines.yml": pipeline(
        "- task: AzureKeyVault@2",
        "  inputs: { KeyVaultName: build, SecretsFilter: feed-token-of-the-shop }",
        "- script: pytest",
      ),
    });
    assert.deepEqual(report.credentials, []);
    const diffs = report.changes.map(({ diff }) => diff).join("");
    assert.match(diffs, /__TOKEN__@/);
    assert.match(diffs, /feed-token-of-the-shop/);
  });

  it("still finds what only looks like a placeholder at one end", async () => {
    const { credentials } = await reportOf({
      "requirements.txt": `--extra-index-url https://build:__not-a-real-secret@${feed}\nsix\n`,
    });
    assert.deepEqual(
      credentials.map(({ at }) => at),
      ["requirements.txt:1"],
    );
  });

  it("keeps the ends of lines of files that have two characters for one, and shows none of them as a stranger", async () => {
    const folder = repositories.make("odd", {
      "requirements.txt": `--extra-index-url https://${feed}\r\nsix\r\n`,
      Dockerfile: "FROM python:3.13-slim\r\nCOPY . .\r\nRUN pip install -r requirements.txt && make\r\n",
    });
    const ran = await migrate(folder);
    assert.equal(ran.code, 0, ran.errors);
    assert.doesNotMatch(ran.output, /\ufffd|\r/);
    const { changes } = JSON.parse((await migrate(folder, "--json")).output) as MigrationReport;
    for (const file of ["requirements.txt", "Dockerfile"]) {
      const content = changes.find((change) => change.file === file)?.content ?? "";
      assert.ok(content.includes("\r\n"), file);
      assert.doesNotMatch(content, /[^\r]\n/, file);
    }
  });

  it("publishes what is pushed to the repository's own branch, where the old pipeline names none", async () => {
    const branchesOf = async (trigger: string, ...commands: readonly (readonly string[])[]) => {
      const folder = repositories.make("odd", { "requirements.txt": "six\n", "azure-pipelines.yml": trigger });
      repositories.commit(folder);
      for (const command of commands) git(folder, ...command);
      const ran = await migrate(folder, "--json");
      assert.equal(ran.code, 0, ran.errors);
      const { changes } = JSON.parse(ran.output) as MigrationReport;
      const [spec, file] = [changes[0]?.content ?? "", changes[1]?.content ?? ""];
      return [/^branches: (.*)$/m.exec(spec)?.[1], /^trigger: (.*)$/m.exec(file)?.[1]];
    };
    const toMaster = ["branch", "--move", "master"];
    assert.deepEqual(await branchesOf("steps: []\n", toMaster), ["[master]", "[ master ]"]);
    assert.deepEqual(await branchesOf("steps: []\n"), [undefined, "[ main ]"]);
    assert.deepEqual(await branchesOf("steps: []\n", ["branch", "master"]), [undefined, "[ main ]"]);
    assert.deepEqual(await branchesOf("trigger: [develop]\nsteps: []\n", toMaster), ["[develop]", "[ develop ]"]);
    const head = ["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"];
    const trunk = ["update-ref", "refs/remotes/origin/trunk", "HEAD"];
    assert.deepEqual(await branchesOf("steps: []\n", trunk, head), ["[trunk]", "[ trunk ]"]);
  });

  it("says of requirements that git fetches that the build has no credentials for them", async () => {
    const { remaining } = await reportOf({
      "requirements.txt": "six\ngit+https://pat@dev.azure.com/c/_git/lib@v1\n# git+https://example.com/none\n",
      Dockerfile: "FROM python:3.13-slim\nCOPY . .\nRUN pip install -r requirements.txt\n",
    });
    const told = remaining.filter(({ what }) => what.startsWith("a requirement is fetched from"));
    assert.deepEqual(
      told.map(({ at, what }) => [at, what]),
      [["requirements.txt:2", "a requirement is fetched from dev.azure.com"]],
    );
  });

  describe("with several images", () => {
    const files = {
      "api/Dockerfile":
        "FROM python:3.13-slim\nCOPY api/requirements.txt .\nRUN pip install -r requirements.txt\nRUN make\n",
      "api/requirements.txt": `--extra-index-url https://${feed}\nsix\n`,
      "worker/Dockerfile": "FROM python:3.13-slim\nARG FEED_TOKEN\nRUN pip install six\nRUN make\n",
      "azure-pipelines.yml": pipeline(
        "- script: docker build -f api/Dockerfile .",
        "- script: docker build -f worker/Dockerfile --build-arg FEED_TOKEN=$(System.AccessToken) .",
      ),
    };

    it("gives one a pipeline of its own, leaves the old one, and touches no file of the other", async () => {
      const report = await reportOf(
        { ...files, "requirements.txt": "six\n" },
        ...["--dockerfile", "worker/Dockerfile", "--name", "shop-worker", "--new-pipeline", "worker.yml"],
      );
      assert.deepEqual(
        report.changes.map(({ file, kind }) => [file, kind]),
        [
          ["apps/shop-worker.yaml", "new"],
          ["worker.yml", "new"],
          ["worker/Dockerfile", "changed"],
        ],
      );
      assert.match(report.changes[0]?.content ?? "", /^repository: \{ existing: odd, pipelineFile: worker\.yml \}$/m);
      assert.ok(report.remaining.some(({ what }) => what === "the old pipeline stays, and builds this image, too"));
      assert.ok(report.remaining.some(({ at, todo }) => at === "api/Dockerfile" && todo.includes("--new-pipeline")));
    });

    it("refuses a new pipeline in a file that is there, or with nothing to keep aside, and writes nothing", async () => {
      const folder = repositories.make("odd", files);
      const worker = ["--dockerfile", "worker/Dockerfile", "--name", "shop-worker", "--write", "--repository", "odd"];
      repositories.commit(folder);
      const there = await migrate(folder, ...worker, "--new-pipeline", "azure-pipelines.yml");
      assert.equal(there.code, 2);
      assert.match(there.errors, /azure-pipelines\.yml is there already\n.*--new-pipeline/);
      const kept = await migrate(folder, ...worker, "--new-pipeline", "worker.yml", "--keep-pipeline", "old.yml");
      assert.equal(kept.code, 2);
      assert.match(kept.errors, /the old pipeline stays where it is/);
      const outside = await migrate(folder, ...worker, "--new-pipeline", "../worker.yml");
      assert.equal(outside.code, 2, outside.output);
      assert.equal(readFileSync(join(folder, "worker/Dockerfile"), "utf8"), files["worker/Dockerfile"]);
      assert.ok(!existsSync(join(folder, "../worker.yml")));
    });
  });
});
