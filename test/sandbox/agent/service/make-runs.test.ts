import { deepStrictEqual, match, rejects } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makePending } from "../../../../sandbox/agent/service/make-runs";
import { MemoryFile, type Start } from "../../../../sandbox/agent/service/memory";
import { CloudRefused, type CloudClient } from "../../../../sandbox/agent/service/world";
import { commits, run, world } from "./world";

const starts: Start[] = ["one", "two", "three"].map((because) => ({
  definitionId: 1,
  reason: "IndividualCI",
  branch: "refs/heads/main",
  commit: commits.a,
  because,
}));

describe("runs that are to be made", () => {
  let folder: string;
  let memory: MemoryFile;
  const lines: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-pending-"));
    memory = MemoryFile.open(join(folder, "memory.json"));
    memory.put({ ...memory.get(), pending: starts, lastRun: 4 });
    lines.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Takes creations only, and answers each by `answer`. */
  const cloud = (made: string[], answer: (because: string) => string): CloudClient =>
    ({
      create: (_token: string, { because }: Start) => {
        const id = answer(because);
        made.push(because);
        return Promise.resolve({ id, properties: {} });
      },
    }) as unknown as CloudClient;

  const make = (client: CloudClient, seen = world()) => makePending(memory, seen, client, (line) => lines.push(line));

  it("are made in their order, and are not made again", async () => {
    const made: string[] = [];
    let id = 4;
    await make(cloud(made, () => String((id += 1))));
    deepStrictEqual(made, ["one", "two", "three"]);
    deepStrictEqual([memory.get().pending, memory.get().lastRun], [[], 7]);
    await make(cloud(made, () => "8"));
    deepStrictEqual(made.length, 3);
  });

  it("are found where a kill came between their making and its writing down", async () => {
    const made: string[] = [];
    const before = run({ id: 5, ...starts[0]! });
    await make(
      cloud(made, () => "6"),
      world({ runs: [before] }),
    );
    deepStrictEqual(made, ["two", "three"]);
  });

  it("are not taken for older runs, or for others that look alike", async () => {
    const others = [
      run({ id: 4, ...starts[0]! }),
      run({ id: 5, ...starts[0]!, commit: commits.b }),
      run({ id: 6, ...starts[0]!, definitionId: 2 }),
      run({ id: 7, ...starts[0]!, reason: "Manual" }),
      run({ id: 8, ...starts[0]!, branch: "refs/heads/x" }),
    ];
    const made: string[] = [];
    await make(
      cloud(made, () => "9"),
      world({ runs: others }),
    );
    deepStrictEqual(made, ["one", "two", "three"]);
  });

  it("are dropped with a word where their pipeline takes none, and kept while the clouds are troubled", async () => {
    const made: string[] = [];
    const troubled = cloud(made, (because) => {
      if (because === "one") throw new CloudRefused(400, "DefinitionDisabledException", "it is disabled");
      throw new CloudRefused(503, "", "not now");
    });
    await rejects(async () => make(troubled), /not now/);
    match(lines[0]!, /^no run of pipeline 1 for one: it is disabled$/);
    deepStrictEqual(
      MemoryFile.open(join(folder, "memory.json"))
        .get()
        .pending.map(({ because }) => because),
      ["two", "three"],
    );
  });
});
