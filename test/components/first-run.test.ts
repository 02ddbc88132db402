import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { FirstRun } from "../../components";
import { credentialFrom } from "../../components/azure-devops-credential";
import type { Clock, RestOptions } from "../../components/azure-devops-rest";
import { firstRunProvider } from "../../components/first-run";
import { create, type FirstRunInputs } from "../../components/first-run-provider";
import { FeedsService, type Answer, type Received } from "./feeds-service";
import { only, record } from "./recording";

const TOKEN = "pat-4f9c2d81e6b7a350";
const root = resolve(__dirname, "../..");

/** Answers as Azure DevOps does; `queue` decides on the n-th request for a run, from 1 on. */
function pipelines(runs: { id: number }[], queue: (count: number) => Answer | undefined = () => undefined) {
  let asked = 0;
  return ({ method }: Received): Answer => {
    if (method === "GET") return { body: { count: Math.min(runs.length, 1), value: runs.slice(0, 1) } };
    const answer = queue(++asked);
    if (answer !== undefined) return answer;
    runs.unshift({ id: 100 + asked });
    return { body: { id: 100 + asked, name: "20261121.1", state: "inProgress" } };
  };
}

describe("the first run of a pipeline", () => {
  let service: FeedsService;
  let slept: number[];
  let options: RestOptions;

  beforeEach(() => {
    slept = [];
    let time = 1_700_000_000_000;
    const clock: Clock = {
      now: () => time,
      sleep: (milliseconds) => {
        slept.push(milliseconds);
        time += milliseconds;
        return Promise.resolve();
      },
    };
    options = { credential: () => credentialFrom({ AZDO_PERSONAL_ACCESS_TOKEN: TOKEN }), clock };
  });

  afterEach(() => service.stop());

  const inputs = (): FirstRunInputs => ({
    organizationUrl: `${service.url}/`,
    project: "My Project",
    pipelineId: 7,
    branch: "refs/heads/main",
  });
  const said = () => service.received.map(({ method, path }) => `${method} ${path}`);
  const look = "GET /contoso/My%20Project/_apis/build/builds?definitions=7&$top=1&api-version=7.1";
  const ask = "POST /contoso/My%20Project/_apis/pipelines/7/runs?api-version=7.1";

  it("is queued on the branch, after a look whether there is one", async () => {
    service = await FeedsService.start(pipelines([]));
    const { id, outs } = await create(inputs(), options);
    assert.deepEqual([id, outs], ["101", { ...inputs(), runId: 101 }]);
    assert.deepEqual(said(), [look, ask]);
    assert.deepEqual(service.received[1]!.body, {
      resources: { repositories: { self: { refName: "refs/heads/main" } } },
    });
  });

  it("is not queued where the pipeline ran already", async () => {
    service = await FeedsService.start(pipelines([{ id: 9 }, { id: 8 }]));
    const { id, outs } = await create(inputs(), options);
    assert.deepEqual([id, outs.runId, said()], ["9", 9, [look]]);
  });

  it("is not queued twice when the answer is lost, but looked for", async () => {
    const runs: { id: number }[] = [];
    const lost = (answer: Answer) =>
      pipelines(runs, () => {
        runs.push({ id: 55 });
        return answer;
      });
    for (const answer of [{ broken: true }, { status: 500 }, { status: 502, body: "<html>" }]) {
      runs.length = 0;
      service = await FeedsService.start(lost(answer));
      assert.equal((await create(inputs(), options)).outs.runId, 55);
      assert.deepEqual(said(), [look, ask, look]);
      await service.stop();
    }
    assert.deepEqual(slept, [1000, 1000, 1000]);
  });

  it("is asked for again where it was not queued, after longer and longer waits, and not for ever", async () => {
    service = await FeedsService.start(pipelines([], (count) => (count < 3 ? { status: 503 } : undefined)));
    assert.equal((await create(inputs(), options)).outs.runId, 103);
    assert.deepEqual(
      [said(), slept],
      [
        [look, ask, look, ask, look, ask],
        [1000, 2000],
      ],
    );
    await service.stop();
    slept.length = 0;
    service = await FeedsService.start(pipelines([], () => ({ status: 503 })));
    await assert.rejects(create(inputs(), options), /first run of pipeline 7: .* answered 503/);
    assert.deepEqual([service.received.length, slept], [10, [1000, 2000, 4000, 8000]]);
  });

  for (const [what, answer, pattern] of [
    ["of a token without the right", { status: 403 }, /scope Build \(read and execute\)/],
    ["of an expired token", { status: 401 }, /renew AZDO_PERSONAL_ACCESS_TOKEN/],
    ["of a pipeline that is gone", { status: 404 }, /check organization, project and pipeline/],
    ["of a pipeline that cannot run", { status: 400, body: { message: "The file is bad." } }, /\(The file is bad\.\)/],
  ] as const) {
    it(`is refused at once because ${what}, with the way out`, async () => {
      service = await FeedsService.start(pipelines([], () => answer));
      await assert.rejects(create(inputs(), options), (error: Error) => {
        assert.match(error.message, pattern);
        assert.match(error.message, /set wheelhouse:firstRun to none and run the pipeline by hand/);
        assert.ok(!`${error.message}${String(error.stack)}${String(error.cause)}`.includes(TOKEN));
        return true;
      });
      assert.deepEqual(said(), [look, ask]);
    });
  }

  it("is not taken for queued where the service answers something else", async () => {
    for (const body of [{}, { id: "7" }, [], { id: 1.5 }]) {
      service = await FeedsService.start(({ method }) => ({ body: method === "GET" ? { value: [] } : body }));
      await assert.rejects(create(inputs(), options), /something that is no run/);
      await service.stop();
    }
    service = await FeedsService.start(() => ({ body: {} }));
    await assert.rejects(create(inputs(), options), /something that is no list of runs/);
    assert.equal(service.received.length, 1);
  });

  describe("as the engine runs it", () => {
    it("is written into the state as a short text without paths and values of the environment", async () => {
      service = await FeedsService.start(pipelines([]));
      const written = await pulumi.runtime.serializeFunction(() => firstRunProvider);
      assert.equal(written.text, (await pulumi.runtime.serializeFunction(() => firstRunProvider)).text);
      assert.equal(written.containsSecrets, false);
      assert.ok(!written.text.includes(root), "it holds a path of this machine");
      for (const [name, value] of Object.entries(process.env)) {
        assert.ok((value ?? "").length < 12 || !written.text.includes(value!), `it holds the value of ${name}`);
      }
      assert.ok(written.text.length < 4000, `it is ${String(written.text.length)} characters long`);
    });

    it("is queued from that text alone, and never changed, replaced, read or removed", async () => {
      service = await FeedsService.start(pipelines([]));
      const folder = mkdtempSync(join(tmpdir(), "wheelhouse-first-run-"));
      try {
        const written = await pulumi.runtime.serializeFunction(() => firstRunProvider);
        const script = join(folder, "engine.cjs");
        writeFileSync(
          script,
          `${written.text}
const provider = exports.handler();
(async () => {
  const { id, outs } = await provider.create(${JSON.stringify(inputs())});
  const other = await provider.diff(id, outs, { organizationUrl: "x", project: "y", pipelineId: 8, branch: "z" });
  console.log(JSON.stringify({ id, outs, other, functions: Object.keys(provider).sort() }));
})();`,
        );
        const { stdout } = await promisify(execFile)(process.execPath, [script], {
          cwd: root,
          env: { PATH: process.env.PATH, SYSTEM_ACCESSTOKEN: TOKEN },
          timeout: 15_000,
        });
        assert.deepEqual(JSON.parse(stdout), {
          id: "101",
          outs: { ...inputs(), runId: 101 },
          other: { changes: false, replaces: [], deleteBeforeReplace: false },
          functions: ["create", "diff"],
        });
        assert.equal(service.received[0]!.headers.authorization, `Bearer ${TOKEN}`);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });

    it("is declared with what the state may hold, and nothing else", async () => {
      service = await FeedsService.start(pipelines([]));
      const recording = await record(() => new FirstRun("base", { ...inputs(), pipelineId: pulumi.output(7) }));
      const { inputs: declared } = only(recording, "pulumi-nodejs:dynamic/wheelhouse:FirstRun");
      const { __provider: provider, ...rest } = declared;
      assert.equal(typeof provider, "string");
      assert.deepEqual(rest, inputs());
      assert.deepEqual(service.received, []);
    });
  });
});
