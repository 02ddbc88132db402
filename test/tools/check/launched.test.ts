/** Tests `wheelhouse check` as a process: how long it takes for a large platform, and as a hook of pre-commit. */
import { strict as assert } from "node:assert";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { bin } from "../../../package.json";
import { root } from "../../rendered";
import { launched, launcher } from "../launched";
import { platformFiles, stackFile, withPlatform } from "../platform";

const applications = 300;
/** What a person waits for without minding. Time of the processor, since other tests run beside this one. */
const most = 2000;

function many(): Record<string, string> {
  const orders = String(platformFiles["apps/orders.yaml"]);
  const names = Array.from({ length: applications - 1 }, (_, index) => `service-${index}`);
  return Object.fromEntries(names.map((name) => [`apps/${name}.yaml`, orders.replaceAll("orders", name)]));
}

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly language: string;
  readonly files: string;
  readonly pass_filenames: boolean;
}

describe("wheelhouse check, started as people do", function () {
  this.timeout(60_000);

  it(`checks ${applications} applications and a stack in under two seconds of processor time, node's start included`, async () => {
    await withPlatform({ ...many(), "Pulumi.dev.yaml": stackFile() }, async (folder) => {
      const preload = path.join(folder, "measure.cjs");
      writeFileSync(
        preload,
        'process.on("exit", () => { const { user, system } = process.cpuUsage(); console.error("ms " + (user + system) / 1000); });',
      );
      const runs = [];
      for (let run = 0; run < 2; run++) runs.push(await launched(["check"], folder, ["--require", preload]));
      for (const ran of runs) assert.equal(ran.output, `${applications} applications, 2 base images, 1 stack: fine\n`);
      const best = Math.min(...runs.map(({ errors }) => Number(/^ms (.*)$/m.exec(errors)?.[1])));
      assert.ok(best < most, `${best} ms`);
    });
  });

  it("loads neither questions nor engines nor what builds images", async () => {
    await withPlatform({}, async (folder) => {
      const preload = path.join(folder, "list.cjs");
      writeFileSync(preload, 'process.on("exit", () => console.error(Object.keys(require.cache).join("\\n")));');
      const { errors } = await launched(["check"], folder, ["--require", preload]);
      assert.match(errors, /spec\/load\.ts/);
      assert.doesNotMatch(
        errors,
        /@inquirer|@pulumi|@octokit|azure-devops-node-api|tar-stream|tools\/(?:bake|scan|migrate|preview)\//,
      );
    });
  });

  describe("as a hook of pre-commit", () => {
    const hooks = parse(readFileSync(path.join(root, ".pre-commit-hooks.yaml"), "utf8")) as Hook[];
    const hook = hooks.find(({ id }) => id === "wheelhouse-check");

    it("has an entry that the package installs, and that fails where there is a mistake", async () => {
      assert.ok(hook !== undefined);
      const [program = "", ...args] = hook.entry.split(" ");
      assert.equal(hook.language, "node");
      assert.equal(path.join(root, (bin as Record<string, string>)[program] ?? ""), launcher);
      assert.ok(existsSync(launcher));
      await withPlatform({}, async (folder) => assert.equal((await launched(args, folder)).code, 0));
      const broken = { "apps/orders.yaml": "name: orders\n" };
      const ran = await withPlatform(broken, (folder) => launched(args, folder));
      assert.equal(ran.code, 1);
      assert.equal(ran.output, "apps/orders.yaml:1:1  baseImage: is missing\n  write baseImage: …\n");
    });

    it("runs where a file of the platform is committed, and not for others", () => {
      const files = new RegExp(hook?.files ?? "(?!)");
      for (const file of [
        "apps/orders.yaml",
        "apps/orders.yml",
        "base-images/python-web/requirements.in",
        "Pulumi.dev.yaml",
        "Pulumi.yaml",
      ]) {
        assert.match(file, files);
      }
      for (const file of ["README.md", "src/apps/orders.yaml", "apps.yaml", "components/platform.ts"]) {
        assert.doesNotMatch(file, files);
      }
      assert.equal(hook?.pass_filenames, false);
    });
  });
});
