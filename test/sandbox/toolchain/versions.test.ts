import { deepStrictEqual, strictEqual } from "node:assert/strict";

import { compareVersions, describeRange, isWithin } from "../../../sandbox/toolchain/versions.mjs";

describe("versions of tools", () => {
  it("are compared by number and not by text", () => {
    const sorted = ["3.200.0", "3.9.9", "10.0", "3.200"].sort(compareVersions);
    deepStrictEqual(sorted, ["3.9.9", "3.200.0", "3.200", "10.0"]);
  });

  it("fit from the lower bound on, up to but without the upper one", () => {
    const range = { from: "3.200.0", below: "4.0.0" };
    deepStrictEqual(
      ["3.199.9", "3.200.0", "3.250.1", "4.0.0", "4.1.0"].map((version) => isWithin(version, range)),
      [false, true, true, false, false],
    );
  });

  it("fit whatever comes later where there is no upper bound", () => {
    strictEqual(isWithin("99.0", { from: "2.28" }), true);
    strictEqual(isWithin("2.27.9", { from: "2.28" }), false);
  });

  it("are described with both bounds", () => {
    strictEqual(describeRange({ from: "1", below: "2" }), "1 or later, below 2");
    strictEqual(describeRange({ from: "1" }), "1 or later");
  });
});
