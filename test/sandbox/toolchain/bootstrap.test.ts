import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { sandboxFolder, sandboxSlug, wheelhouseHome } from "../../../sandbox/home.mjs";
import { describeDuration } from "../../../sandbox/progress.mjs";

const root = join(__dirname, "../../..");

describe("the bootstrap", () => {
  it("knows a command for each npm script, and tells the commands to who asks for another one", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const run = spawnSync(process.execPath, [join(root, "sandbox/bootstrap.mjs"), "nonsense"], { encoding: "utf8" });
    strictEqual(run.status, 2);
    const known = /there are (.*)\n/.exec(run.stderr)?.[1]?.split(", ");
    const { wheelhouse, prepack, ...own } = scripts;
    deepStrictEqual(known?.sort(), Object.keys(own).sort());
    for (const [name, script] of Object.entries(own)) strictEqual(script, `node sandbox/bootstrap.mjs ${name}`);
    // The command line needs nothing that the bootstrap makes, and npm itself asks for the build of a package.
    deepStrictEqual([wheelhouse, prepack], ["node tools/launch.cjs", own.build]);
  });
});

describe("where the sandbox keeps its files", () => {
  it("is chosen by WHEELHOUSE_HOME, else the user's cache folder", () => {
    strictEqual(wheelhouseHome({ WHEELHOUSE_HOME: "/a/b", XDG_CACHE_HOME: "/c" }), "/a/b");
    strictEqual(wheelhouseHome({ XDG_CACHE_HOME: "/c" }), "/c/wheelhouse");
    match(wheelhouseHome({}), /\/\.cache\/wheelhouse$/);
  });

  it("is another one for each checkout, named after it", () => {
    strictEqual(sandboxSlug("/x/My Checkout/"), sandboxSlug("/x/My Checkout"));
    match(sandboxSlug("/x/My Checkout"), /^my-checkout-[0-9a-f]{8}$/);
    strictEqual(new Set(["/x/main", "/y/main", "/y/…"].map(sandboxSlug)).size, 3);
    strictEqual(basename(sandboxFolder("/x/main", { WHEELHOUSE_HOME: "/h" })), sandboxSlug("/x/main"));
  });
});

describe("a duration", () => {
  it("is told in seconds, then in minutes and seconds", () => {
    deepStrictEqual([0, 7400, 59_700, 125_000].map(describeDuration), ["0 s", "7 s", "1 min 0 s", "2 min 5 s"]);
  });
});
