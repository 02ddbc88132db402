/** The facts that the plugins carry are those of the packages that programs use. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deriveSchema } from "../../../sandbox/providers/azure-native/derive";
import { deriveSchema as deriveDocker } from "../../../sandbox/providers/docker/derive";
import { azureNative } from "../../../sandbox/providers/azure-native/definition";
import { inputsFromId, paths } from "../../../sandbox/providers/azure-native/rules";
import { azuredevops } from "../../../sandbox/providers/azuredevops/definition";
import { docker } from "../../../sandbox/providers/docker/definition";
import { propertiesOf, type Properties, type PropertyType, type Schema } from "../../../sandbox/providers/schema";
import { typeAt } from "./valid-inputs";

describe("the facts of docker", () => {
  it("are those of the installed package; write-schema.ts writes them anew", () => {
    const file = join(__dirname, "../../../sandbox/providers/docker/schema.json");
    deepStrictEqual(JSON.parse(readFileSync(file, "utf8")), JSON.parse(JSON.stringify(deriveDocker())));
  });
});

describe("the facts of azure-native", () => {
  it("are those of the installed package; write-schema.ts writes them anew", function () {
    this.timeout(60_000);
    const file = join(__dirname, "../../../sandbox/providers/azure-native/schema.json");
    deepStrictEqual(JSON.parse(readFileSync(file, "utf8")), JSON.parse(JSON.stringify(deriveSchema())));
  });

  it("hold what the rules and paths are about", () => {
    const { schema, rules } = azureNative;
    for (const [token, { inputs }] of Object.entries(schema.resources)) {
      const rule = rules[token]!;
      const replaces = rule.replaces as readonly string[];
      const named = [...(paths[token] ?? "").matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
      const inputNames = named.filter((name) => name !== "subscriptionId");
      const all = [
        ...inputNames,
        ...replaces,
        ...Object.keys(rule.normalize ?? {}),
        ...(rule.unordered ?? []),
        rule.autonaming!.property,
      ];
      deepStrictEqual(
        all.filter((path) => typeAt(schema, inputs, path) === undefined),
        [],
        token,
      );
      ok(
        inputNames.every((name) => replaces.includes(name)),
        `what is in the path of ${token} replaces it`,
      );
    }
  });

  it("find the inputs in an id", () => {
    deepStrictEqual(
      inputsFromId(
        "azure-native:authorization:RoleAssignment",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Authorization/roleAssignments/n",
      ),
      { scope: "subscriptions/s/resourceGroups/g", roleAssignmentName: "n" },
    );
  });
});

for (const { schema } of [azuredevops, azureNative, docker]) {
  describe(`the schema of ${schema.name}`, () => {
    it("holds every type that it refers to", () => {
      const refs = new Set<string>();
      collect(schema, schema.config, refs);
      const everything = [...Object.values(schema.resources), ...Object.values(schema.functions)];
      for (const { inputs, outputs } of everything) {
        collect(schema, inputs, refs);
        collect(schema, outputs, refs);
      }
      deepStrictEqual([...refs].sort(), Object.keys(schema.types).sort());
    });

    it("has the version of the package", () => {
      const file = require.resolve(`@pulumi/${schema.name}/package.json`);
      const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
      strictEqual(schema.version, version);
    });
  });
}

function collect(schema: Schema, properties: Properties, refs: Set<string>): void {
  Object.values(properties).forEach((type) => visit(schema, type, refs));
}

function visit(schema: Schema, type: PropertyType, refs: Set<string>): void {
  if (type.type === "array") {
    visit(schema, type.items, refs);
  } else if (type.type === "map") {
    visit(schema, type.values, refs);
  } else if (type.type === "object" || type.type === "union") {
    for (const ref of type.type === "object" ? [type.ref] : type.refs) {
      if (!refs.has(ref)) {
        refs.add(ref);
        collect(schema, propertiesOf(schema, ref), refs);
      }
    }
  }
}
