import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Clock } from "../../../../sandbox/agent/service/clock";
import { MemoryFile } from "../../../../sandbox/agent/service/memory";

describe("what the service keeps of its own", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "wheelhouse-memory-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("remembers over restarts, and writes only what is new", () => {
    const file = join(folder, "memory.json");
    const memory = MemoryFile.open(file);
    strictEqual(memory.get().push, 0);
    memory.put({
      ...memory.get(),
      push: 7,
      schedules: { "1 refs/heads/main 0 4 * * * daily": "2026-11-21T04:00:00.000Z" },
    });
    const written = statSync(file, { bigint: true }).mtimeNs;
    memory.put({ ...memory.get() });
    strictEqual(statSync(file, { bigint: true }).mtimeNs, written);
    deepStrictEqual(MemoryFile.open(file).get(), memory.get());
  });

  it("says what to do about a memory that somebody broke, and does not begin anew by itself", () => {
    const file = join(folder, "memory.json");
    for (const text of ["", "{", '{"push":"seven"}']) {
      writeFileSync(file, text);
      throws(() => MemoryFile.open(file), /memory\.json cannot be read: .*npm run sandbox -- down/);
      strictEqual(readFileSync(file, "utf8"), text);
    }
  });

  it("has a clock that goes forward, over restarts too", () => {
    const file = join(folder, "clock.json");
    let machine = Date.parse("2026-11-21T04:00:00Z");
    const clock = Clock.open(file, () => machine);
    strictEqual(clock.now().toISOString(), "2026-11-21T04:00:00.000Z");
    clock.setForward(86_400);
    clock.setForward(60);
    machine += 1000;
    strictEqual(clock.now().toISOString(), "2026-11-22T04:01:01.000Z");
    const later = Clock.open(file, () => machine);
    strictEqual(later.offsetSeconds, 86_460);
    strictEqual(later.now().toISOString(), clock.now().toISOString());
  });

  it("has a clock that never goes back, nor far beyond any certificate", () => {
    const clock = Clock.open(join(folder, "clock.json"));
    for (const seconds of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      throws(() => clock.setForward(seconds), /whole number of seconds above 0/);
    throws(() => clock.setForward(100 * 366 * 86_400), /more than 20 years ahead/);
    strictEqual(clock.offsetSeconds, 0);
    writeFileSync(join(folder, "clock.json"), '{"offsetSeconds":-5}');
    throws(
      () => Clock.open(join(folder, "clock.json")),
      (error: Error) => (match(error.message, /clock\.json cannot be read: remove it/), true),
    );
  });
});
