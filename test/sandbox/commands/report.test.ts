import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { StateResource } from "../../../sandbox/commands/engine";
import {
  describeUrn,
  EngineProgress,
  EventLogReader,
  shortType,
  type EngineEvent,
} from "../../../sandbox/commands/events";
import { describeValue } from "../../../sandbox/commands/start";
import { describeStatus } from "../../../sandbox/commands/status";
import { countResources, drawTree } from "../../../sandbox/commands/tree";

const urn = (type: string, name: string): string => `urn:pulumi:sandbox::wheelhouse::${type}::${name}`;

function resource(type: string, name: string, parent?: StateResource, custom = true): StateResource {
  return { urn: urn(type, name), type, custom, ...(parent === undefined ? {} : { parent: parent.urn }) };
}

describe("the tree of a stack", () => {
  const stack = resource("pulumi:pulumi:Stack", "wheelhouse-sandbox", undefined, false);
  const platform = resource("wheelhouse:index:Platform", "wheelhouse", stack, false);
  const orders = resource("wheelhouse:index:AppImagePipeline", "orders", platform, false);
  const feed = resource("wheelhouse:index:ArtifactsFeed", "feed", platform, false);
  const state = [
    stack,
    resource("pulumi:providers:azuredevops", "default"),
    platform,
    feed,
    resource("azuredevops:index/gitRepositoryFile:GitRepositoryFile", "b", orders),
    resource("azuredevops:index/git:Git", "orders", orders),
    resource("azuredevops:index/gitRepositoryFile:GitRepositoryFile", "a", orders),
    orders,
    resource("azuredevops:index/project:Project", "platform", platform),
  ];

  it("shows components with what they declare, counted by type, in an order that stays", () => {
    const lines = [
      "Platform wheelhouse: Project",
      "├─ AppImagePipeline orders: Git, 2 GitRepositoryFile",
      "└─ ArtifactsFeed feed",
    ];
    deepStrictEqual(drawTree(state), lines);
    deepStrictEqual(drawTree([...state].reverse()), lines);
  });

  it("counts what was asked for, and not the stack and the providers", () => {
    strictEqual(countResources(state), 7);
    strictEqual(countResources([]), 0);
  });
});

describe("the engine's events", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "wheelhouse-events-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const step = (op: string, name: string, diffs?: string[]): EngineEvent["resourcePreEvent"] => ({
    metadata: {
      op,
      urn: urn("wheelhouse:index:Platform$azuredevops:index/git:Git", name),
      type: "",
      diffs: diffs ?? null,
    },
  });

  it("tell what changed and by which properties, and nothing of what stayed", () => {
    const progress = new EngineProgress();
    progress.add({ resourcePreEvent: step("same", "one")! });
    progress.add({ resourcePreEvent: step("update", "two", ["name"])! });
    progress.add({ resOutputsEvent: step("update", "two")! });
    progress.add({ summaryEvent: { durationSeconds: 1, resourceChanges: { same: 4, update: 1 } } });
    deepStrictEqual(progress.changes, [{ operation: "update", name: "two", type: "Git", properties: ["name"] }]);
    strictEqual(progress.describe(), "1 resources done, update two (Git)");
    strictEqual(progress.summary?.same, 4);
  });

  it("tell errors with the resource they are about, and leave the engine's chatter out", () => {
    const progress = new EngineProgress();
    progress.add({ diagnosticEvent: { severity: "debug", message: "chatter" } });
    progress.add({ diagnosticEvent: { severity: "error", message: "refused\n", urn: urn("a:b/c:Feed", "feed") } });
    progress.add({ diagnosticEvent: { severity: "error", message: "update failed", urn: "" } });
    deepStrictEqual(progress.errors, [
      { resource: "feed (Feed)", message: "refused" },
      { resource: undefined, message: "update failed" },
    ]);
  });

  it("are read while they are written, half lines and split characters included", () => {
    const file = join(folder, "events");
    const reader = new EventLogReader(file);
    deepStrictEqual(reader.readNew(), []);
    const line = Buffer.from(`${JSON.stringify({ diagnosticEvent: { severity: "error", message: "naïve" } })}\n`);
    const half = line.indexOf(0xc3) + 1;
    appendFileSync(file, Buffer.concat([line, line.subarray(0, half)]));
    strictEqual(reader.readNew().length, 1);
    deepStrictEqual(reader.readNew(), []);
    appendFileSync(file, line.subarray(half));
    deepStrictEqual(reader.readNew(), [{ diagnosticEvent: { severity: "error", message: "naïve" } }]);
  });

  it("name resources by name and short type", () => {
    deepStrictEqual(describeUrn(urn("a:index:Platform$azuredevops:index/git:Git", "x::y")), {
      name: "x::y",
      type: "Git",
    });
    strictEqual(shortType("pulumi:providers:azure-native"), "provider azure-native");
  });
});

describe("what people are shown", () => {
  it("has outputs with lists on one line and nesting indented", () => {
    strictEqual(
      describeValue({ a: ["x", "y"], b: { c: 1 }, d: [], e: {} }, "  "),
      "\n  a: x, y\n  b: \n    c: 1\n  d: none\n  e: none",
    );
  });

  it("has each tool with version and origin, and what is missing with the reason", () => {
    const lines = describeStatus({
      tools: [
        { name: "git", group: "engine", version: "2.39.5", from: "PATH", folder: "/usr/bin" },
        { name: "pulumi", group: "engine", version: "3.200.0", missing: "not on PATH" },
      ],
      folder: "/home/x/.cache/wheelhouse/sandboxes/main-1",
      daemon: { pid: 12 },
      agents: {},
      stack: { resources: 67, pending: 2 },
      busy: { pid: 13, work: "up", since: "2026-01-01T00:00:00.000Z" },
    });
    deepStrictEqual(lines, [
      "git     2.39.5     PATH  /usr/bin",
      "pulumi  3.200.0    not there yet: not on PATH",
      "",
      "sandbox: /home/x/.cache/wheelhouse/sandboxes/main-1",
      "stand-in clouds: process 12, which does not answer",
      "agents: not running",
      "stack: 67 components and resources, 2 steps left open by an interrupted run (the next start mends them)",
      'busy: process 13 with "up" since 2026-01-01T00:00:00.000Z',
    ]);
  });
});
