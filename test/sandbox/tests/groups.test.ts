import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { testFiles } from "../../../sandbox/tests.mjs";
import { groupTests, measuring } from "../../../sandbox/tests/groups.mjs";

const root = join(__dirname, "../../..");
const titleOf = (file: string, files = [file]): string | undefined =>
  groupTests(files).find((group) => group.files.includes(file))?.title;

describe("the groups that tests run in", () => {
  it("hold every test file of the checkout exactly once", () => {
    const files = testFiles();
    ok(files.length > 200);
    for (const file of files) ok(existsSync(join(root, file)), file);
    deepStrictEqual(
      groupTests(files)
        .flatMap((group) => group.files)
        .sort(),
      [...files].sort(),
    );
  });

  it("take a new file without being told of it, wherever it lies", () => {
    for (const file of ["test/new.test.ts", "test/new/a.test.ts", "test/tools/new/whole/a.test.ts"]) {
      strictEqual(groupTests([...testFiles(), file]).filter((group) => group.files.includes(file)).length, 1, file);
    }
    strictEqual(titleOf("test/new/whole/a.test.ts"), titleOf("test/tools/whole/bake.test.ts"));
  });

  it("are no other ones when the files come in another order", () => {
    const files = testFiles();
    deepStrictEqual(groupTests([...files].reverse()), groupTests([...files].sort()));
  });

  it("have each a name of its own and no group without tests", () => {
    const groups = groupTests(testFiles());
    strictEqual(new Set(groups.map(({ title }) => title)).size, groups.length);
    ok(groups.every(({ files }) => files.length > 0));
    deepStrictEqual(groupTests([]), []);
    strictEqual(groupTests(["test/spec/load.test.ts"]).length, 1);
  });

  it("keep what measures for the end, when nothing runs beside it", () => {
    for (const file of measuring) ok(existsSync(join(root, file)), `${file} is gone: take it off the list`);
    const groups = groupTests(testFiles());
    deepStrictEqual(
      groups.map(({ alone }) => alone),
      [...groups.slice(1).map(() => false), true],
    );
    deepStrictEqual(groups.at(-1)?.files, [...measuring].sort());
  });
});
