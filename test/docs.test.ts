/** The documentation of resources is held against what the components declare. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { declaredResources } from "./docs/reference/resources";

const root = path.join(__dirname, "..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
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

  it("has in docs/resources.md, in the section of each component, what that component declares and nothing else", () => {
    const components = declaredResources(path.join(root, "components"));
    const sections = new Map(
      read("docs/resources.md")
        .split("\n## ")
        .flatMap((section) => {
          const name = /`wheelhouse:index:(\w+)`/.exec(section.split("\n", 1)[0]!)?.[1];
          return name === undefined ? [] : [[name, section] as const];
        }),
    );
    assert.ok(sections.size >= 8, [...sections.keys()].join(" "));
    for (const [name, section] of sections) {
      const own = (components.get(name) ?? []).filter((type) => !type.startsWith("wheelhouse:"));
      const named = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, type]) => lastPart(type!));
      // The first run of a base image has a section of its own.
      const wanted = own.map(lastPart).filter((type) => type !== "FirstRun");
      assert.deepEqual([...new Set(named)].sort(), [...new Set(wanted)].sort(), name);
    }
  });
});

/** `azure-native:resources:ResourceGroup` is `ResourceGroup`, in whatever form its module is written. */
function lastPart(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}
