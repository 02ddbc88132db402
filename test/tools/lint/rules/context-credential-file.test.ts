import { strict as assert } from "node:assert";
import type { ContextFiles } from "../../../../tools/lint";
import { found, places } from "../expect";

const rule = "context-credential-file";
const context = (files: Record<string, string>): ContextFiles => ({
  files: Object.keys(files),
  read: (path) => files[path],
});

describe(rule, () => {
  const files = context({
    ".env": "A=1",
    "app/main.py": "",
    "app/.netrc": "",
    "pip.conf": "[global]\nindex-url = https://h/\n",
  });

  it("finds what COPY . . takes along, and names it", () => {
    const [finding] = found(rule, "FROM a\nCOPY . .\n", { context: files });
    assert.equal(finding!.what, "COPY . takes along .env, app/.netrc");
    assert.equal(`${finding!.line}:${finding!.column}`, "2:6");
  });

  it("finds what the copy of a folder takes along", () => {
    assert.deepEqual(places(rule, "FROM a\nADD ./app/ /x/\n", { context: files }), ["2:5 error"]);
  });

  it("lets a pip.conf without credentials be, and finds one with them", () => {
    assert.deepEqual(
      places(rule, "FROM a\nCOPY . .\n", { context: context({ "pip.conf": "index-url = https://h/" }) }),
      [],
    );
    const bad = context({ "pip.conf": "index-url = https://u:s3cr3t@h/" });
    assert.equal(places(rule, "FROM a\nCOPY . .\n", { context: bad }).length, 1);
  });

  it("finds nothing in other folders, in other stages' files, or without a context", () => {
    assert.deepEqual(places(rule, "FROM a\nCOPY src/ .\nCOPY --from=b / /\n", { context: files }), []);
    assert.deepEqual(places(rule, "FROM a\nCOPY . .\n"), []);
  });
});
