/** Holds `schema.json` and the generated files of the local SDK against the whole schema of the provider, where that is at hand. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import manifest from "@pulumi/azuredevops/package.json";
import type { ProviderSchema, SchemaProperties, SchemaType } from "../../sdks/azuredevops/generator/provider-schema";
import { GENERATED, renderPackage } from "../../sdks/azuredevops/generator/render";
import { FUNCTIONS, RESOURCES } from "../../sdks/azuredevops/generator/selection";
import { kindOfFact } from "./declarations";
import { FACTS, nameOf, namesWith, type Properties, type PropertyType } from "./facts";

const PACKAGE = resolve(__dirname, "../../sdks/azuredevops");
const SCHEMA_FILE = resolve(__dirname, "../../../shared/facts/azuredevops-schema.json");

function generatedFiles(): string[] {
  return ["", "types"]
    .flatMap((folder) => readdirSync(join(PACKAGE, folder)).map((name) => join(folder, name)))
    .filter((path) => path.endsWith(".ts"))
    .filter((path) => readFileSync(join(PACKAGE, path), "utf8").startsWith(`/** ${GENERATED}`));
}

/** The kind of a schema type, told without the generator. */
function kindOfSchema(type: SchemaType): string {
  if (type.$ref !== undefined) {
    return `object ${nameOf(type.$ref)}`;
  }
  if (type.items !== undefined) {
    return `array of ${kindOfSchema(type.items)}`;
  }
  if (type.additionalProperties !== undefined) {
    return `map of ${kindOfSchema(type.additionalProperties)}`;
  }
  return type.type === "integer" ? "number" : String(type.type);
}

function assertSame(facts: Properties, schema: SchemaProperties, required: readonly string[], where: string): void {
  const kinds = Object.entries(facts).map(([name, property]) => [name, kindOfFact(property)] as const);
  const schemaKinds = Object.entries(schema).map(([name, property]) => [name, kindOfSchema(property)] as const);
  const names = (mark: "secret" | "willReplaceOnChanges"): string[] =>
    Object.keys(schema).filter((name) => schema[name]?.[mark] === true);
  assert.deepEqual(kinds, schemaKinds, where);
  assert.deepEqual(namesWith(facts, "required").sort(), [...required].sort(), where);
  assert.deepEqual(namesWith(facts, "secret"), names("secret"), where);
  assert.deepEqual(namesWith(facts, "replaces"), names("willReplaceOnChanges"), where);
}

function referencesOf(type: PropertyType): string[] {
  switch (type.type) {
    case "array":
      return referencesOf(type.items);
    case "map":
      return referencesOf(type.values);
    case "object":
      return [type.ref];
    case "string":
    case "boolean":
    case "integer":
    case "number":
      return [];
  }
}

describe("schema.json of @pulumi/azuredevops", () => {
  it("is of the package's own name and version, from which the engine installs the plugin", () => {
    assert.deepEqual([FACTS.name, FACTS.version], [manifest.pulumi.name, manifest.pulumi.version]);
    assert.equal(manifest.version, manifest.pulumi.version);
    assert.equal(manifest.pulumi.resource, true);
  });

  it("has exactly the selected resources and functions", () => {
    assert.deepEqual(Object.keys(FACTS.resources).map(nameOf), RESOURCES);
    assert.deepEqual(Object.keys(FACTS.functions).map(nameOf), FUNCTIONS);
  });

  it("has every type that a property refers to, and no other", () => {
    const lists = [...Object.values(FACTS.resources), ...Object.values(FACTS.functions)].flatMap((callable) => [
      callable.inputs,
      callable.outputs,
    ]);
    const nested = Object.values(FACTS.types).map(({ properties }) => properties);
    const references = [...lists, ...nested].flatMap((list) => Object.values(list).flatMap(referencesOf));
    assert.deepEqual([...new Set(references)].sort(), Object.keys(FACTS.types).sort());
  });

  describe("beside the whole schema", () => {
    let schema: ProviderSchema;

    before(function () {
      if (!existsSync(SCHEMA_FILE)) {
        // mocha shows no reason of its own for a skipped test.
        console.log("      skipped: ../shared/facts/azuredevops-schema.json is not beside this repository");
        this.skip();
      }
      schema = JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as ProviderSchema;
    });

    it("says the same of names, kinds, and what is required, secret or replacing", () => {
      assert.equal(FACTS.version, schema.version);
      assertSame(FACTS.config, schema.config.variables, [], "config");
      for (const [token, { inputs, outputs }] of Object.entries(FACTS.resources)) {
        const resource = schema.resources[token]!;
        assertSame(inputs, resource.inputProperties, resource.requiredInputs ?? [], token);
        assertSame(outputs, resource.properties, [], token);
      }
      for (const [token, { inputs, outputs }] of Object.entries(FACTS.functions)) {
        const called = schema.functions[token]!;
        assertSame(inputs, called.inputs?.properties ?? {}, called.inputs?.required ?? [], token);
        assertSame(outputs, called.outputs.properties, [], token);
      }
      for (const [name, { properties }] of Object.entries(FACTS.types)) {
        const type = schema.types[`${FACTS.name}:index/${name}:${name}`]!;
        assertSame(properties, type.properties, type.required ?? [], name);
      }
    });

    it("and every generated file are what the generator makes of it", async () => {
      const files = await renderPackage(schema);
      for (const [path, text] of files) {
        assert.equal(readFileSync(join(PACKAGE, path), "utf8"), text, path);
      }
      assert.deepEqual(generatedFiles().sort(), [...files.keys()].filter((path) => path.endsWith(".ts")).sort());
    });
  });
});
