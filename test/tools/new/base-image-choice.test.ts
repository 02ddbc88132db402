/** Tests which base image an application gets by the Python that it wants. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { pythonVersion, specifierTakes } from "../../../tools/resolve/versions";
import { fittingBases, namedBase, type Base } from "../../../tools/new/base-image-choice";

const base = (name: string, python: string): Base => ({ name, python, description: undefined });
const old = base("old", "3.11");
const web = base("web", "3.13");
const data = base("data", "3.13");

describe("The base image of a new application", () => {
  it("is the only one that fits", () => {
    assert.equal(fittingBases([old, web], { requires: ">=3.12", from: "pyproject.toml" }).best, web);
    assert.equal(fittingBases([old, web], { minor: "3.11", from: "Dockerfile" }).best, old);
    assert.equal(fittingBases([web], undefined).best, web);
  });

  it("is asked for where several fit as well, the preferred ones first", () => {
    const { best, fitting } = fittingBases([old, web, data], { requires: ">=3.11", from: "pyproject.toml" });
    assert.deepEqual([best, fitting], [undefined, [old, web, data]]);
    const preferring = fittingBases([web, old, data], { requires: ">=3.11", minor: "3.11", from: "Dockerfile" });
    assert.deepEqual([preferring.best, preferring.fitting], [old, [old, web, data]]);
  });

  it("may have another Python than today's image where the project takes it, which is said", () => {
    const { best, note } = fittingBases([web], { requires: ">=3.10", minor: "3.12", from: "Dockerfile" });
    assert.deepEqual([best, note], [web, "Dockerfile says Python 3.12, and no base image has it"]);
  });

  it("is refused with the list where none fits, and the command that makes one", () => {
    assert.throws(() => fittingBases([old, web], { minor: "3.12", from: "Dockerfile" }), {
      name: "UsageError",
      message: "no base image fits: Dockerfile wants Python 3.12, and there is old (3.11), web (3.13)",
      mend: "let the project take one of these, or make a base image: wheelhouse new base-image python-3-12 --python 3.12",
    });
    assert.throws(
      () => fittingBases([web], { requires: "<3.12", from: "setup.cfg" }),
      /setup\.cfg wants Python <3\.12/,
    );
    assert.throws(() => fittingBases([], undefined), /the platform has no base image/);
    assert.throws(
      () => namedBase([old, web], "old", { requires: ">=3.12", from: "pyproject.toml" }),
      /there is old \(3\.11\)/,
    );
    assert.throws(() => namedBase([old, web], "wbe", undefined), { mend: /did you mean web\?/ });
    assert.equal(namedBase([old, web], "old", { minor: "3.13", from: "Dockerfile" }), old);
  });

  it("always is one that the project takes", () => {
    const version = fc.integer({ min: 9, max: 15 }).map((minor) => `3.${minor}`);
    const bases = fc
      .uniqueArray(version, { minLength: 1, maxLength: 5 })
      .map((all) => all.map((python) => base(`b${python}`, python)));
    const requires = fc
      .tuple(fc.constantFrom(">=", "<", "==", "~=", "!="), version)
      .map(([sign, of]) => `${sign}${of}${sign === "~=" ? ".0" : ""}`);
    fc.assert(
      fc.property(bases, requires, fc.option(version, { nil: undefined }), (all, specifier, minor) => {
        const wanted = { requires: specifier, ...(minor === undefined ? {} : { minor }), from: "pyproject.toml" };
        try {
          const { fitting, best } = fittingBases(all, wanted);
          assert.ok(
            fitting.length > 0 &&
              fitting.every(({ python }) => specifierTakes(specifier, pythonVersion(python)) !== false),
          );
          assert.ok(best === undefined || fitting[0] === best);
        } catch (error) {
          assert.match(String(error), /no base image fits/);
          assert.ok(all.every(({ python }) => specifierTakes(specifier, pythonVersion(python)) === false));
        }
      }),
    );
  });
});
