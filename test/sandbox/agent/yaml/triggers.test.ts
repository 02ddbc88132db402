/** Which pushes, completed runs and times start a run. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import {
  branchPasses,
  nextRun,
  pathPasses,
  pipelineCompletionStarts,
  pushStarts,
} from "../../../../sandbox/agent/yaml";
import { matches } from "../../../../sandbox/agent/yaml/patterns";
import type { Filter, PushTrigger } from "../../../../sandbox/agent/model";
import { startProcessorTime } from "../../../processor-time";

const everything: Filter = { include: [], exclude: [] };

function trigger(branches: Partial<Filter>, paths: Partial<Filter> = {}): PushTrigger {
  return { branches: { ...everything, ...branches }, paths: { ...everything, ...paths }, batch: false };
}

describe("a push", () => {
  it("starts a run where the main file says nothing, but not of a tag", () => {
    assert.equal(pushStarts(undefined, "refs/heads/x/y", []), true);
    assert.equal(pushStarts(undefined, "refs/tags/v1", ["a"]), false);
  });

  it("starts none with trigger: none", () => {
    assert.equal(pushStarts("none", "refs/heads/main", ["a"]), false);
  });

  it("starts a run where its branch is included and not excluded", () => {
    const cases: readonly (readonly [Partial<Filter>, string, boolean])[] = [
      [{ include: ["main"] }, "refs/heads/main", true],
      [{ include: ["main"] }, "refs/heads/Main", false],
      [{ include: ["main"] }, "refs/heads/maint", false],
      [{ include: ["main"] }, "refs/heads/x/main", false],
      [{ include: ["refs/heads/main"] }, "refs/heads/main", true],
      [{ include: ["releases/*"] }, "refs/heads/releases/1/2", true],
      [{ include: ["releases/*"] }, "refs/heads/releases", false],
      [{ include: ["v?"] }, "refs/heads/v1", true],
      [{ include: ["v?"] }, "refs/heads/v10", false],
      [{ include: ["*"] }, "refs/heads/any/thing", true],
      [{ include: ["*"] }, "refs/tags/v1", false],
      [{ include: ["*"], exclude: ["dev/*"] }, "refs/heads/dev/a", false],
      [{ include: ["dev/a"], exclude: ["dev/*"] }, "refs/heads/dev/a", false],
      [{ exclude: ["dev/*"] }, "refs/heads/main", true],
      [{ exclude: ["dev/*"] }, "refs/heads/dev/a", false],
      [{ include: ["refs/tags/v*"] }, "refs/tags/v1", true],
      [{ include: ["refs/*"] }, "refs/pull/1/merge", true],
      [{}, "refs/pull/1/merge", false],
    ];
    for (const [filter, branch, starts] of cases) {
      assert.equal(pushStarts(trigger(filter), branch, []), starts, `${JSON.stringify(filter)} ${branch}`);
      assert.equal(branchPasses({ ...everything, ...filter }, branch), starts);
    }
  });

  it("starts a run where any changed path passes; of two patterns the deeper one wins", () => {
    const cases: readonly (readonly [Partial<Filter>, readonly string[], boolean])[] = [
      [{ include: ["docs"] }, ["docs/a/b.md"], true],
      [{ include: ["/docs/"] }, ["docs/a.md"], true],
      [{ include: ["docs"] }, ["docs"], true],
      [{ include: ["docs"] }, ["docsx/a.md", "x/docs/a.md", "Docs/a.md"], false],
      [{ include: ["docs"] }, ["src/a", "docs/b"], true],
      [{ include: ["docs"], exclude: ["docs/README.md"] }, ["docs/README.md"], false],
      [{ include: ["docs"], exclude: ["docs/README.md"] }, ["docs/README.md", "docs/x"], true],
      [{ include: ["tools/here"], exclude: ["tools"] }, ["tools/here/a"], true],
      [{ include: ["tools/here"], exclude: ["tools"] }, ["tools/a"], false],
      [{ include: ["a"], exclude: ["a"] }, ["a/b"], false],
      [{ exclude: ["docs"] }, ["docs/a"], false],
      [{ exclude: ["docs"] }, ["docs/a", "src/b"], true],
      [{ include: ["docs/*"] }, ["docs/a.md"], true],
      [{ include: ["docs/*"] }, ["docs/a/b.md"], false],
      [{ include: ["docs/**"] }, ["docs/a/b.md"], true],
      [{ include: ["**/b.md"] }, ["docs/a/b.md"], true],
      [{ include: ["*/b.m?"] }, ["docs/b.md"], true],
      [{ include: ["docs?a"] }, ["docs/a"], false],
      [{ include: ["/"] }, ["anything"], true],
      [{ include: ["docs"] }, [], false],
    ];
    for (const [filter, paths, starts] of cases) {
      assert.equal(pushStarts(trigger({}, filter), "refs/heads/main", paths), starts, JSON.stringify([filter, paths]));
    }
    assert.equal(pushStarts(trigger({ include: ["x"] }, { include: ["docs"] }), "refs/heads/main", ["docs/a"]), false);
  });

  it("is matched by a pattern as by the regular expression that the pattern means", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 12 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "/", "*", "?", "**"), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, fc.boolean(), (wanted, given, paths) => {
        const source = wanted.replace(/\*+|\?/g, (sign) => {
          if (sign === "?") return paths ? "[^/]" : ".";
          // Three and more are read from the left, two at a time; each of them can stand for nothing.
          return sign.length > 1 || !paths ? ".*" : "[^/]*";
        });
        assert.equal(matches(wanted, given, paths ? "/" : undefined), new RegExp(`^${source}$`).test(given));
      }),
      { numRuns: 2000 },
    );
  });

  it("never passes a filter that excludes what it includes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 6 }), { maxLength: 4 }),
        fc.string({ minLength: 1, maxLength: 6 }),
        (patterns, name) => {
          const both = { include: patterns, exclude: [...patterns, "*", "**"] };
          assert.equal(branchPasses(both, `refs/heads/${name}`), false);
          assert.equal(
            pathPasses({ include: [], exclude: [name.replaceAll(/[*?]/g, "x")] }, `${name.replaceAll(/[*?]/g, "x")}/a`),
            false,
          );
        },
      ),
    );
  });

  it("is matched in little time by patterns that are made to take long", () => {
    const taken = startProcessorTime();
    assert.equal(matches(`${"*a".repeat(190)}b`, "a".repeat(4000)), false);
    assert.ok(taken() < 2000);
  });
});

describe("a completed run", () => {
  const resource = (
    filter: Partial<Filter>,
    tags: string[] = [],
    stages: string[] = [],
  ): Parameters<typeof pipelineCompletionStarts>[0] => ({
    alias: "base",
    source: "x",
    trigger: { branches: { ...everything, ...filter }, tags, stages },
  });
  const run = { branch: "refs/heads/main", tags: ["published", "signed"] };

  it("starts nothing where the resource has no trigger", () => {
    assert.equal(pipelineCompletionStarts({ alias: "base", source: "x" }, run), false);
  });

  it("starts a run where its branch passes and all tags and stages are there", () => {
    assert.equal(pipelineCompletionStarts(resource({}), { branch: "refs/heads/x", tags: [] }), true);
    assert.equal(pipelineCompletionStarts(resource({}, ["published"]), run), true);
    assert.equal(pipelineCompletionStarts(resource({}, ["published", "signed"]), run), true);
    assert.equal(pipelineCompletionStarts(resource({}, ["published", "other"]), run), false);
    assert.equal(pipelineCompletionStarts(resource({ include: ["main"] }), run), true);
    assert.equal(pipelineCompletionStarts(resource({ exclude: ["main"] }), run), false);
    assert.equal(pipelineCompletionStarts(resource({}, [], ["s"]), run), false);
    assert.equal(pipelineCompletionStarts(resource({}, [], ["s"]), { ...run, stages: ["r", "s"] }), true);
  });
});

describe("a schedule", () => {
  const next = (cron: string, after: string): string | undefined => nextRun({ cron }, new Date(after))?.toISOString();

  it("runs at its next time, in UTC, never at the moment itself", () => {
    assert.equal(next("30 5 * * *", "2026-11-21T05:29:59.999Z"), "2026-11-21T05:30:00.000Z");
    assert.equal(next("30 5 * * *", "2026-11-21T05:30:00Z"), "2026-11-22T05:30:00.000Z");
    assert.equal(next("30 5 * * *", "2026-12-31T06:00:00Z"), "2027-01-01T05:30:00.000Z");
    assert.equal(next("*/20 */6 * * *", "2026-11-21T06:10:00Z"), "2026-11-21T06:20:00.000Z");
    assert.equal(next("0 12 * * Mon-Fri", "2026-11-20T13:00:00Z"), "2026-11-23T12:00:00.000Z");
    assert.equal(next("0 0 1 January,jul *", "2026-02-01T00:00:00Z"), "2026-07-01T00:00:00.000Z");
    assert.equal(next("0 0 29 2 *", "2026-01-01T00:00:00Z"), "2028-02-29T00:00:00.000Z");
    assert.equal(next("0 0 29 2 *", "2096-03-01T00:00:00Z"), "2104-02-29T00:00:00.000Z");
    assert.equal(next("0 0 29 2 Monday", "2096-03-01T00:00:00Z"), "2112-02-29T00:00:00.000Z");
  });

  it("needs the day of the month and the day of the week, both", () => {
    assert.equal(next("0 0 13 * Fri", "2026-11-14T00:00:00Z"), "2027-08-13T00:00:00.000Z");
  });

  it("is refused where the service would refuse its cron line", () => {
    for (const cron of ["", "@daily", "0 0 * * 7", "* * * * *", "0 0 30 2 *", "60 0 * * *", "0 0 * * * *"]) {
      assert.throws(() => nextRun({ cron }, new Date()), /cannot be a schedule/);
    }
    assert.throws(() => nextRun({ cron: "0 0 * * *" }, new Date(Number.NaN)), /is no time/);
  });

  it("comes again and again, each time later, at a minute that the line names", () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 3 });
    const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 3 });
    const days = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        minutes,
        hours,
        days,
        fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
        (minute, hour, day, after) => {
          const cron = `${minute.join(",")} ${hour.join(",")} * * ${day.join(",")}`;
          let time = after;
          for (let count = 0; count < 4; count++) {
            const following = nextRun({ cron }, time);
            assert.ok(following !== undefined && following > time);
            assert.ok(following.getTime() - time.getTime() <= 8 * 24 * 3600 * 1000);
            assert.ok(minute.includes(following.getUTCMinutes()) && hour.includes(following.getUTCHours()));
            assert.ok(day.includes(following.getUTCDay()) && following.getTime() % 60_000 === 0);
            // Nothing is left out between the two.
            const between = new Date((time.getTime() + following.getTime()) / 2);
            if (between > time) assert.deepEqual(nextRun({ cron }, between), following);
            time = following;
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
