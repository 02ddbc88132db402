/** Requirements files that undo what the Dockerfile does right. */
import { strict as assert } from "node:assert";
import { lintRequirements } from "../../../tools/lint";

const places = (text: string) =>
  lintRequirements(text, "r.txt").map(({ line, column, rule }) => `${line}:${column} ${rule}`);

describe("lint of a requirements file", () => {
  it("finds a second index, a host that is trusted, and a credential", () => {
    const text =
      "requests\n--extra-index-url https://h/simple/\n--trusted-host h\n--index-url https://build:s3cr3t@h/simple/\n";
    assert.deepEqual(places(text), ["2:1 extra-index-url", "3:1 trusted-host", "4:21 secret-in-requirements"]);
    assert.ok(!JSON.stringify(lintRequirements(text, "r.txt")).includes("s3cr3t"));
  });

  it("lets pins with hashes, one index, variables and comments be", () => {
    const text = `# --extra-index-url https://h/\n--index-url https://h/simple/\nx==1 \\\n    --hash=sha256:${"0a".repeat(32)}\ny @ git+https://git@h/y.git\nz @ https://\${USER}:\${TOKEN}@h/z.whl\n`;
    assert.deepEqual(places(text), []);
  });
});
