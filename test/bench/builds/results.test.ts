/** What the bench of builds says of its figures. */
import assert from "node:assert/strict";
import { chart, svg } from "./plot";
import { bytes, cases, middle, table, targets, ways, type Case, type Result, type Way } from "./results";

/** A build of every way in every case on a fresh agent; Wheelhouse's takes a tenth of the others' seconds, or less. */
function results(change: (result: Result) => Result = (result) => result): Result[] {
  return (Object.keys(cases) as Case[]).flatMap((name) =>
    (Object.keys(ways) as Way[]).map((way) =>
      change({
        way,
        case: name,
        agent: "fresh",
        resolveSeconds: way === "g" ? 2 : 0,
        buildSeconds: way === "g" ? 2 : 30,
        scanSeconds: way === "g" ? 0.5 : 2,
        fetchedBytes: way === "g" ? 50_000 : 50e6,
        pushedBytes: 1000,
        feedBytes: 1e6,
        imageBytes: 60e6,
        leaks: "abce".includes(way) ? 1 : 0,
      }),
    ),
  );
}

const references = { cachedSeconds: 1.9, partsBytes: 59.5e6, sourceBytes: 10_000 };

const missed = (of: readonly Result[], limits = references): string[] =>
  targets(of, limits)
    .filter(({ kept }) => !kept)
    .map(({ text }) => text);

describe("the targets of builds", () => {
  it("are kept by figures that keep them", () => {
    assert.deepEqual(missed(results()), []);
  });

  it("are missed, each by itself, by a figure beyond its limit", () => {
    const changed = (way: Way, name: Case, with_: Partial<Result>): string[] =>
      missed(results((result) => (result.way === way && result.case === name ? { ...result, ...with_ } : result)));
    assert.deepEqual(changed("g", "token", { fetchedBytes: 2e6 }), [
      "only the token rotated: MB fetched from the registry",
    ]);
    assert.deepEqual(changed("g", "source", { leaks: 1 }), ["leaks of Wheelhouse, all cases"]);
    assert.deepEqual(changed("c", "first", { leaks: 0 }), ["leaks found in (c), first build"]);
    assert.deepEqual(changed("a", "base", { buildSeconds: 19 }), ["base refreshed: build of (a) over Wheelhouse's"]);
    assert.deepEqual(changed("d", "requirement", { buildSeconds: 1 }), [
      "one requirement changed: whole, in those of (d)",
    ]);
    assert.deepEqual(changed("g", "first", { imageBytes: 61e6 }), ["size: MB over base, packages and source"]);
    assert.equal(missed(results(), { ...references, cachedSeconds: 1 }).length, 3);
  });

  it("are not judged where a build is missing", () => {
    assert.throws(() => targets(results().slice(0, 5), references), /was not measured on a fresh agent/);
  });
});

describe("the run in the middle", () => {
  const of = (name: Case, buildSeconds: number): Result => ({
    ...results()[0]!,
    ...{ case: name, buildSeconds, resolveSeconds: 0, scanSeconds: 0 },
  });

  it("is one of each build's own, by the whole time, in the order of the first ones", () => {
    const samples = [of("token", 3), of("first", 9), of("token", 1), of("token", 2)];
    assert.deepEqual(middle(samples), [of("token", 2), of("first", 9)]);
  });

  it("is the slower one of two", () => {
    assert.deepEqual(middle([of("base", 1), of("base", 5)]), [of("base", 5)]);
  });
});

describe("the table of builds", () => {
  it("has a line for each way, and says where there is no leak", () => {
    const lines = table(results()).split("\n");
    assert.equal(lines.filter((line) => line.trim().startsWith("(")).length, 35);
    assert.match(lines.find((line) => line.includes("(g)")) ?? "", /2\.0 +2\.0 +0\.5 +4\.5 +50 kB .* none$/);
  });

  it("tells bytes in decimal units", () => {
    assert.deepEqual([999, 1000, 2_500_000].map(bytes), ["999 B", "1 kB", "2.5 MB"]);
  });
});

describe("the plot of builds", () => {
  it("names every way and case, and holds the seconds", async () => {
    const drawn = await svg(chart(results(), "fresh", "of a test"));
    for (const text of [...Object.values(ways), ...Object.values(cases), "of a test", "4.5 s"]) {
      assert.ok(drawn.includes(text.replaceAll("'", "&#39;")), text);
    }
  }).timeout(30_000);
});
