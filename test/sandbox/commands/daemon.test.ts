import { deepStrictEqual, match, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DaemonNotAnswering } from "../../../sandbox/commands/daemon";
import { cloudDaemon, cloudOptions } from "../../../sandbox/commands/daemons";
import {
  describeSandbox,
  ensureSecrets,
  makeFolders,
  type Sandbox,
  type Secrets,
} from "../../../sandbox/commands/sandbox";
import { isRunning } from "../../../sandbox/process-table.mjs";

const serving = `
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
const options = JSON.parse(process.env.WHEELHOUSE_CLOUD_OPTIONS ?? "{}");
const expected = "Basic " + Buffer.from(":" + options.personalAccessToken).toString("base64");
const server = createServer((request, response) => {
  response.statusCode = request.headers.authorization === expected ? 200 : 401;
  response.end();
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address() as { port: number };
  writeFileSync(options.folder + "/server.json", JSON.stringify({ port: address.port }));
  writeFileSync(options.folder + "/seen.json", JSON.stringify({ argv: process.argv, lock: process.env.WHEELHOUSE_LOCK ?? null }));
});
`;

describe("the daemon of the stand-in clouds", () => {
  let folder: string;
  let sandbox: Sandbox;
  let secrets: Secrets;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-daemon-"));
    mkdirSync(join(folder, "code"));
    const plain = describeSandbox(join(folder, "program"), { WHEELHOUSE_HOME: folder });
    sandbox = { ...plain, cloudProgram: join(folder, "code", "main.ts") };
    makeFolders(sandbox);
    secrets = ensureSecrets(sandbox);
    writeFileSync(sandbox.cloudProgram, serving);
  });

  afterEach(async () => {
    await cloudDaemon(sandbox).stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const ensure = (options = cloudOptions(sandbox, secrets, undefined)): Promise<string> =>
    cloudDaemon(sandbox).ensure(secrets, options, { ...process.env, WHEELHOUSE_LOCK: "/a/lock" });
  const seen = (): { argv: string[]; lock: string | null } =>
    JSON.parse(readFileSync(join(sandbox.cloud, "seen.json"), "utf8")) as { argv: string[]; lock: string | null };

  it("is started once, and found again", async () => {
    strictEqual(await cloudDaemon(sandbox).address(), undefined);
    const address = await ensure();
    const before = cloudDaemon(sandbox).process();
    ok(before !== undefined);
    strictEqual(await ensure(), address);
    deepStrictEqual(cloudDaemon(sandbox).process(), before);
    strictEqual(await cloudDaemon(sandbox).address(), address);
  });

  it("gets no secret as an argument, and does not count as left behind by the run that starts it", async () => {
    await ensure();
    const { argv, lock } = seen();
    for (const secret of Object.values(secrets) as string[]) strictEqual(argv.join(" ").includes(secret), false);
    strictEqual(lock, null);
  });

  it("is replaced when its code has changed", async () => {
    await ensure();
    const before = cloudDaemon(sandbox).process();
    ok(before !== undefined);
    writeFileSync(sandbox.cloudProgram, `${serving}\n// changed`);
    await ensure();
    const after = cloudDaemon(sandbox).process();
    ok(after !== undefined && after.pid !== before.pid);
    strictEqual(isRunning(before), false);
  });

  it("is replaced when it is to know other services", async () => {
    await ensure();
    const before = cloudDaemon(sandbox).process();
    const services = { port: 1, registryHost: "127.0.0.1:2", feedAddress: "http://127.0.0.1:3", dockerConfig: folder };
    await ensure(cloudOptions(sandbox, secrets, services));
    ok(cloudDaemon(sandbox).process()?.pid !== before?.pid);
  });

  it("is started anew when another server has taken its port", async () => {
    await ensure();
    await cloudDaemon(sandbox).stop();
    // What answers there does not know the token, as a stranger's server would not.
    const other = { ...secrets, personalAccessToken: "another" };
    const theirs = cloudDaemon({ ...sandbox, folder: join(folder, "stranger") });
    const stranger = await theirs.ensure(other, cloudOptions(sandbox, other, undefined), process.env);
    strictEqual(await cloudDaemon(sandbox).address(), undefined);
    notStrictEqual(await ensure(), stranger);
    await theirs.stop();
  });

  it("that cannot start is told with the end of what it said, at once", async () => {
    writeFileSync(sandbox.cloudProgram, 'console.error("cloud: the folder is locked"); process.exit(1);');
    const started = Date.now();
    await rejects(ensure(), (error: unknown) => {
      ok(error instanceof DaemonNotAnswering);
      match(error.message, /cloud: the folder is locked/);
      return true;
    });
    ok(Date.now() - started < 15_000);
    strictEqual(cloudDaemon(sandbox).process(), undefined);
  });

  it("is stopped by its id, and stopping what does not run is no error", async () => {
    await ensure();
    strictEqual(await cloudDaemon(sandbox).stop(), true);
    strictEqual(cloudDaemon(sandbox).process(), undefined);
    strictEqual(await cloudDaemon(sandbox).stop(), false);
    strictEqual(existsSync(sandbox.cloud), true);
  });
});
