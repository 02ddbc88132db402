import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as send } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeHandler, type ControlParts } from "../../../../sandbox/agent/control";
import { ControlError } from "../../../../sandbox/agent/control/answer";
import { registryRepositories } from "../../../../sandbox/agent/control/registry-repositories";
import { RunStore } from "../../../../sandbox/agent/records";
import { ClockError, type Agents } from "../../../../sandbox/agent/service";
import { listen, type GatewayServer } from "../../../../sandbox/services/gateway-server";
import type { Services } from "../../../../sandbox/services/types";

const token = "personal-access-token";

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

describe("the control interface", () => {
  let folder: string;
  let runs: RunStore;
  let server: GatewayServer;
  const done: string[] = [];
  const failures: unknown[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-control-"));
    runs = RunStore.open(join(folder, "runs"));
    runs.create({
      id: 3,
      number: "20261121.1",
      pipeline: { id: 1, name: "orders", folder: "\\", project: "Platform" },
      repository: { id: "r", name: "orders" },
      ...{ reason: "Manual", because: "queued by hand", branch: "refs/heads/main", commit: "1".repeat(40) },
      queuedAt: "2026-11-21T04:00:00.000Z",
    });
    runs.planSteps(3, ["Build", "Push"]);
    runs.startStep(3, 0);
    runs.line(3, 0, "hello");
    const agents: Agents = {
      runs,
      clock: () => new Date("2026-11-22T04:00:00Z"),
      clockOffsetSeconds: () => 86_400,
      setForward(seconds) {
        if (seconds > 1_000_000) throw new ClockError("too far");
        done.push(`clock ${seconds}`);
      },
      agents: () => [{ number: 1, run: 3 }, { number: 2 }],
      queue: () => [4],
      cloudAddress: () => undefined,
      trouble: () => "the clouds are away",
      setCloud: () => Promise.reject(new Error("not asked for")),
      isIdle: () => false,
      wait: (seconds) => Promise.resolve(seconds > 1),
      cancel: (id) => void done.push(`cancel ${runs.require(id).id}`),
      close: () => Promise.resolve(),
    };
    const services = {
      registry: { rotate: (role: string) => done.push(`rotate ${role}`), counters: () => ({ requests: 1 }) },
      feed: {
        counters: () => ({ requests: 2 }),
        holdBack(name: string, version: string) {
          if (version === "x") throw new RangeError("no version");
          done.push(`hold ${name} ${version}`);
        },
        release: (name: string) => done.push(`release ${name}`),
        versions: (name: string) => Promise.resolve(name === "flask" ? ["3.0", "3.1"] : []),
      },
      upstreamImage: () => Promise.reject(new Error("no room on the disk")),
    } as unknown as Services;
    const parts: ControlParts = {
      ...{ agents, services, personalAccessToken: token },
      setCloud: (address) => Promise.resolve(void done.push(`cloud ${address}`)),
      publish: (from) =>
        from === "/samples" ? Promise.resolve(["a.whl"]) : Promise.reject(new ControlError(400, "another folder")),
      page: (request, response) => {
        response.end(`page ${request.url ?? ""}`);
        return Promise.resolve(request.url !== "/nothing");
      },
      failed: (error) => failures.push(error),
    };
    server = await listen(makeHandler(parts), (error) => failures.push(error));
  });
  after(async () => {
    await server.close();
    runs.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    done.length = 0;
    failures.length = 0;
  });

  function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = send(
        {
          ...{ host: "127.0.0.1", port: server.port, method, path },
          headers: {
            authorization: `Bearer ${token}`,
            ...(text === undefined ? {} : { "content-type": "application/json" }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              type: response.headers["content-type"] ?? "",
              text: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      sent.on("error", reject).end(text);
    });
  }

  const json = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const { status, text } = await ask(method, `/control/${path}`, body);
    strictEqual(status, 200, text);
    return JSON.parse(text);
  };

  async function refused(status: number, message: RegExp, ...args: Parameters<typeof ask>): Promise<void> {
    const reply = await ask(...args);
    strictEqual(reply.status, status, reply.text);
    match((JSON.parse(reply.text) as { message: string }).message, message);
  }

  it("tells the state, the runs and their logs", async () => {
    deepStrictEqual(await json("GET", "state"), {
      ...{ idle: false, clock: "2026-11-22T04:00:00.000Z", clockOffsetSeconds: 86_400 },
      ...{ agents: [{ number: 1, run: 3 }, { number: 2 }], queue: [4], trouble: "the clouds are away" },
    });
    deepStrictEqual(await json("GET", "runs"), runs.list());
    deepStrictEqual(await json("GET", "runs/3"), runs.require(3));
    const whole = await ask("GET", "/control/runs/3/log");
    match(whole.type, /^text\/plain/);
    match(whole.text, /^=== 1 Build: running\n\S+Z hello\n/);
    match((await ask("GET", "/control/runs/3/log?step=1")).text, /^\S+Z hello\n$/);
    deepStrictEqual(await json("GET", "counters"), { registry: { requests: 1 }, feed: { requests: 2 } });
    deepStrictEqual(await json("GET", "versions/flask"), ["3.1", "3.0"]);
  });

  it("does what it is told", async () => {
    await json("POST", "clock", { seconds: 60 });
    await json("POST", "cloud", { address: "http://127.0.0.1:4711" });
    await json("POST", "rotate", {});
    await json("POST", "hold-back", { name: "flask", version: "3.1" });
    await json("POST", "release", { name: "flask" });
    await json("POST", "runs/3/cancel", {});
    deepStrictEqual(done, [
      "clock 60",
      "cloud http://127.0.0.1:4711",
      "rotate pull",
      "rotate push",
      "rotate delete",
      "hold flask 3.1",
      "release flask",
      "cancel 3",
    ]);
    deepStrictEqual(await json("POST", "wait", { seconds: 2 }), { idle: true });
    deepStrictEqual(await json("POST", "wait", { seconds: 0.5 }), { idle: false });
    deepStrictEqual(await json("POST", "publish", { folder: "/samples" }), { published: ["a.whl"] });
  });

  it("takes the token as Basic credentials, too, and nobody without it", async () => {
    const basic = (password: string) => `Basic ${Buffer.from(`me:${password}`).toString("base64")}`;
    strictEqual((await ask("GET", "/control/state", undefined, { authorization: basic(token) })).status, 200);
    for (const authorization of ["", basic("wrong"), `Bearer ${token}x`, "Bearer ", basic("")]) {
      await refused(401, /sign in/, "GET", "/control/state", undefined, { authorization });
    }
    await refused(401, /sign in/, "POST", "/control/clock", { seconds: 60 }, { authorization: basic("x") });
    deepStrictEqual(done, []);
  });

  it("answers under the machine's own names only, so that no page of another site comes in", async () => {
    for (const host of ["evil.example:80", "127.0.0.1.evil.example", "[::1]"]) {
      await refused(403, /127\.0\.0\.1 and localhost only/, "GET", "/control/state", undefined, { host });
    }
    strictEqual((await ask("GET", "/control/state", undefined, { host: "localhost" })).status, 200);
    await refused(415, /application\/json/, "POST", "/control/clock", '{"seconds":60}', {
      "content-type": "text/plain",
    });
    deepStrictEqual(done, []);
  });

  it("refuses what it does not understand, and changes nothing", async () => {
    await refused(400, /seconds/, "POST", "/control/clock", { seconds: -1 });
    await refused(400, /seconds/, "POST", "/control/clock", { seconds: 60.5 });
    await refused(400, /more|Unrecognized/i, "POST", "/control/clock", { seconds: 60, more: 1 });
    await refused(400, /no JSON/, "POST", "/control/clock", "{");
    await refused(413, /65536 bytes/, "POST", "/control/clock", `{"seconds":${" ".repeat(70_000)}60}`);
    await refused(400, /too far/, "POST", "/control/clock", { seconds: 2_000_000 });
    await refused(400, /address/, "POST", "/control/cloud", { address: "http://example.com:80" });
    await refused(400, /address/, "POST", "/control/cloud", { address: "https://127.0.0.1:1" });
    await refused(400, /is no name of a package/, "POST", "/control/hold-back", { name: "../x", version: "1" });
    await refused(400, /no version/, "POST", "/control/hold-back", { name: "flask", version: "x" });
    await refused(400, /another folder/, "POST", "/control/publish", { folder: "/etc" });
    deepStrictEqual([done, failures], [[], []]);
  });

  it("says what there is where there is nothing", async () => {
    await refused(404, /there is no run 7; the newest is 3/, "GET", "/control/runs/7");
    await refused(404, /there is no run 7/, "POST", "/control/runs/7/cancel", {});
    await refused(404, /steps 1 to 2, and no step 3/, "GET", "/control/runs/3/log?step=3");
    await refused(400, /no number of a run/, "GET", "/control/runs/..%2F3");
    await refused(404, /GET state/, "GET", "/control/");
    await refused(405, /asked with POST/, "GET", "/control/clock");
    await refused(400, /percent sign/, "GET", "/control/runs/%E0%A4%A");
  });

  it("tells the caller and the log what went wrong inside", async () => {
    await refused(500, /no room on the disk/, "GET", "/control/upstream-image");
    match(String(failures[0]), /no room on the disk/);
  });

  it("leaves all else to the page", async () => {
    strictEqual((await ask("GET", "/runs/3")).text, "page /runs/3");
    strictEqual((await ask("GET", "/controls")).text, "page /controls");
    ok((await ask("GET", "/", undefined, { authorization: "" })).status === 200);
  });
});

describe("the repositories of the registry", () => {
  it("are those that something was pushed to, however deep", () => {
    const folder = mkdtempSync(join(tmpdir(), "wheelhouse-registry-"));
    try {
      deepStrictEqual(registryRepositories(folder), []);
      const root = join(folder, "registry", "content", "docker", "registry", "v2", "repositories");
      for (const name of ["orders", "python-web", "python-web/cache", "team/app"])
        mkdirSync(join(root, name, "_manifests", "revisions"), { recursive: true });
      mkdirSync(join(root, "begun", "_uploads"), { recursive: true });
      writeFileSync(join(root, "file"), "");
      deepStrictEqual(registryRepositories(folder), ["orders", "python-web", "python-web/cache", "team/app"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
