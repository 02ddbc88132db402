import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { State } from "../../../sandbox/cloud/state";
import { account, call, token, type Reply } from "./client";

const root = join(__dirname, "..", "..", "..");
const { personalAccessToken, clientSecret, ...identity } = account;

describe("the stand-in cloud as a process", function () {
  this.timeout(90_000);
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloud-daemon-"));
    const secrets = JSON.stringify({ personalAccessToken, clientSecret, passphrase: "p" });
    writeFileSync(join(folder, "secrets.json"), secrets, { mode: 0o600 });
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const cloudFolder = (): string => join(folder, "cloud");
  const serverFile = (): string => join(cloudFolder(), "server.json");

  function launch(
    args: string[] = [],
    environment: NodeJS.ProcessEnv = {},
  ): { child: ChildProcess; errors: () => string } {
    const options = ["--require", "tsx/cjs", join(root, "sandbox", "cloud", "main.ts"), ...args];
    const child = spawn(process.execPath, options, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    let said = "";
    child.stdout.resume();
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    return { child, errors: () => said };
  }

  const usual = (): string[] => [
    ...["--folder", cloudFolder(), "--organization", identity.organization, "--secrets", join(folder, "secrets.json")],
    ...[
      "--subscription-id",
      identity.subscriptionId,
      "--tenant-id",
      identity.tenantId,
      "--client-id",
      identity.clientId,
    ],
  ];

  /** Starts it and waits until it listens. */
  async function up(
    args = usual(),
    environment: NodeJS.ProcessEnv = {},
  ): Promise<{ child: ChildProcess; address: string }> {
    const { child, errors } = launch(args, environment);
    for (let waited = 0; waited < 600; waited += 1) {
      if (child.exitCode !== null) {
        throw new Error(`it ended: ${errors()}`);
      }
      if (existsSync(serverFile())) {
        const { pid, port } = JSON.parse(readFileSync(serverFile(), "utf8")) as { pid: number; port: number };
        if (pid === child.pid) {
          return { child, address: `http://127.0.0.1:${port}` };
        }
      }
      await sleep(50);
    }
    throw new Error(`it did not listen: ${errors()}`);
  }

  function create(address: string, name: string, inputs: object): Promise<Reply> {
    return call(address, "POST", "/devops/acme/_sandbox/create", { token: token(name), inputs });
  }

  it("writes where it listens, has no secret among its arguments, and ends cleanly when told to", async () => {
    const { child, address } = await up();
    const described = JSON.parse(readFileSync(serverFile(), "utf8")) as Record<string, unknown>;
    assert.deepEqual(Object.keys(described).sort(), ["pid", "port", "startedAt"]);
    assert.equal((await call(address, "GET", "/devops/acme/_apis/projects?api-version=7.1")).status, 200);
    const line = readFileSync(`/proc/${child.pid ?? 0}/cmdline`, "utf8");
    assert.ok(!line.includes(personalAccessToken) && !line.includes(clientSecret));
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number | null];
    assert.equal(code, 0);
    assert.equal(existsSync(join(cloudFolder(), "lock.json")), false);
    assert.match(readFileSync(join(cloudFolder(), "cloud.log"), "utf8"), /stopped/);
  });

  it("takes its options from the environment as well", async () => {
    const WHEELHOUSE_CLOUD_OPTIONS = JSON.stringify({ ...account, folder: cloudFolder() });
    const { address } = await up([], { WHEELHOUSE_CLOUD_OPTIONS });
    assert.equal((await call(address, "GET", "/devops/acme/_apis/projects")).status, 200);
  });

  it("says which options it lacks", async () => {
    const { child, errors } = launch([], { WHEELHOUSE_CLOUD_OPTIONS: undefined });
    const [code] = (await once(child, "close")) as [number | null];
    assert.equal(code, 1);
    assert.match(errors(), /folder: .*personalAccessToken: /s);
  });

  it("refuses a folder that another one serves, and leaves that one be", async () => {
    const { child: first, address } = await up();
    const { child, errors } = launch(usual());
    const [code] = (await once(child, "close")) as [number | null];
    assert.equal(code, 1);
    assert.ok(errors().includes(`process ${first.pid ?? 0} serves`), errors());
    assert.equal((await call(address, "GET", "/devops/acme/_apis/projects")).status, 200);
  });

  it("comes up whole after it was killed in the middle of writes, again and again", async () => {
    const acknowledged: string[] = [];
    let projectId = "";
    let repositoryId = "";
    for (let round = 0; round < 4; round += 1) {
      const { child, address } = await up();
      if (round === 0) {
        projectId = (await create(address, "Project", { name: "Killed" })).json.id ?? "";
        const repository = {
          projectId,
          name: "code",
          defaultBranch: "refs/heads/main",
          initialization: { initType: "Clean" },
        };
        repositoryId = (await create(address, "Git", repository)).json.id ?? "";
      }
      let writing = true;
      const writers = [0, 1, 2, 3].map(async (writer) => {
        for (let index = 0; writing && index < 500; index += 1) {
          const name = `k-${round}-${writer}-${index}`;
          const file = { repositoryId, file: name, content: name, branch: "refs/heads/main" };
          const reply = await (
            writer < 2
              ? create(address, "Environment", { projectId, name })
              : create(address, "GitRepositoryFile", file)
          ).catch(() => undefined);
          if (reply?.status === 200) {
            acknowledged.push(writer < 2 ? name : `file ${name}`);
          } else if (reply !== undefined) {
            throw new Error(`${name} was refused: ${reply.text}`);
          }
        }
      });
      await sleep(300 + 150 * round);
      writing = round % 2 === 0;
      child.kill("SIGKILL");
      await once(child, "exit");
      writing = false;
      await Promise.all(writers);
      State.load(cloudFolder());
    }
    const { address } = await up();
    assert.ok(acknowledged.length > 8, `${acknowledged.length} writes`);
    const items = await call(address, "GET", `/devops/acme/_apis/git/repositories/${repositoryId}/items`);
    const paths = new Set(items.json.value?.map(({ path }) => path));
    for (const name of acknowledged) {
      const found = name.startsWith("file ")
        ? paths.has(`/${name.slice("file ".length)}`)
        : (
            await call(address, "POST", "/devops/acme/_sandbox/find", {
              token: token("Environment"),
              inputs: { projectId, name },
            })
          ).status === 200;
      assert.ok(found, `${name} was acknowledged and is gone`);
    }
    assert.equal((await create(address, "Environment", { projectId, name: "after all" })).status, 200);
  });
});
