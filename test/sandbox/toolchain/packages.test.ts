import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ensurePackages, packagesAreInstalled } from "../../../sandbox/packages.mjs";
import { Machine } from "./machine";

describe("the node packages", () => {
  let machine: Machine;
  let checkout: string;

  beforeEach(() => {
    machine = new Machine();
    checkout = join(machine.folder, "checkout");
    mkdirSync(checkout);
    writeFileSync(join(checkout, "package-lock.json"), "{}");
    machine.link("rm");
    npm("");
  });

  afterEach(async () => machine.remove());

  /** An npm that empties the folder of packages first, as the real one does, then does something more. */
  function npm(more: string): void {
    machine.script(
      "npm",
      `echo "npm $*" >> ${machine.folder}/notes; rm -rf node_modules; mkdir -p node_modules; ${more}`,
    );
  }

  const install = (): Promise<void> =>
    ensurePackages(checkout, { ...machine.context, lock: join(machine.folder, "lock"), progressSeconds: 0.1 });

  const runs = (): number => machine.notes().filter((note) => note.startsWith("npm")).length;

  it("are installed as the lock file says, and only once", async () => {
    strictEqual(packagesAreInstalled(checkout), false);
    await install();
    await install();
    deepStrictEqual(machine.notes(), ["npm ci --no-audit --no-fund"]);
    strictEqual(packagesAreInstalled(checkout), true);
  });

  it("are installed anew when the lock file changed", async () => {
    await install();
    writeFileSync(join(checkout, "package-lock.json"), '{"changed": true}');
    strictEqual(packagesAreInstalled(checkout), false);
    await install();
    strictEqual(runs(), 2);
  });

  it("are not installed through a link, where npm would empty the packages of another checkout", async () => {
    const other = join(machine.folder, "other");
    mkdirSync(join(other, "kept"), { recursive: true });
    symlinkSync(other, join(checkout, "node_modules"));
    await rejects(install(), /node_modules leads to .*other, whose packages are not those of this package-lock\.json/);
    ok(existsSync(join(other, "kept")));
    strictEqual(runs(), 0);
  });

  it("are installed anew when their folder was removed", async () => {
    await install();
    rmSync(join(checkout, "node_modules"), { recursive: true });
    await install();
    strictEqual(runs(), 2);
  });

  it("do not count as installed after a failure, which is told in npm's own words", async () => {
    npm("echo 'npm error code EINTEGRITY' >&2; exit 1");
    await rejects(install(), /the node packages cannot be installed: npm ci [^]*npm error code EINTEGRITY/);
    strictEqual(packagesAreInstalled(checkout), false);
    npm("");
    await install();
    strictEqual(packagesAreInstalled(checkout), true);
  });

  it("are installed without npm's output, but with a word on how long it has taken", async () => {
    npm("echo 'npm warn deprecated' >&2; sleep 0.3");
    await install();
    ok(machine.said.some((line) => /^node packages: installing \(\d+ s\)$/.test(line)));
    match(machine.said.at(-1) ?? "", /^node packages: installed in \d+ s$/);
    strictEqual(
      machine.said.some((line) => line.includes("deprecated")),
      false,
    );
  });

  it("are installed once by two runs at the same time", async () => {
    npm(`while [ -e ${machine.folder}/hold ]; do sleep 0.05; done`);
    writeFileSync(join(machine.folder, "hold"), "");
    const both = [install(), install()];
    const deadline = Date.now() + 5000;
    while (!machine.said.some((line) => line.includes("waiting for process")) && Date.now() < deadline) await sleep(20);
    rmSync(join(machine.folder, "hold"));
    await Promise.all(both);
    strictEqual(runs(), 1);
  });

  it("leave npm's settings as the machine has them", async () => {
    npm('echo "registry $npm_config_registry cert $NODE_EXTRA_CA_CERTS" >> ../notes');
    const environment = {
      ...machine.environment,
      npm_config_registry: "http://127.0.0.1:9/",
      NODE_EXTRA_CA_CERTS: "/ca",
    };
    await ensurePackages(checkout, { ...machine.context, environment, lock: join(machine.folder, "lock") });
    strictEqual(machine.notes()[1], "registry http://127.0.0.1:9/ cert /ca");
    strictEqual(existsSync(join(checkout, ".npmrc")), false);
  });
});
