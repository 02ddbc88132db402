import { deepStrictEqual, match, strictEqual } from "node:assert/strict";

import type { MainFile, PipelineResource, PushTrigger, Schedule } from "../../../../sandbox/agent/model";
import type { Memory } from "../../../../sandbox/agent/service/memory";
import { look, type Decision, type TriggerSources } from "../../../../sandbox/agent/service/triggers";
import type { BuildValidation, PullRequest, World } from "../../../../sandbox/agent/service/world";
import { commits, definition, mainFile, push, run, world } from "./world";

const everything = { include: [], exclude: [] };
const onMain: PushTrigger = { branches: { include: ["main"], exclude: [] }, paths: everything, batch: false };
const empty: Memory = { push: 1, definitions: [], held: [], schedules: {}, completed: [], pending: [], lastRun: 0 };

/** Main files by commit; where there is none, by definition; `changed` and `messages` are those of each push. */
interface Given {
  readonly files?: Readonly<Record<string, MainFile | undefined>>;
  readonly changed?: readonly string[];
  readonly messages?: readonly string[];
}

class Sources implements TriggerSources {
  readonly asked: string[] = [];

  constructor(private readonly given: Given) {}

  mainFile({ id }: { readonly id: number }, commit: string) {
    const { files = {} } = this.given;
    return Promise.resolve(commit in files ? files[commit] : files[String(id)]);
  }

  changedPaths(_repository: string, before: string | undefined, after: string) {
    this.asked.push(`${before?.slice(0, 1) ?? "nothing"}..${after.slice(0, 1)}`);
    return Promise.resolve(this.given.changed ?? ["README.md"]);
  }

  messages() {
    return Promise.resolve(this.given.messages ?? ["a change"]);
  }
}

const noon = new Date("2026-11-20T12:00:00Z");

async function decide(seen: World, given: Given, memory = empty, now = noon): Promise<Decision> {
  return look(seen, memory, now, new Sources(given));
}

function told({ memory }: Decision): string[] {
  return memory.pending.map(
    ({ definitionId, reason, branch, commit }) => `${definitionId} ${reason} ${branch} ${commit.slice(0, 1)}`,
  );
}

describe("pushes", () => {
  const pushed = world({ pushes: [push(1, commits.a), push(2, commits.b, { before: commits.a })] });
  const files = { "1": mainFile({ trigger: onMain }) };

  it("start what listens to them, each once", async () => {
    const decision = await decide(pushed, { files });
    deepStrictEqual(told(decision), ["1 IndividualCI refs/heads/main b"]);
    strictEqual(decision.memory.pending[0]!.because, "push of bbbbbbb to main");
    strictEqual(decision.memory.push, 2);
    deepStrictEqual(told(await decide(pushed, { files }, { ...decision.memory, pending: [] })), []);
  });

  it("start one run each where they are not put together", async () => {
    const three = world({ pushes: [...pushed.pushes, push(3, commits.c, { before: commits.b })] });
    deepStrictEqual(told(await decide(three, { files })), [
      "1 IndividualCI refs/heads/main b",
      "1 IndividualCI refs/heads/main c",
    ]);
  });

  it("start everything where the file says nothing of triggers, and nothing where it says none", async () => {
    strictEqual(told(await decide(pushed, { files: { "1": mainFile() } })).length, 1);
    deepStrictEqual(told(await decide(pushed, { files: { "1": mainFile({ trigger: "none" }) } })), []);
  });

  it("are judged by the file of the pushed commit", async () => {
    deepStrictEqual(
      told(await decide(pushed, { files: { ...files, [commits.b]: mainFile({ trigger: "none" }) } })),
      [],
    );
    deepStrictEqual(told(await decide(pushed, { files: { ...files, [commits.b]: undefined } })), []);
  });

  it("start nothing for other branches, other paths, tags and deletions", async () => {
    const of = (name: string, after = commits.b) => world({ pushes: [push(1, commits.a), push(2, after, { name })] });
    deepStrictEqual(told(await decide(of("refs/heads/feature"), { files })), []);
    deepStrictEqual(told(await decide(of("refs/tags/v1"), { files: { "1": mainFile() } })), []);
    deepStrictEqual(told(await decide(of("refs/heads/main", commits.none), { files })), []);
    const onPath = { "1": mainFile({ trigger: { ...onMain, paths: { include: ["base-images"], exclude: [] } } }) };
    deepStrictEqual(told(await decide(pushed, { files: onPath })), []);
    strictEqual(told(await decide(pushed, { files: onPath, changed: ["base-images/a.yaml"] })).length, 1);
  });

  it("are compared with what was there before, a new branch with the default one", async () => {
    const seen = world({
      pushes: [
        push(1, commits.a),
        push(2, commits.b, { before: commits.a }),
        push(3, commits.c, { name: "refs/heads/new" }),
      ],
    });
    const sources = new Sources({ files: { "1": mainFile() } });
    await look(seen, empty, noon, sources);
    deepStrictEqual(sources.asked, ["a..b", "b..c"]);
    const first = new Sources({ files: { "1": mainFile() } });
    await look(world(), { ...empty, push: 0, definitions: [1] }, noon, first);
    deepStrictEqual(first.asked, ["nothing..a"]);
  });

  it("start nothing where a message says so", async () => {
    for (const mark of [
      "[skip ci]",
      "x [CI skip] y",
      "[azp skip]",
      "skip-checks: true",
      "***NO_CI***",
      "text\n\n[skip azurepipelines]",
    ]) {
      deepStrictEqual(told(await decide(pushed, { files, messages: ["fine", mark] })), [], mark);
    }
    strictEqual(told(await decide(pushed, { files, messages: ["we skip ci here"] })).length, 1);
  });

  it("start nothing that was made after them", async () => {
    const later = (createdAt: string | undefined) => world({ ...pushed, definitions: [definition({ createdAt })] });
    deepStrictEqual(told(await decide(later("2026-11-20T00:00:02.001Z"), { files })), []);
    strictEqual(told(await decide(later("2026-11-20T00:00:02.000Z"), { files })).length, 1);
    // Without a time of its making it has to have been seen before.
    deepStrictEqual(told(await decide(later(undefined), { files })), []);
    strictEqual(told(await decide(later(undefined), { files }, { ...empty, definitions: [1] })).length, 1);
  });

  it("start paused pipelines, which wait, and no disabled ones", async () => {
    const of = (queueStatus: "paused" | "disabled") => world({ ...pushed, definitions: [definition({ queueStatus })] });
    strictEqual(told(await decide(of("paused"), { files })).length, 1);
    deepStrictEqual(told(await decide(of("disabled"), { files })), []);
  });

  describe("that are put together", () => {
    const batch = { "1": mainFile({ trigger: { ...onMain, batch: true } }) };
    const going = run({ id: 5, reason: "IndividualCI", state: "running" });
    const three = [
      push(1, commits.a),
      push(2, commits.b, { before: commits.a }),
      push(3, commits.c, { before: commits.b }),
    ];

    it("wait for the run before, and are built as one", async () => {
      const first = await decide(world({ pushes: three, runs: [going] }), { files: batch });
      deepStrictEqual(told(first), []);
      const waiting = await decide(world({ pushes: three, runs: [going] }), { files: batch }, first.memory);
      deepStrictEqual(waiting.memory.held, [
        { definitionId: 1, branch: "refs/heads/main", commit: commits.c, pushes: 2 },
      ]);
      const over = await decide(
        world({ pushes: three, runs: [{ ...going, state: "completed", result: "failed" }] }),
        { files: batch },
        waiting.memory,
      );
      deepStrictEqual(told(over), ["1 BatchedCI refs/heads/main c"]);
      match(over.memory.pending[0]!.because, /^2 pushes to main/);
      deepStrictEqual(over.memory.held, []);
    });

    it("wait for one that is only about to start", async () => {
      const decision = await decide(world({ pushes: three }), { files: batch });
      deepStrictEqual(told(decision), ["1 IndividualCI refs/heads/main b"]);
      strictEqual(decision.memory.held[0]?.commit, commits.c);
    });

    it("wait for no run of another branch, pipeline or reason", async () => {
      const others = [
        { ...going, branch: "refs/heads/x" },
        { ...going, definitionId: 2 },
        { ...going, reason: "Schedule" as const },
      ];
      const two = three.slice(0, 2);
      deepStrictEqual(told(await decide(world({ pushes: two, runs: others }), { files: batch })), [
        "1 IndividualCI refs/heads/main b",
      ]);
    });

    it("are forgotten with their pipeline", async () => {
      const held = [{ definitionId: 1, branch: "refs/heads/main", commit: commits.c, pushes: 2 }];
      const decision = await decide(world({ definitions: [] }), {}, { ...empty, held });
      deepStrictEqual([told(decision), decision.memory.held], [[], []]);
    });
  });
});

describe("schedules", () => {
  const daily: Schedule = {
    cron: "0 4 * * *",
    displayName: "Daily refresh",
    branches: { include: ["main"], exclude: [] },
    always: true,
  };
  const files = { "1": mainFile({ trigger: "none", schedules: [daily] }) };
  const at = (text: string): Date => new Date(text);

  async function seenAt(text: string, seen = world(), schedule: Given = { files }): Promise<Memory> {
    return (await decide(seen, schedule, empty, at(text))).memory;
  }

  it("start nothing when they are first seen, and then at each of their times", async () => {
    const first = await seenAt("2026-11-20T04:30:00Z");
    deepStrictEqual(first.pending, []);
    deepStrictEqual(told(await decide(world(), { files }, first, at("2026-11-21T03:59:59Z"))), []);
    const due = await decide(world(), { files }, first, at("2026-11-21T04:00:00Z"));
    deepStrictEqual(told(due), ["1 Schedule refs/heads/main a"]);
    strictEqual(due.memory.pending[0]!.because, 'schedule "Daily refresh", due 2026-11-21 04:00 UTC');
    const after = { ...due.memory, pending: [] };
    deepStrictEqual(told(await decide(world(), { files }, after, at("2026-11-21T04:00:30Z"))), []);
    strictEqual(told(await decide(world(), { files }, after, at("2026-11-22T04:00:00Z"))).length, 1);
  });

  it("start one run for the times that went by at once", async () => {
    const first = await seenAt("2026-11-20T04:30:00Z");
    const week = await decide(world(), { files }, first, at("2026-11-27T12:00:00Z"));
    deepStrictEqual(told(week), ["1 Schedule refs/heads/main a"]);
    match(week.memory.pending[0]!.because, /due 2026-11-27 04:00 UTC/);
  });

  it("write nothing down while nothing is due", async () => {
    const first = await seenAt("2026-11-20T04:30:00Z");
    deepStrictEqual((await decide(world(), { files }, first, at("2026-11-20T05:30:00Z"))).memory, first);
  });

  it("run for each branch that has them in its own file", async () => {
    const two = [push(1, commits.a), push(2, commits.b, { name: "refs/heads/release" })];
    const everywhere = { ...daily, branches: { include: ["main", "release"], exclude: [] } };
    const given = {
      files: {
        [commits.a]: mainFile({ schedules: [everywhere] }),
        [commits.b]: mainFile({ trigger: "none" as const, schedules: [] }),
      },
    };
    const memory = { ...(await seenAt("2026-11-20T04:30:00Z", world({ pushes: two }), given)), pending: [] };
    deepStrictEqual(told(await decide(world({ pushes: two }), given, memory, at("2026-11-21T04:00:00Z"))), [
      "1 Schedule refs/heads/main a",
    ]);
    const both = { files: { "1": mainFile({ trigger: "none" as const, schedules: [everywhere] }) } };
    const twice = { ...(await seenAt("2026-11-20T04:30:00Z", world({ pushes: two }), both)), pending: [] };
    strictEqual(told(await decide(world({ pushes: two }), both, twice, at("2026-11-21T04:00:00Z"))).length, 2);
  });

  it("without always run only where something changed since the last one that was fine", async () => {
    const given = { files: { "1": mainFile({ trigger: "none" as const, schedules: [{ ...daily, always: false }] }) } };
    const memory = await seenAt("2026-11-20T04:30:00Z", world(), given);
    const last = run({ id: 3, reason: "Schedule", state: "completed", result: "succeeded", commit: commits.a });
    const tomorrow = at("2026-11-21T04:00:00Z");
    const tell = async (runs: World["runs"]) =>
      told(await decide(world({ runs }), given, { ...memory, completed: [3, 4] }, tomorrow)).length;
    strictEqual(await tell([last]), 0);
    strictEqual(await tell([]), 1);
    strictEqual(await tell([{ ...last, commit: commits.b }]), 1);
    strictEqual(await tell([{ ...last, result: "failed" }]), 1);
    strictEqual(await tell([{ ...last, reason: "Manual" }]), 1);
    strictEqual(await tell([last, { ...last, id: 4, result: "canceled", commit: commits.b }]), 0);
  });

  it("are forgotten when the file has them no more, and count anew when they come again", async () => {
    const first = await seenAt("2026-11-20T03:30:00Z");
    const without = await decide(
      world(),
      { files: { "1": mainFile({ trigger: "none" }) } },
      first,
      at("2026-11-20T03:40:00Z"),
    );
    deepStrictEqual(without.memory.schedules, {});
    deepStrictEqual(told(await decide(world(), { files }, without.memory, at("2026-11-20T05:00:00Z"))), []);
  });
});

describe("completed runs", () => {
  const base = definition({ id: 1, name: "python-web" });
  const orders = definition({ id: 2, name: "orders", repositoryId: "r2" });
  const resource: PipelineResource = {
    alias: "base",
    source: "\\wheelhouse\\python-web",
    trigger: { branches: everything, tags: ["published"], stages: [] },
  };
  const files = (given: Partial<PipelineResource> = {}) => ({
    "1": mainFile({ trigger: "none" }),
    "2": mainFile({ trigger: "none", pipelines: [{ ...resource, ...given }] }),
  });
  const ended = run({
    id: 4,
    state: "completed",
    result: "succeeded",
    number: "20261120.1",
    tags: ["published"],
    endedAt: "2026-11-20T01:00:00.000Z",
  });
  const pushes = [push(1, commits.a), { ...push(1, commits.c), repositoryId: "r2" }];
  const seen = (changes: Partial<typeof ended> = {}, more: Partial<World> = {}) =>
    world({ definitions: [base, orders], pushes, runs: [{ ...ended, ...changes }], ...more });

  it("start who listens for their tags, on its own default branch, once", async () => {
    const decision = await decide(seen(), { files: files() });
    deepStrictEqual(told(decision), ["2 ResourceTrigger refs/heads/main c"]);
    strictEqual(decision.memory.pending[0]!.because, "python-web 20261120.1 was published");
    deepStrictEqual(told(await decide(seen(), { files: files() }, { ...decision.memory, pending: [] })), []);
  });

  it("start nothing without the tags, when they failed, or while they go on", async () => {
    deepStrictEqual(told(await decide(seen({ tags: ["other"] }), { files: files() })), []);
    for (const result of ["failed", "canceled"] as const)
      deepStrictEqual(told(await decide(seen({ result }), { files: files() })), []);
    deepStrictEqual(told(await decide(seen({ state: "running", result: undefined }), { files: files() })), []);
    strictEqual(told(await decide(seen({ result: "succeededWithIssues" }), { files: files() })).length, 1);
  });

  it("start nothing when they were of a pull request", async () => {
    deepStrictEqual(
      told(
        await decide(seen({ reason: "PullRequest", branch: "refs/pull/1/merge", pullRequest: 1 }), { files: files() }),
      ),
      [],
    );
  });

  it("start only who names their pipeline, by its name or with its folder", async () => {
    for (const source of ["python-web", "Wheelhouse\\Python-Web", "\\wheelhouse\\python-web"])
      strictEqual(told(await decide(seen(), { files: files({ source }) })).length, 1, source);
    for (const source of ["python", "\\python-web", "\\other\\python-web", "wheelhouse/python-web"])
      deepStrictEqual(told(await decide(seen(), { files: files({ source }) })), [], source);
    deepStrictEqual(told(await decide(seen(), { files: files({ trigger: undefined }) })), []);
    const elsewhere = seen({}, { definitions: [base, { ...orders, projectId: "p2" }] });
    deepStrictEqual(told(await decide(elsewhere, { files: files() })), []);
  });

  it("start who is of the same repository for the same commit", async () => {
    const same = seen(
      { commit: commits.b, branch: "refs/heads/release" },
      { definitions: [base, { ...orders, repositoryId: "r1" }] },
    );
    deepStrictEqual(told(await decide(same, { files: files() })), ["2 ResourceTrigger refs/heads/release b"]);
  });

  it("start nothing that was made after their end", async () => {
    const late = seen({}, { definitions: [base, { ...orders, createdAt: "2026-11-20T01:00:00.001Z" }] });
    deepStrictEqual(told(await decide(late, { files: files() })), []);
  });
});

describe("pull requests", () => {
  const policy: BuildValidation = {
    id: 1,
    projectId: "p1",
    enabled: true,
    definitionId: 1,
    displayName: "Build",
    manualQueueOnly: false,
    queueOnSourceUpdateOnly: true,
    scopes: [{ repositoryId: "r1", ref: "refs/heads/main", matchType: "Exact" }],
  };
  const open: PullRequest = {
    id: 8,
    repositoryId: "r1",
    status: "active",
    source: "refs/heads/feature",
    target: "refs/heads/main",
    title: "Add orders",
    isDraft: false,
    sourceCommit: commits.b,
    mergeCommit: commits.c,
  };
  const of = (request: Partial<PullRequest> = {}, rule: Partial<BuildValidation> = {}, runs: World["runs"] = []) =>
    world({ pullRequests: [{ ...open, ...request }], buildValidations: [{ ...policy, ...rule }], runs });
  const files = { "1": mainFile({ trigger: "none" }) };
  const built = run({
    id: 3,
    reason: "PullRequest",
    branch: "refs/pull/8/merge",
    commit: commits.c,
    sourceCommit: commits.b,
    pullRequest: 8,
  });

  it("are run where a policy says so, as they would be merged", async () => {
    const decision = await decide(of(), { files });
    deepStrictEqual(told(decision), ["1 PullRequest refs/pull/8/merge c"]);
    strictEqual(decision.memory.pending[0]!.because, 'pull request 8 into main, "Add orders", at bbbbbbb');
    deepStrictEqual(told(await decide(of({}, {}, [built]), { files })), []);
  });

  it("are not run without a policy for their target", async () => {
    const scope = (change: object) => ({ scopes: [{ ...policy.scopes[0]!, ...change }] });
    for (const rule of [
      { enabled: false },
      { manualQueueOnly: true },
      { projectId: "p2" },
      scope({ ref: "refs/heads/other" }),
      scope({ repositoryId: "r2" }),
      scope({ ref: "refs/heads/mai", matchType: "Prefix" }),
    ]) {
      deepStrictEqual(told(await decide(of({}, rule), { files })), [], JSON.stringify(rule));
    }
    for (const rule of [
      scope({ repositoryId: undefined }),
      scope({ ref: "refs/heads/", matchType: "prefix" }),
      scope({ repositoryId: undefined, ref: undefined, matchType: "DefaultBranch" }),
    ]) {
      strictEqual(told(await decide(of({}, rule), { files })).length, 1, JSON.stringify(rule));
    }
  });

  it("are not run as drafts, with conflicts, or when they are over", async () => {
    for (const request of [
      { isDraft: true },
      { mergeCommit: undefined },
      { status: "completed" as const },
      { status: "abandoned" as const },
    ]) {
      deepStrictEqual(told(await decide(of(request), { files })), []);
    }
    deepStrictEqual(
      told(await decide({ ...of(), definitions: [definition({ queueStatus: "disabled" })] }, { files })),
      [],
    );
  });

  it("are run anew when the source moves, and the run before is ended", async () => {
    const moved = { sourceCommit: commits.a, mergeCommit: commits.b };
    const decision = await decide(of(moved, {}, [{ ...built, state: "running" }]), { files });
    deepStrictEqual(told(decision), ["1 PullRequest refs/pull/8/merge b"]);
    deepStrictEqual(decision.cancel, [3]);
    deepStrictEqual(
      (await decide(of(moved, {}, [{ ...built, state: "running", cancelRequested: true }]), { files })).cancel,
      [],
    );
    deepStrictEqual(
      (await decide(of(moved, {}, [{ ...built, state: "completed", result: "succeeded" }]), { files })).cancel,
      [],
    );
  });

  it("end what is out of date although its successor is there already", async () => {
    const next = run({ ...built, id: 4, sourceCommit: commits.a, commit: commits.b });
    const decision = await decide(of({ sourceCommit: commits.a, mergeCommit: commits.b }, {}, [built, next]), {
      files,
    });
    deepStrictEqual([told(decision), decision.cancel], [[], [3]]);
  });

  it("are run anew when the target moves only where the policy wants it", async () => {
    const targetMoved = { mergeCommit: commits.a };
    deepStrictEqual(told(await decide(of(targetMoved, {}, [built]), { files })), []);
    deepStrictEqual(told(await decide(of(targetMoved, { queueOnSourceUpdateOnly: false }, [built]), { files })), [
      "1 PullRequest refs/pull/8/merge a",
    ]);
  });

  it("are run once for two policies with the same pipeline", async () => {
    const two = { ...of(), buildValidations: [policy, { ...policy, id: 2, displayName: "Again" }] };
    deepStrictEqual(told(await decide(two, { files })).length, 1);
  });
});
