/** Set-ups as articles and vendors teach them, each a small project: what is proposed for them, held against golden files. */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lintDockerfile, lintRequirements } from "../../../tools/lint";
import type { MigrationReport } from "../../../tools/migrate";
import { checkApp } from "../../../spec/check";
import { renderApplicationPipeline } from "../../../pipelines";
import { matchesGolden } from "../../recipes/golden";
import { wheelhouse } from "../command-line";
import { Repositories, setUpNames, setUps } from "./set-up";

const environment = { PATH: process.env.PATH, NO_COLOR: "1" };
const said = ["--project", "Platform", "--base-image", "python-web"];

describe("migrate of the usual set-ups", () => {
  const repositories = new Repositories();
  after(() => repositories.remove());
  const reportOf = async (name: string): Promise<MigrationReport> => {
    const ran = await wheelhouse(["migrate", repositories.copy(name), ...said, "--json"], { environment });
    assert.equal(ran.code, 0, ran.errors);
    return JSON.parse(ran.output) as MigrationReport;
  };

  it("has at least eight of them", () => {
    assert.ok(setUpNames.length >= 8);
  });

  for (const name of setUpNames) {
    it(`proposes for ${name} what its golden file says`, async () => {
      const ran = await wheelhouse(["migrate", repositories.copy(name), ...said], { environment });
      assert.equal(ran.code, 0, ran.errors);
      matchesGolden(join(__dirname, "golden", name), [{ path: "proposal.txt", content: ran.output }]);
    });

    it(`shows no credential of ${name}, in words or as data`, async () => {
      const secrets = secretsOf(name);
      const folder = repositories.copy(name);
      for (const more of [[], ["--json"]]) {
        const ran = await wheelhouse(["migrate", folder, ...said, ...more], { environment });
        for (const secret of secrets) assert.ok(!(ran.output + ran.errors).includes(secret), `${name} shows ${secret}`);
      }
      const { credentials } = await reportOf(name);
      assert.equal(credentials.length > 0, secrets.length > 0);
      assert.ok(credentials.every(({ todo }) => todo.startsWith("revoke it")));
    });

    it(`proposes for ${name} files that the platform takes, without an error of lint`, async () => {
      const { changes, name: app } = await reportOf(name);
      const spec = changes.find(({ place }) => place === "platform");
      const checked = checkApp({ file: spec!.file, bytes: Buffer.from(spec!.content!) }, app);
      assert.deepEqual(checked.problems, []);
      const rendered = renderApplicationPipeline(checked.spec!, {
        project: "Platform",
        templateRepository: "wheelhouse",
        folder: "\\wheelhouse",
      });
      const pipeline = changes.find(({ file }) => file.endsWith("pipelines.yml"));
      assert.equal(pipeline?.file, rendered.path);
      assert.equal(pipeline.content, rendered.content);
      for (const { file, content } of changes) {
        const found =
          content === null
            ? []
            : file.endsWith("Dockerfile")
              ? lintDockerfile(content)
              : /requirements[^/]*\.txt$/.test(file)
                ? lintRequirements(content, file)
                : [];
        assert.deepEqual(
          found.filter(({ severity }) => severity === "error"),
          [],
          file,
        );
      }
    });
  }

  it("tells of every step of an old pipeline, either as done by the template or as left", async () => {
    for (const name of setUpNames) {
      const { replaced, remaining } = await reportOf(name);
      const folder = join(setUps, name);
      const [file] = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
        path.endsWith("azure-pipelines.yml"),
      );
      const lines = readFileSync(join(folder, file!), "utf8").split("\n");
      const steps = lines.flatMap((line, index) =>
        /^\s*- (?:task|script|bash|checkout|template):/.test(line) ? [`${file!}:${index + 1}`] : [],
      );
      const told = [...replaced, ...remaining].map(({ at }) => at);
      assert.deepEqual(
        steps.filter((step) => !told.includes(step)),
        [],
        name,
      );
      assert.ok(steps.length > 0, name);
    }
  });
});

/** Everything in a set-up's files that stands for a credential: their makers mark it. */
function secretsOf(name: string): string[] {
  const folder = join(setUps, name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap((entry) =>
    Array.from(
      readFileSync(join(entry.parentPath, entry.name), "utf8").matchAll(/not-a-real-[a-z0-9-]+/g),
      ([text]) => text,
    ),
  );
}
