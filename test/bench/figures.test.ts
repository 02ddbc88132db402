/** The figures of the bench. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { figure, measure, ratio } from "./figures";

describe("a figure", () => {
  it("has as its median the middle run, or the mean of the two in the middle", () => {
    assert.equal(figure([3, 1, 2]).median, 2);
    assert.equal(figure([4, 1, 2, 3]).median, 2.5);
  });

  it("lies between its least and its greatest run", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (runs) => {
        const { min, median, max } = figure(runs);
        assert.ok(min <= median && median <= max);
      }),
    );
  });

  it("is refused where nothing was measured", () => {
    assert.throws(() => figure([]), /nothing was measured/);
  });
});

describe("a ratio", () => {
  it("is taken pair by pair", () => {
    assert.deepEqual(ratio(figure([2, 9]), figure([1, 3])).runs, [2, 3]);
  });

  it("is refused for different numbers of runs", () => {
    assert.throws(() => ratio(figure([1, 2]), figure([1])), /different numbers/);
  });
});

describe("measuring", () => {
  it("takes turns, and leaves the first round out", async () => {
    const order: string[] = [];
    const figures = await measure(2, {
      a: () => void order.push("a"),
      b: () => void order.push("b"),
    });
    assert.deepEqual(order, ["a", "b", "a", "b", "a", "b"]);
    assert.equal(figures.a?.runs.length, 2);
  });
});
