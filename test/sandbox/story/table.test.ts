import { deepStrictEqual } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Result, RunRecord } from "../../../sandbox/agent/model";
import { publishedImages } from "../../../sandbox/story/images";
import { describeBytes, imageTable } from "../../../sandbox/story/table";

function record(id: number, name: string, result: Result = "succeeded"): RunRecord {
  return {
    id,
    number: `20260102.${id}`,
    pipeline: { id: 7, name, folder: "\\wheelhouse", project: "Platform" },
    repository: { id: "a", name },
    reason: "Manual",
    because: "queued by hand",
    branch: "refs/heads/main",
    commit: "0".repeat(40),
    state: "completed",
    result,
    queuedAt: "2026-01-02T03:04:05.000Z",
    tags: [],
    issues: [],
    steps: [],
    artifacts: ["wheelhouse-1"],
    summaries: [],
  };
}

describe("the table of images", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "wheelhouse-table-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function report(id: number, images: readonly string[], options: { pushed?: boolean; below?: string } = {}): void {
    const below = join(folder, String(id), "artifacts", "wheelhouse-1", options.below ?? "");
    mkdirSync(below, { recursive: true });
    const digest = `sha256:${String(id).padStart(64, "0")}`;
    const text = JSON.stringify({
      kind: "application",
      pushed: options.pushed ?? true,
      base: { reference: "127.0.0.1:5000/python-web:latest", digest: `sha256:${"abcdef0".padEnd(64, "1")}` },
      images: images.map((name) => ({
        name,
        reference: `127.0.0.1:5000/${name}@${digest}`,
        digest,
        platforms: [{ size: 61_000_000 }],
        packages: 24,
      })),
      built: [],
      seconds: { total: 0.31 },
      leaks: [],
    });
    writeFileSync(join(below, "bake.json"), text);
  }

  it("has each image once, as its newest run published it", () => {
    report(3, ["orders-api", "orders-worker"], { below: "wheelhouse-1" });
    report(2, ["forecast"]);
    report(1, ["orders-api"]);
    const runs = [record(3, "orders"), record(2, "forecast"), record(1, "orders")];
    deepStrictEqual(imageTable(publishedImages(folder, runs).values()), [
      " image           size  base                adds  built in         run  leaks",
      " forecast       61 MB  python-web@abcdef0    24     0.3 s  20260102.2  none",
      " orders-api     61 MB  python-web@abcdef0    24     0.3 s  20260102.3  none",
      " orders-worker  61 MB  python-web@abcdef0    24     0.3 s  20260102.3  none",
    ]);
  });

  it("leaves out what was only built, what failed, and runs without a report", () => {
    report(3, ["one"], { pushed: false });
    report(2, ["two"]);
    const runs = [record(3, "one"), record(2, "two", "failed"), record(1, "three")];
    deepStrictEqual([...publishedImages(folder, runs).keys()], []);
  });

  it("tells sizes in units that people read", () => {
    deepStrictEqual([12, 3400, 5_600_000, 61_000_000].map(describeBytes), ["12 B", "3 kB", "5.6 MB", "61 MB"]);
  });
});
