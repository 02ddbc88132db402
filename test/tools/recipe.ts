/** Recipes for tests of the tools: a bake file with little more than its facts. */
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { FACTS_KEY, recipeFacts, type ApplicationFacts, type RecipeFacts } from "../../spec/recipe-facts";

export interface ApplicationWishes {
  readonly requirements: string;
  readonly scripts?: readonly string[];
  /** The spec's, for every set. */
  readonly extras?: readonly string[];
  readonly lock?: string;
  readonly systemPackages?: string;
}

/** The facts of an application `orders` on `python-web`, as its recipe has them. */
export function applicationFacts(wishes: ApplicationWishes): ApplicationFacts {
  const { requirements, scripts = [], extras = [], lock, systemPackages } = wishes;
  const names = scripts.length > 1 ? scripts : ["orders"];
  return {
    kind: "application",
    name: "orders",
    base: "python-web",
    builder: "python-web-builder",
    python: "3.13",
    platforms: ["linux/amd64"],
    requirements,
    ...(lock === undefined ? {} : { lock }),
    ...(systemPackages === undefined ? {} : { systemPackages }),
    project: scripts.length > 0,
    indexes: [],
    installation: "0".repeat(64),
    sets: names.map((name) => ({
      folder: name,
      suffix: names.length > 1 ? `_${name.toUpperCase().replaceAll("-", "_")}` : "",
      extras: [...extras],
      conventionalExtras: ["orders_base", name.replaceAll("-", "_")],
      dependencies: { target: `dependencies-${name}`, repository: "orders-deps" },
      runtime: { target: `runtime-${name}`, repository: "orders-runtime" },
      images: (names.length > 1 ? [name] : scripts.length > 0 ? scripts : [name]).map((script) => ({
        target: `image-${script}`,
        repository: script,
        ...(scripts.length > 0 ? { script } : {}),
      })),
    })),
  };
}

/** Writes the bake file of a recipe. */
export function writeRecipe(folder: string, facts: RecipeFacts): void {
  recipeFacts.parse(facts);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, "docker-bake.json"),
    JSON.stringify({
      variable: Object.fromEntries(
        ["REGISTRY", "INDEX_URL", "VERSION", "PUSH", "LOCK_HASH"].map((name) => [name, { default: "" }]),
      ),
      target: {},
      [FACTS_KEY]: facts,
    }),
  );
}
