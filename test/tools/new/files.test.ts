/** Tests that a new file is written whole or not at all, and never over one that is there. */
import { strict as assert } from "node:assert";
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { writeNewFile, writeNewFolder } from "../../../tools/new/files";
import { withFolder } from "../inspect/repository";

describe("A new file", () => {
  it("is written with its folder, and leaves nothing beside it", async () => {
    await withFolder({}, async (folder) => {
      await writeNewFile(path.join(folder, "apps/x.yaml"), "apps/x.yaml", "name: x\n");
      assert.deepEqual(readdirSync(path.join(folder, "apps")), ["x.yaml"]);
      assert.equal(readFileSync(path.join(folder, "apps/x.yaml"), "utf8"), "name: x\n");
    });
  });

  it("does not replace what is there, be it a link to nowhere or something that came meanwhile", async () => {
    await withFolder({ "x.yaml": "mine" }, async (folder) => {
      symlinkSync("nowhere", path.join(folder, "link.yaml"));
      for (const name of ["x.yaml", "link.yaml"]) {
        await assert.rejects(writeNewFile(path.join(folder, name), name, "theirs"), {
          name: "UsageError",
          message: `${name} is there already`,
        });
      }
      assert.equal(readFileSync(path.join(folder, "x.yaml"), "utf8"), "mine");
      assert.deepEqual(readdirSync(folder).sort(), ["link.yaml", "x.yaml"]);
      const both = await Promise.allSettled(
        ["a", "b"].map((text) => writeNewFile(path.join(folder, "raced"), "raced", text)),
      );
      assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    });
  });

  it("is refused where its folder cannot be written, with nothing left behind", async function () {
    await withFolder({ apps: "a file" }, async (folder) => {
      await assert.rejects(writeNewFile(path.join(folder, "apps/x.yaml"), "apps/x.yaml", ""), { name: "UsageError" });
    });
    if (process.getuid?.() === 0) this.skip(); // Who may write everywhere meets no such folder.
    await withFolder({}, async (folder) => {
      chmodSync(folder, 0o500);
      await assert.rejects(writeNewFile(path.join(folder, "x"), "x", ""), { message: /cannot be written \(EACCES\)/ });
      chmodSync(folder, 0o700);
    });
  });

  it("comes with its folder as a whole, where there are several", async () => {
    const files = new Map([
      ["a", "1"],
      ["b", "2"],
    ]);
    await withFolder({}, async (folder) => {
      const target = path.join(folder, "base-images/py");
      await writeNewFolder(target, "py", files);
      assert.deepEqual(readdirSync(target).sort(), ["a", "b"]);
      await assert.rejects(writeNewFolder(target, "py", new Map([["c", ""]])), { message: "py is there already" });
      writeFileSync(path.join(folder, "base-images/file"), "");
      await assert.rejects(writeNewFolder(path.join(folder, "base-images/file"), "file", files), {
        message: "file is there already",
      });
      // A name that is no file's is refused in the midst of it: nothing stays.
      await assert.rejects(
        writeNewFolder(
          path.join(folder, "base-images/z"),
          "z",
          new Map([
            ["a", ""],
            ["no/such", ""],
          ]),
        ),
        { name: "UsageError" },
      );
      mkdirSync(path.join(folder, "base-images/empty"));
      assert.deepEqual(readdirSync(path.join(folder, "base-images")).sort(), ["empty", "file", "py"]);
    });
  });
});
