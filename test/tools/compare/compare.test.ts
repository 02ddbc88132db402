import assert from "node:assert/strict";
import { changes, labelNames, type Wanted } from "../../../tools/compare/compare";

const now = Date.parse("2026-11-21T04:00:00Z");
const hash = (sign: string) => sign.repeat(64);

const wanted: Wanted = {
  platforms: ["linux/amd64", "linux/arm64"],
  upstream: "docker.io/library/python:3.13-slim",
  upstreamDigest: `sha256:${hash("a")}`,
  lock: hash("b"),
  recipe: hash("c"),
  oldAfterDays: undefined,
};

const labels: Readonly<Record<string, string>> = {
  [labelNames.upstream]: wanted.upstream,
  [labelNames.upstreamDigest]: wanted.upstreamDigest,
  [labelNames.lock]: wanted.lock,
  [labelNames.recipe]: hash("c"),
  [labelNames.created]: "2026-11-15T04:00:00Z",
};

function published(change: Readonly<Record<string, string>> = {}, only = wanted.platforms) {
  return {
    digest: `sha256:${hash("d")}`,
    platforms: new Map(
      only.map((platform, index) => [platform, index === only.length - 1 ? { ...labels, ...change } : labels]),
    ),
  };
}

const kinds = (found: ReturnType<typeof changes>) => found.map(({ what }) => what);

describe("comparing a base image with what is published", () => {
  it("finds nothing new where upstream, lock and recipe are those of every platform", () => {
    assert.deepEqual(changes(wanted, published(), true, now), []);
  });

  it("has it built where the registry has none", () => {
    assert.deepEqual(kinds(changes(wanted, undefined, false, now)), ["image"]);
  });

  for (const [what, label] of [
    ["upstream", labelNames.upstreamDigest],
    ["upstream", labelNames.upstream],
    ["lock", labelNames.lock],
    ["recipe", labelNames.recipe],
  ] as const) {
    it(`has it built where one platform has another ${what} by ${label}, or tells none`, () => {
      const [change, ...more] = changes(wanted, published({ [label]: hash("e") }), true, now);
      assert.equal(change?.what, what);
      assert.match(change.why, /was eeeeeeeeeeee, is \S+$/);
      assert.deepEqual(more, []);
      assert.match(changes(wanted, published({ [label]: "" }), true, now)[0]!.why, /was not told/);
    });
  }

  it("has it built where a recipe does not tell its hash, as nobody could say whether it is the same", () => {
    assert.deepEqual(kinds(changes({ ...wanted, recipe: undefined }, published(), true, now)), ["recipe"]);
  });

  it("has it built for platforms that were added or left out", () => {
    for (const only of [["linux/amd64"], [...wanted.platforms, "linux/s390x"], []]) {
      const [change] = changes(wanted, published({}, only), true, now);
      assert.equal(change?.what, "platforms");
      assert.match(change.why, /wanted for linux\/amd64, linux\/arm64/);
    }
  });

  it("has it built where its builder got lost", () => {
    assert.deepEqual(kinds(changes(wanted, published(), false, now)), ["builder"]);
  });

  it("has it built when it is older than it may be, or does not tell when it was made", () => {
    const old = (days: number, created = labels[labelNames.created]!) =>
      kinds(changes({ ...wanted, oldAfterDays: days }, published({ [labelNames.created]: created }), true, now));
    assert.deepEqual(old(7), []);
    assert.deepEqual(old(6), ["age"]);
    assert.deepEqual(old(7, "some day"), ["age"]);
  });

  it("tells all that is new", () => {
    const found = changes({ ...wanted, lock: hash("1"), recipe: hash("2") }, published(), false, now);
    assert.deepEqual(kinds(found), ["lock", "recipe", "builder"]);
  });
});
