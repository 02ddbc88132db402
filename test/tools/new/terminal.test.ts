/** Tests the questions of `wheelhouse new` at a real pseudo-terminal, and that nobody is asked without one. */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "../../rendered";
import { launched, launcher } from "../launched";
import { withPlatform } from "../platform";

const down = "\u001b[B";
const enter = "\r";
const interrupt = "\u0003";
const orders = path.join(root, "samples/applications/orders");

interface Sat {
  readonly output: string;
  readonly code: number;
  readonly answered: number;
}

function atTerminal(
  folder: string,
  args: readonly string[],
  answers: readonly (readonly [string, string])[],
): Promise<Sat> {
  const task = { command: [process.execPath, launcher, ...args], folder, answers, seconds: 40 };
  return new Promise((resolve, reject) => {
    const child = spawn("python3", [path.join(__dirname, "terminal.py")], {
      stdio: ["pipe", "pipe", "inherit"],
      timeout: 50_000,
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject);
    child.on("close", () => {
      const sat = JSON.parse(output) as Sat;
      resolve({ ...sat, output: stripVTControlCharacters(sat.output) });
    });
    child.stdin.end(JSON.stringify(task));
  });
}

const applications = (folder: string) => readdirSync(path.join(folder, "apps"));
const none = { "apps/orders.yaml": "", "apps/.gitkeep": "\n" };

describe("wheelhouse new app at a terminal", function () {
  this.timeout(60_000);

  it("asks, shows the file, and writes it when that is agreed to", async () => {
    await withPlatform(none, async (folder) => {
      const { output, code, answered } = await atTerminal(
        folder,
        ["new", "app", "--repository", orders],
        [
          ["Name of the application (pyproject.toml)", enter],
          ["Description", enter],
          ["Base image", down + enter],
          ["Team", `commerce${enter}`],
          ["Repository in Azure Repos", enter],
          ["Console scripts", ` ${enter}`],
          ["Write apps/orders.yaml?", enter],
        ],
      );
      assert.equal(answered, 7, output);
      assert.equal(code, 0, output);
      assert.match(output, /python-web {2}Python 3\.13, Python with what web services share/);
      assert.match(output, /wrote apps\/orders\.yaml\r?\nnext:\r?\n {2}git switch -c add-orders/);
      assert.equal(
        readFileSync(path.join(folder, "apps/orders.yaml"), "utf8"),
        "# yaml-language-server: $schema=../schemas/app.json\nname: orders\n" +
          "description: Takes orders from the shop and works them off\nteam: commerce\nbaseImage: python-web\nscripts: [orders-worker]\n",
      );
    });
  });

  it("refuses an answer with its reason, and takes the next one", async () => {
    await withPlatform(none, async (folder) => {
      const args = [
        "new",
        "app",
        "--base-image",
        "python-web",
        "--description",
        "x",
        "--team",
        "a",
        "--existing-repository",
        "shop",
      ];
      const { output, code } = await atTerminal(folder, args, [
        ["Folder of the application's repository", `nowhere${enter}`],
        ["nowhere is not there", `${"\b".repeat(7)}${enter}`],
        ["Name of the application", `Bad Name${enter}`],
        ["is not a name for a base image or an application", `${"\b".repeat(8)}shop${enter}`],
        ["Write apps/shop.yaml?", `n${enter}`],
      ]);
      assert.equal(code, 0, output);
      assert.match(output, /nothing was written/);
      assert.deepEqual(applications(folder), [".gitkeep"]);
    });
  });

  it("writes nothing and ends with 130 when Ctrl-C is pressed at a question, the last one too", async () => {
    await withPlatform(none, async (folder) => {
      const first = await atTerminal(folder, ["new", "app", "--repository", orders], [["Name of", interrupt]]);
      assert.deepEqual([first.code, first.answered], [130, 1], first.output);
      assert.match(first.output, /wheelhouse: interrupted/);
      const args = ["new", "app", "shop", "--repository", orders, "--base-image", "python-web", "--team", "a"];
      const all = ["--description", "x", "--existing-repository", "shop", "--scripts", "orders-api"];
      const last = await atTerminal(folder, [...args, ...all], [["Write apps/shop.yaml?", interrupt]]);
      assert.deepEqual([last.code, last.answered], [130, 1], last.output);
      assert.deepEqual(applications(folder), [".gitkeep"]);
    });
  });

  it("asks nothing with --yes", async () => {
    await withPlatform(none, async (folder) => {
      const args = ["new", "app", "--repository", orders, "--base-image", "python-web", "--yes"];
      const { code, output } = await atTerminal(folder, args, []);
      assert.equal(code, 0, output);
      assert.deepEqual(applications(folder), [".gitkeep", "orders.yaml"]);
    });
  });
});

describe("wheelhouse new app without a terminal", function () {
  this.timeout(60_000);

  it("takes what it finds, and writes one file", async () => {
    await withPlatform(none, async (folder) => {
      const ran = await launched(["new", "app", "--repository", orders, "--base-image", "python-web"], folder);
      assert.deepEqual([ran.code, ran.output], [0, "wrote apps/orders.yaml\n"]);
      assert.match(ran.errors, /^the name of the application: orders \(pyproject\.toml\)$/m);
      assert.deepEqual(applications(folder), [".gitkeep", "orders.yaml"]);
    });
  });

  it("ends with 2 and the name of the flag where something is missing", async () => {
    await withPlatform(none, async (folder) => {
      const ran = await launched(["new", "app", "--repository", orders], folder);
      assert.equal(ran.code, 2);
      assert.match(ran.errors, /the base image is missing: .*\n {2}choose one: --base-image <name>\n$/);
      assert.deepEqual(applications(folder), [".gitkeep"]);
    });
  });

  it("shows the file and writes nothing with --dry-run, and is data with --json", async () => {
    await withPlatform(none, async (folder) => {
      const args = ["new", "app", "shop", "--base-image", "python-web"];
      const dry = await launched([...args, "--dry-run"], folder);
      const content = "# yaml-language-server: $schema=../schemas/app.json\nname: shop\nbaseImage: python-web\n";
      assert.deepEqual([dry.code, dry.output], [0, content]);
      assert.deepEqual(applications(folder), [".gitkeep"]);
      const data = await launched([...args, "--json"], folder);
      assert.deepEqual(JSON.parse(data.output), { file: "apps/shop.yaml", content, written: true, notes: [] });
      assert.equal(readFileSync(path.join(folder, "apps/shop.yaml"), "utf8"), content);
    });
  });

  it("makes the folder of the first application", async () => {
    await withPlatform({ "apps/orders.yaml": "" }, async (folder) => {
      const ran = await launched(["new", "app", "shop", "--base-image", "python-web", "--quiet"], folder);
      assert.deepEqual([ran.code, ran.errors, applications(folder)], [0, "", ["shop.yaml"]]);
    });
  });
});
