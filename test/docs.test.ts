/** The documentation says what the program does: names of resources, links and commands are held against it. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";

const root = path.join(__dirname, "..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(path.join(root, "docs")).map((file) => `docs/${file}`),
].filter((file) => file.endsWith(".md"));

/** Every type that a component declares, as the last part of its URNs' type chain. */
function declaredTypes(): string[] {
  const chains = readdirSync(path.join(root, "components"))
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => {
      const text = read(`components/${file}`);
      const made = [
        ...text.matchAll(/new (azuredevops|resources|containerregistry|managedidentity|authorization)\.(\w+)\(/g),
      ];
      const components = [...text.matchAll(/super\(\s*"(wheelhouse:index:\w+)"/g)];
      return [
        ...made.map(([, module, name]) =>
          module === "azuredevops" ? `azuredevops:${name!}` : `azure-native:${module!}:${name!}`,
        ),
        ...components.map(([, type]) => type!),
      ];
    });
  return [...new Set(chains)].sort();
}

describe("the documentation", () => {
  it("has a row in docs/resources.md for every type of resource that a component declares", () => {
    const page = read("docs/resources.md");
    const types = declaredTypes();
    assert.ok(types.length > 20, `found only ${types.length.toString()} types: ${types.join(", ")}`);
    assert.deepEqual(
      types.filter((type) => !page.includes(`\`${type}\``)),
      [],
    );
  });

  it("names no type in docs/resources.md that no component declares", () => {
    const types = declaredTypes();
    const named = [...read("docs/resources.md").matchAll(/`((?:azuredevops|azure-native|wheelhouse):[\w:]+)`/g)].map(
      ([, type]) => type!,
    );
    assert.deepEqual(
      named.filter((type) => !types.includes(type)),
      [],
    );
  });

  for (const page of pages) {
    it(`links from ${page} only to files that exist`, () => {
      const targets = [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
      const missing = targets.filter(
        (target) => !/^https?:/.test(target) && !existsSync(path.join(root, path.dirname(page), target)),
      );
      assert.deepEqual(missing, []);
    });

    it(`names in ${page} only npm scripts that exist`, () => {
      const scripts = Object.keys((JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts);
      const named = [...read(page).matchAll(/npm (?:run )?(start|test|(?<=run )[\w-]+)/g)].map(([, script]) => script!);
      assert.deepEqual(
        named.filter((script) => !scripts.includes(script)),
        [],
      );
    });
  }
});
