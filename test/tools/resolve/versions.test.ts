/** Tests what `Requires-Python` takes. */
import { strict as assert } from "node:assert";
import { pythonVersion, specifierTakes } from "../../../tools/resolve/versions";

describe("a list of Python versions", () => {
  const cases: readonly [specifier: string, takes: boolean | undefined][] = [
    ["", true],
    [">=3.9", true],
    [">=3.11,<4", true],
    [">=3.14", false],
    ["<3.13", false],
    ["~=3.12", true],
    ["~=3.12.1", false],
    ["!=3.13.*", false],
    ["==3.13.*", true],
    ["==3.13", undefined],
    [">3.13", undefined],
    [">=3.13.2", undefined],
    ["<=3.13", undefined],
    [">=3.14.0b1", undefined],
  ];
  for (const [specifier, takes] of cases) {
    it(`${JSON.stringify(specifier)} ${takes === undefined ? "may or may not take" : takes ? "takes" : "refuses"} 3.13`, () => {
      assert.equal(specifierTakes(specifier, pythonVersion("3.13")), takes);
    });
  }

  it("wants a version with two parts", () => {
    for (const text of ["3", "3.13.1", "3.x", ""]) assert.throws(() => pythonVersion(text), RangeError);
  });
});
