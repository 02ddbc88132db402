/** The Dockerfiles that articles on this subject teach: what is found in each and what becomes of it, held against golden files. */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fixDockerfile, lintDockerfile } from "../../../tools/lint";
import { printedAll } from "../../../tools/lint/printing";
import { matchesGolden } from "../../recipes/golden";

const folder = join(__dirname, "dockerfiles");
const golden = join(__dirname, "golden");
const names = readdirSync(folder).map((file) => basename(file, ".Dockerfile"));

describe("lint of Dockerfiles as articles have them", () => {
  for (const name of names) {
    const text = readFileSync(join(folder, `${name}.Dockerfile`), "utf8");

    it(`finds in ${name}, and mends, what its golden files say`, () => {
      const findings = printedAll(lintDockerfile(text), text);
      matchesGolden(join(golden, name), [
        { path: "findings.txt", content: findings.join("") },
        { path: "mended.Dockerfile", content: fixDockerfile(text).text },
      ]);
    });

    it(`leaves no error in ${name}`, () => {
      assert.ok(lintDockerfile(text).some(({ severity }) => severity === "error"));
      const { text: mended, left } = fixDockerfile(text);
      assert.deepEqual(
        left.filter(({ severity }) => severity === "error"),
        [],
      );
      assert.equal(fixDockerfile(mended).text, mended);
    });
  }
});
