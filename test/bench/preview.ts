/** How long a preview takes with 1 application and with 20, side by side, and how much of it is reading TypeScript. */
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Checkout } from "../sandbox/whole/checkout";
import { measure, ratio, type Figure } from "./figures";

/** Seconds that one run of the command line may take. */
const patience = 300;
const few = 1;
const many = 20;

export interface PreviewResult {
  /** Seconds of whole processes, by what was measured. */
  readonly figures: Readonly<Record<string, Figure>>;
  /** Seconds with 20 applications over seconds with 1, pair by pair. */
  readonly ratio: Figure;
  /** Share of a preview with 20 applications that goes into transpiling the program: median over median. */
  readonly transpiling: number;
}

/** A platform with this many applications, up in a sandbox of its own. */
async function platformWith(count: number): Promise<Checkout> {
  const checkout = new Checkout();
  const apps = path.join(checkout.folder, "apps");
  for (const file of readdirSync(apps)) rmSync(path.join(apps, file));
  for (let index = 1; index <= count; index++) {
    const name = `app-${index.toString().padStart(2, "0")}`;
    writeFileSync(
      path.join(apps, `${name}.yaml`),
      `name: ${name}\nteam: commerce\nbaseImage: python-web\nscripts: [${name}-api, ${name}-worker]\nports: [8000]\n`,
    );
  }
  const { code, output } = await checkout.run(patience, "sandbox", "up");
  if (code === 0) return checkout;
  await checkout.dispose();
  throw new Error(`a platform with ${count.toString()} applications did not come up:\n${output}`);
}

async function preview(checkout: Checkout): Promise<void> {
  const { code, output } = await checkout.run(patience, "sandbox", "pulumi", "preview", "--expect-no-changes");
  if (code !== 0) throw new Error(`the preview failed:\n${output}`);
}

/** Starts node, loads modules, ends. */
function load(checkout: Checkout, ...args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: checkout.folder,
    encoding: "utf8",
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`loading failed: ${stderr}`);
}

/** The packages that the program is made with, and nothing of its own. */
const packages = [
  "@pulumi/pulumi",
  "@pulumi/azure-native/containerregistry",
  "@pulumi/azure-native/managedidentity",
  "@pulumi/azure-native/authorization",
  "@pulumi/azure-native/resources",
  "zod",
  "yaml",
  "cron-parser",
];

export async function benchPreview(runs: number, write: (line: string) => void): Promise<PreviewResult> {
  const made: Checkout[] = [];
  try {
    write(`making a platform with ${few.toString()} application and one with ${many.toString()}`);
    const small = await platformWith(few);
    made.push(small);
    const large = await platformWith(many);
    made.push(large);
    const loadPackages = packages.map((name) => `require("${name}")`).join(";");
    write(`measuring: ${runs.toString()} runs of each, in turn`);
    const figures = await measure(runs, {
      [`preview, ${few.toString()} application`]: () => preview(small),
      [`preview, ${many.toString()} applications`]: () => preview(large),
      "load packages alone": () => load(large, "--require", "tsx/cjs", "-e", loadPackages),
      "load packages and program": () =>
        load(large, "--require", "tsx/cjs", "-e", `${loadPackages};require("./components");require("./spec")`),
    });
    const [one, twenty, bare, whole] = Object.values(figures);
    if (one === undefined || twenty === undefined || bare === undefined || whole === undefined) {
      throw new Error("a figure is missing");
    }
    return {
      figures,
      ratio: ratio(twenty, one),
      transpiling: Math.max(0, whole.median - bare.median) / twenty.median,
    };
  } finally {
    for (const checkout of made) await checkout.dispose();
  }
}
