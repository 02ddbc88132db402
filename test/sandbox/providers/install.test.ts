/** The installed plugins start at once, speak with the engine, and end with it. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { installProviders } from "../../../sandbox/providers/install";
import { ask, PluginClient } from "./plugin-client";

describe("an installed plugin", function () {
  this.timeout(60_000);
  let folder: string;
  const started: number[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "wheelhouse-providers-"));
    await installProviders(folder);
  });
  after(async () => {
    started.filter(isRunning).forEach((pid) => process.kill(pid, "SIGKILL"));
    await rm(folder, { recursive: true });
  });

  async function firstLine(child: ChildProcess): Promise<string> {
    const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
    return line;
  }

  for (const name of ["azuredevops", "azure-native", "docker"]) {
    it(`is a script that any shell starts: ${name}`, async () => {
      const child = spawn(join(folder, `pulumi-resource-${name}`), ["127.0.0.1:1"], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      started.push(child.pid!);
      const client = PluginClient.at(Number(await firstLine(child)));
      const info = await ask<{ getVersion(): string }>((done) => client.raw.getPluginInfo(new Empty(), done));
      ok(/^\d+\.\d+\.\d+$/.test(info.getVersion()));
      client.close();
      child.kill();
      await once(child, "exit");
    });
  }

  it("starts in a fraction of a second", async () => {
    const times = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const begin = performance.now();
      const child = spawn(join(folder, "pulumi-resource-azuredevops"), [], { stdio: ["pipe", "pipe", "inherit"] });
      started.push(child.pid!);
      await firstLine(child);
      times.push(performance.now() - begin);
      child.kill();
      await once(child, "exit");
    }
    ok(Math.min(...times) < 1000, `started in ${times.map(Math.round).join(", ")} ms`);
  });

  it("ends when its standard input is closed", async () => {
    const child = spawn(join(folder, "pulumi-resource-azuredevops"), [], { stdio: ["pipe", "pipe", "inherit"] });
    started.push(child.pid!);
    await firstLine(child);
    child.stdin.end();
    const [code] = (await once(child, "exit")) as [number];
    strictEqual(code, 0);
  });

  it("ends when its parent is killed, although nobody closes its standard input", async () => {
    // The parent gives the plugin a standard input that stays open after its death.
    const parent = spawn(
      process.execPath,
      [
        "-e",
        `const child = require("child_process").spawn(process.argv[1], [], { stdio: [0, "pipe", "inherit"] });
         child.stdout.once("data", () => console.log(child.pid)); setInterval(() => {}, 1000);`,
        join(folder, "pulumi-resource-azure-native"),
      ],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    started.push(parent.pid!);
    const plugin = Number(await firstLine(parent));
    started.push(plugin);
    ok(isRunning(plugin));
    parent.kill("SIGKILL");
    for (let waited = 0; isRunning(plugin) && waited < 10_000; waited += 50) {
      await sleep(50);
    }
    strictEqual(isRunning(plugin), false);
    parent.stdin.destroy();
  });

  it("is not written again when nothing changed, and leaves nothing else in the folder", async () => {
    const snapshot = async (): Promise<unknown[]> => {
      const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
      const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
      return Promise.all(paths.map(async (path) => [path, (await stat(path)).ino]));
    };
    const first = await snapshot();
    strictEqual(first.length, 6);
    const stale = join(folder, "providers", "azuredevops-0000.cjs");
    await writeFile(stale, "");
    await utimes(stale, new Date(0), new Date(0));
    await Promise.all([installProviders(folder), installProviders(folder)]);
    deepStrictEqual(await snapshot(), first);
  });

  it("is mended where its script was changed", async () => {
    const path = join(folder, "pulumi-resource-azuredevops");
    const before = await readFile(path, "utf8");
    await writeFile(path, "broken");
    await installProviders(folder);
    strictEqual(await readFile(path, "utf8"), before);
    strictEqual((await stat(path)).mode & 0o777, 0o755);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
