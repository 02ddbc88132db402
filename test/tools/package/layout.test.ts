/** Tests that a wheel is laid out as an installer would, always the same, and never outside of its folder. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { UsageError } from "../../../tools/errors";
import { readArchive } from "../../../tools/package/archive";
import { layOut } from "../../../tools/package/layout";
import { readWheel, recordHash, staysInside } from "../../../tools/package/wheel";
import { fileTime, writeFiles } from "../../../tools/package/write";
import { makeWheel, type WheelSpec } from "../archive";

function read(spec: WheelSpec, python = "3.13") {
  const { name, content } = makeWheel(spec);
  return readWheel(readArchive(content), name, python);
}

const site = "opt/venv/lib/python3.13/site-packages";
const orders: WheelSpec = {
  name: "orders",
  version: "1.0",
  files: {
    "orders/__init__.py": "def main(): pass\n",
    "orders/run.sh": "#!/bin/sh\n",
    "orders-1.0.data/scripts/tool": "#!python -E\nprint(1)\n",
    "orders-1.0.data/scripts/shell": "#!/bin/sh\necho 1\n",
    "orders-1.0.data/purelib/extra.py": "x = 1\n",
    "orders-1.0.data/data/share/orders/a,b.txt": "text\n",
    "orders-1.0.data/headers/orders.h": "int x;\n",
  },
  executable: ["orders/run.sh"],
  entryPoints:
    "[console_scripts]\norders-api = orders.api:main\norders-worker = orders:App.run [extra]\n[other]\nx = orders\n[gui_scripts]\norders-ui=orders:ui\n",
};

describe("a wheel", () => {
  it("is laid out in the environment of the image", () => {
    const files = layOut(read(orders), "3.13");
    assert.deepEqual(
      files.map((file) => `${file.path}${file.executable ? " *" : ""}`),
      [
        "opt/venv/bin/orders-api *",
        "opt/venv/bin/orders-ui *",
        "opt/venv/bin/orders-worker *",
        "opt/venv/bin/shell *",
        "opt/venv/bin/tool *",
        "opt/venv/include/site/python3.13/orders/orders.h",
        `${site}/extra.py`,
        `${site}/orders-1.0.dist-info/INSTALLER`,
        `${site}/orders-1.0.dist-info/METADATA`,
        `${site}/orders-1.0.dist-info/RECORD`,
        `${site}/orders-1.0.dist-info/WHEEL`,
        `${site}/orders-1.0.dist-info/entry_points.txt`,
        `${site}/orders/__init__.py`,
        `${site}/orders/run.sh *`,
        "opt/venv/share/orders/a,b.txt",
      ],
    );
  });

  it("gets scripts that call its entry points with the environment's Python", () => {
    const text = (name: string) =>
      Buffer.from(
        layOut(read(orders), "3.13").find(({ path: file }) => file === `opt/venv/bin/${name}`)!.content,
      ).toString();
    assert.match(text("orders-worker"), /^#!\/opt\/venv\/bin\/python\n/);
    assert.match(text("orders-worker"), /from orders import App\n/);
    assert.match(text("orders-worker"), /sys\.exit\(App\.run\(\)\)/);
    assert.match(text("tool"), /^#!\/opt\/venv\/bin\/python -E\nprint\(1\)\n$/);
    assert.match(text("shell"), /^#!\/bin\/sh\n/);
  });

  it("gets a RECORD that lists every file with its hash, from the site folder", () => {
    const files = layOut(read(orders), "3.13");
    const record = files.find(({ path: file }) => file.endsWith("/RECORD"))!;
    const lines = Buffer.from(record.content).toString().trimEnd().split("\n");
    assert.equal(lines.length, files.length);
    assert.ok(lines.includes("orders-1.0.dist-info/RECORD,,"));
    const api = files.find(({ path: file }) => file.endsWith("bin/orders-api"))!;
    assert.ok(lines.includes(`../../../bin/orders-api,sha256=${recordHash(api.content)},${api.content.length}`));
    assert.ok(lines.some((line) => line.startsWith('"../../../share/orders/a,b.txt",sha256=')));
  });

  it("is written with one time and with modes that every user can read", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "wheelhouse-test-"));
    const mask = process.umask(0o077);
    try {
      writeFiles(folder, layOut(read(orders), "3.13"));
      const api = path.join(folder, "opt/venv/bin/orders-api");
      assert.equal(statSync(api).mode & 0o777, 0o755);
      for (const file of [api, path.dirname(api), folder, path.join(folder, site, "orders")]) {
        assert.equal(statSync(file).mtimeMs, fileTime * 1000, file);
      }
      assert.equal(statSync(path.join(folder, site)).mode & 0o777, 0o755);
      assert.equal(statSync(path.join(folder, site, "orders/__init__.py")).mode & 0o777, 0o644);
      assert.equal(readFileSync(path.join(folder, site, "extra.py"), "utf8"), "x = 1\n");
    } finally {
      process.umask(mask);
      rmSync(folder, { recursive: true });
    }
  });

  it("is pure only where nothing of it is for one platform", () => {
    const wheel = (text: string) => read({ name: "a", version: "1", wheel: text }).pure;
    assert.equal(wheel("Root-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n"), true);
    assert.equal(wheel("Root-Is-Purelib: true\nTag: py3-none-any\nTag: cp313-cp313-linux_x86_64\n"), false);
    assert.equal(wheel("Root-Is-Purelib: false\nTag: py3-none-any\n"), false);
    assert.equal(wheel("Root-Is-Purelib: true\n"), false);
  });

  const broken: readonly [what: string, spec: WheelSpec, message: RegExp][] = [
    [
      "a file that climbs out of its folder",
      { name: "a", version: "1", files: { "../../etc/cron.d/a": "" } },
      /would leave its folder/,
    ],
    ["an absolute file", { name: "a", version: "1", files: { "/etc/passwd": "" } }, /would leave its folder/],
    [
      "data that climbs out",
      { name: "a", version: "1", files: { "a-1.data/data/../../../x": "" } },
      /would leave its folder/,
    ],
    ["a file that RECORD does not list", { name: "a", version: "1", record: "" }, /RECORD does not list/],
    [
      "a script name with a folder",
      { name: "a", version: "1", entryPoints: "[console_scripts]\n../x = a:b\n" },
      /cannot become a script/,
    ],
    [
      "an entry point with code in it",
      { name: "a", version: "1", entryPoints: "[console_scripts]\nx = a:b();import os\n" },
      /cannot become a script/,
    ],
    ["another Python", { name: "a", version: "1", metadata: "Requires-Python: >=3.14\n" }, /wants Python >=3\.14/],
  ];
  for (const [what, spec, message] of broken) {
    it(`is refused for ${what}`, () => {
      assert.throws(
        () => read(spec),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
  }

  it("is refused where a file is not what RECORD says", () => {
    const record = `a/__init__.py,sha256=${recordHash(Buffer.from("other"))},0\na-1.dist-info/METADATA,,\na-1.dist-info/WHEEL,,\na-1.dist-info/RECORD,,\n`;
    assert.throws(() => read({ name: "a", version: "1", record }), /is not what RECORD says/);
  });

  it("always makes the same, whatever order its files come in, and nothing outside of the environment", () => {
    const part = fc.stringMatching(/^[A-Za-z0-9_.-]{1,8}$/);
    const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 8 }), (names) => {
        const files = names.map((file) => ({ path: file, content: Buffer.from(file), executable: false }));
        const safe = files.filter((file) => staysInside(file.path));
        for (const file of files.filter((one) => !safe.includes(one))) {
          assert.ok(file.path.split("/").some((one) => one === "." || one === ".."));
        }
        const wheel = { ...read(orders), files: safe };
        const plan = layOut(wheel, "3.13");
        assert.deepEqual(layOut({ ...wheel, files: [...safe].reverse() }, "3.13"), plan);
        for (const file of plan) {
          assert.ok(file.path.startsWith("opt/venv/"));
          assert.equal(path.posix.normalize(file.path), file.path);
        }
      }),
    );
  });
});
