import { deepStrictEqual, strictEqual } from "node:assert/strict";

import { compareVersions, isVersion } from "../../../sandbox/services/feed/version-order";

/** Each one later than the one before. */
const ascending = [
  "0.9",
  "1.0.dev1",
  "1.0.dev2",
  "1.0a1.dev1",
  "1.0a1",
  "1.0a2",
  "1.0a10",
  "1.0b1",
  "1.0rc1",
  "1.0rc1.post1.dev1",
  "1.0rc1.post1",
  "1.0",
  "1.0+abc.5",
  "1.0+abc.7",
  "1.0+5",
  "1.0.post1.dev1",
  "1.0.post1",
  "1.0.1",
  "1.9",
  "1.10",
  "2024.1",
  "1!0.1",
];

describe("the order of versions", () => {
  it("is that of the standard, whichever way two are compared", () => {
    for (const [index, one] of ascending.entries()) {
      for (const [place, other] of ascending.entries()) {
        strictEqual(Math.sign(compareVersions(one, other)), Math.sign(index - place), `${one} and ${other}`);
      }
    }
  });

  it("takes other ways to write a version for the same one", () => {
    for (const [one, other] of [
      ["1.0", "1.0.0"],
      ["v1.0", "1.0"],
      ["1.0-alpha.1", "1.0a1"],
      ["1.0C1", "1.0rc1"],
      ["1.0-1", "1.0.post1"],
      ["1.0r2", "1.0.post2"],
      ["1.0.dev", "1.0.dev0"],
      ["1.0+Ab-1", "1.0+ab.1"],
      ["0!1.0", "1.0"],
    ] as const) {
      strictEqual(compareVersions(one, other), 0, `${one} and ${other}`);
    }
  });

  it("puts what is no version before all that is one", () => {
    for (const wrong of ["", "latest", "1.0.x", "1..0", "1.0+", "../1.0"]) {
      deepStrictEqual([isVersion(wrong), compareVersions(wrong, "0.dev0") < 0], [false, true], wrong);
    }
    strictEqual(isVersion("2.31.0"), true);
  });
});
