import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as library from "../../components";
import { components } from "../../provider";
import schema from "../../provider/schema.json";
import { appSchema } from "../../spec/app-schema";
import { baseImageSchema } from "../../spec/base-image-schema";
import { CONFIG_KEYS } from "../../spec";
import { inferSchema, schemaFile } from "./inferred-schema";

interface Property {
  readonly type?: string;
  readonly description?: string;
  readonly plain?: boolean;
  readonly items?: { readonly type?: string; readonly $ref?: string };
}

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Property>>;
  readonly inputProperties?: Readonly<Record<string, Property>>;
}

const resources: Readonly<Record<string, Described>> = schema.resources;
const types: Readonly<Record<string, Described>> = schema.types;

const keysOf = (type: string): string[] => Object.keys(types[`wheelhouse:index:${type}`]?.properties ?? {}).sort();

describe("the schema of the components for other languages", () => {
  it("is what Pulumi infers from the sources; UPDATE_GOLDEN=1 writes it anew", async function () {
    this.timeout(120_000);
    const inferred = await inferSchema();
    if (process.env.UPDATE_GOLDEN === "1" && process.env.CI === undefined) writeFileSync(schemaFile, inferred);
    assert.equal(inferred, readFileSync(schemaFile, "utf8"));
  });

  it("has every component of the library but the one that builds on the machine of the program", () => {
    const all = Object.entries(library).flatMap(([name, value]) => (isComponent(value) ? [name] : []));
    assert.deepEqual(Object.keys(components).sort(), all.filter((name) => name !== "AppImage").sort());
  });

  it("says of each component, type, argument and output what it is for", () => {
    for (const [token, described] of Object.entries({ ...resources, ...types })) {
      const isObject = token in types;
      assert.ok(described.description !== undefined, token);
      for (const [name, property] of Object.entries({ ...described.properties, ...described.inputProperties })) {
        // A key such as `name` of an object that is told about needs no more.
        assert.ok(isObject || property.description !== undefined, `${token} ${name}`);
        assert.ok(!property.description?.includes("[object"), `${token} ${name}: a link in a comment is no text there`);
      }
    }
  });

  it("has the keys of a platform's settings and specifications, and no others", () => {
    assert.deepEqual(keysOf("PlatformSettings"), Object.keys(CONFIG_KEYS).sort());
    assert.deepEqual(keysOf("ApplicationSpecification"), Object.keys(appSchema.shape).sort());
    const files = ["requirements", "systemPackages"];
    assert.deepEqual(keysOf("BaseImageSpecification"), [...Object.keys(baseImageSchema.shape), ...files].sort());
  });

  it("lets no argument be an output that decides how many resources there are, or what they are called", () => {
    for (const [token, property] of [
      ["ContainerRegistry", "createResourceGroup"],
      ["ServiceConnection", "access"],
      ["Platform", "apps"],
      ["Platform", "settings"],
      ["TeamApplications", "apps"],
      ["AppImagePipeline", "app"],
      ["TemplateRepository", "files"],
    ] as const) {
      const { inputProperties } = resources[`wheelhouse:index:${token}`]!;
      assert.equal(inputProperties?.[property]?.plain, true, `${token} ${property}`);
    }
  });

  it("has the generator of Go make the types of all arguments, so that its SDK compiles", () => {
    // The generator finds those of objects by itself, and not those of lists of them, such as the feed's readers.
    const lists = Object.values(schema.resources).flatMap((resource: Described) =>
      Object.values(resource.inputProperties ?? {}).filter(
        ({ type, plain, items }) => type === "array" && plain === true && items?.$ref !== undefined,
      ),
    );
    assert.ok(lists.length > 3);
    assert.equal(schema.language.go.generateExtraInputTypes, true);
  });

  it("names its package, and no file of this machine", () => {
    assert.equal(schema.name, "wheelhouse");
    assert.ok(!JSON.stringify(schema).includes(process.cwd()));
    assert.deepEqual(schema.dependencies, []);
  });
});

function isComponent(value: unknown): boolean {
  return typeof value === "function" && value.prototype instanceof pulumi.ComponentResource;
}
