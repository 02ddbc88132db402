/** Tests the JSON Schemas with a validator: what the loader takes they take, and what they explain can be written. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { CONFIG_KEYS, renderJsonSchemas } from "../../spec";
import { refusal } from "./json-schema-validator";
import { LEAST, problems as settingsProblems } from "./settings";
import { app, baseImage } from "./specs";

const ROOT = resolve(__dirname, "../..");
const APP = { name: "orders", baseImage: "python-web" };
const BASE = { name: "python-web", python: "3.13" };

interface Schema {
  readonly [key: string]: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly examples?: readonly unknown[];
}

function schemaOf(name: string): Schema {
  const file = renderJsonSchemas().find(({ path }) => path === `schemas/${name}.json`);
  return JSON.parse(file?.content ?? "") as Schema;
}

/** Every part of a schema, with the way to it. */
function parts(schema: unknown, at = ""): { at: string; key: string | undefined; schema: Schema }[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, inner]) => {
    if (["examples", "default", "enum", "required", "const"].includes(key)) return [];
    if (key === "properties") {
      return Object.entries(inner as Record<string, Schema>).flatMap(([name, property]) => [
        { at: `${at}.${name}`, key: name, schema: property },
        ...parts(property, `${at}.${name}`),
      ]);
    }
    return typeof inner === "object" && inner !== null
      ? [
          ...(Array.isArray(inner) ? [] : [{ at: `${at}/${key}`, key: undefined, schema: inner as Schema }]),
          ...parts(inner, `${at}/${key}`),
        ]
      : [];
  });
}

const stack = (config: Readonly<Record<string, unknown>>) => ({
  config: Object.fromEntries(Object.entries(config).map(([key, value]) => [`wheelhouse:${key}`, value])),
});

describe("The JSON Schemas, before a validator", () => {
  it("take every sample", () => {
    for (const name of readdirSync(join(ROOT, "apps"))) {
      equal(refusal("app", parse(readFileSync(join(ROOT, "apps", name), "utf8"))), "", name);
    }
    for (const name of readdirSync(join(ROOT, "base-images"))) {
      const file = join(ROOT, "base-images", name, "base-image.yaml");
      equal(refusal("base-image", parse(readFileSync(file, "utf8"))), "", name);
    }
  });

  it("take what the loader takes", () => {
    const word = fc.stringMatching(/^[a-z]{2,8}$/);
    const name = fc.stringMatching(/^[a-z]{2,8}(?:-[a-z0-9]{1,5})?$/);
    const value = fc.record(
      {
        name: fc.constant("orders"),
        baseImage: name,
        description: word,
        team: word,
        repository: fc.oneof(
          word,
          fc.record({ create: word }),
          fc.record({ existing: word, pipelineFile: fc.constant("a/b.yml") }),
        ),
        python: fc.constantFrom("3.9", "3.13"),
        requirements: fc.constantFrom("pyproject.toml", "requirements.txt", "a/b.in"),
        lock: fc.constant("requirements.lock"),
        scripts: fc.uniqueArray(word, { maxLength: 4 }),
        extras: fc.oneof(
          fc.uniqueArray(word, { maxLength: 3 }),
          fc.record({ "*": fc.uniqueArray(word, { maxLength: 3 }) }),
        ),
        systemPackages: fc.constant("bindep.txt"),
        user: fc.constantFrom("app", "1000"),
        env: fc.dictionary(fc.stringMatching(/^[A-Z]{1,8}$/), word),
        ports: fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { maxLength: 3 }),
        healthcheck: fc.oneof(
          fc.array(word, { minLength: 1, maxLength: 4 }),
          fc.record({
            command: fc.array(word, { minLength: 1, maxLength: 3 }),
            retries: fc.integer({ min: 1, max: 9 }),
          }),
        ),
        branches: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
        pool: fc.oneof(
          fc.constant("ubuntu-24.04"),
          fc.record({ name: word, demands: fc.uniqueArray(word, { maxLength: 2 }) }),
        ),
      },
      { requiredKeys: ["name", "baseImage"] },
    );
    let taken = 0;
    fc.assert(
      fc.property(value, (written) => {
        if (app(stringify(written)).spec === undefined) return;
        taken += 1;
        equal(refusal("app", written), "");
      }),
    );
    ok(taken > 50, `${taken} of them were specifications`);
  });

  it("refuse what the loader refuses of keys, kinds and closed sets", () => {
    const wrong: Readonly<Record<string, unknown>>[] = [
      { ...APP, script: ["a"] },
      { name: "orders" },
      { ...APP, name: "Orders" },
      { ...APP, scripts: "orders-api" },
      { ...APP, ports: ["http"] },
      { ...APP, ports: [70000] },
      { ...APP, python: 3.12 },
      { ...APP, env: { PORT: 1 } },
      { ...APP, pool: "windows-latest" },
      { ...APP, repository: { create: "a", existing: "b" } },
      { ...APP, healthcheck: [] },
      { ...APP, branches: [] },
    ];
    for (const written of wrong) {
      notEqual(refusal("app", written), "", JSON.stringify(written));
      equal(app(stringify(written)).spec, undefined, JSON.stringify(written));
    }
    for (const written of [{ ...BASE, platforms: ["linux/386"] }, { ...BASE, python: "2.7" }, { name: "python-web" }]) {
      notEqual(refusal("base-image", written), "", JSON.stringify(written));
      equal(baseImage(stringify(written)).spec, undefined, JSON.stringify(written));
    }
  });

  it("take a stack's configuration as structures, as texts, and encrypted", () => {
    equal(refusal("stack", { encryptionsalt: "v1:x", config: { "azure-native:location": "x", "other:key": 1 } }), "");
    equal(
      refusal("stack", stack({ ...LEAST, untaggedRetentionDays: "7", protect: "false", pool: "ubuntu-24.04" })),
      "",
    );
    equal(refusal("stack", stack({ ...LEAST, untaggedRetentionDays: 7, protect: false, tags: '{"a":"b"}' })), "");
    equal(refusal("stack", stack({ ...LEAST, subscriptionName: { secure: "v1:x" } })), "");
    for (const wrong of [
      { feedNam: "x" },
      { registrySku: "Free" },
      { protect: "maybe" },
      { versionsKept: 0 },
      { upstreams: [{ name: "x" }] },
      { builder: { driver: "podman" } },
    ]) {
      notEqual(refusal("stack", stack(wrong)), "", JSON.stringify(wrong));
    }
  });

  it("know every configuration key", () => {
    const keys = Object.keys(schemaOf("stack").properties?.config?.properties ?? {});
    deepEqual(
      keys.sort(),
      Object.keys(CONFIG_KEYS)
        .map((key) => `wheelhouse:${key}`)
        .sort(),
    );
  });
});

describe("What an editor shows", () => {
  for (const name of ["app", "base-image", "stack"]) {
    const all = parts(schemaOf(name)).filter(({ key }) => key !== "secure");

    it(`has a title and a description for every key of ${name}, at any depth`, () => {
      const keys = all.filter(({ key }) => key !== undefined);
      ok(keys.length > 10);
      for (const { at, schema } of keys) {
        for (const part of ["title", "description", "markdownDescription"]) {
          const words = schema[part];
          ok(typeof words === "string" && words.length >= 2, `${at} has no ${part}`);
        }
        // Angle brackets outside of code are taken for HTML, and vanish.
        ok(!/<[a-z ]+>/.test(String(schema.markdownDescription).replace(/`[^`]*`/g, "")), at);
      }
    });

    it(`has an example, a default or the values of every key of ${name}`, () => {
      const bare = all.filter(
        ({ key, schema }) =>
          key !== undefined &&
          key !== "config" &&
          schema.examples === undefined &&
          schema.default === undefined &&
          schema.enum === undefined &&
          schema.type !== "boolean",
      );
      deepEqual(
        bare.map(({ at }) => at),
        [],
      );
    });

    it(`says what each value of a closed set means in ${name}`, () => {
      for (const { at, schema } of all.filter(
        (part) => part.schema.enum !== undefined && !part.at.includes("propertyNames"),
      )) {
        equal((schema.enumDescriptions as unknown[] | undefined)?.length, (schema.enum as unknown[]).length, at);
      }
    });
  }

  it("shows defaults, which editors do not show by themselves", () => {
    const { requirements, baseImage: base, scripts } = schemaOf("app").properties ?? {};
    match(String(requirements?.markdownDescription), /Default: `"pyproject.toml"`\.$/);
    match(String(base?.markdownDescription), /Required\.$/);
    match(String(scripts?.markdownDescription), /Default: one image/);
  });

  it("gives examples that the loader takes", () => {
    const tell = (checked: { problems: readonly unknown[] }) => JSON.stringify(checked.problems);
    for (const [key, { examples = [] }] of Object.entries(schemaOf("app").properties ?? {})) {
      for (const example of examples) {
        const scripts = key === "extras" ? { scripts: ["orders-api"] } : {};
        equal(tell(app(stringify({ ...APP, ...scripts, [key]: example }))), "[]", key);
      }
    }
    for (const [key, { examples = [] }] of Object.entries(schemaOf("base-image").properties ?? {})) {
      const python = key === "tag" ? { python: "3.12" } : {};
      for (const example of examples)
        equal(tell(baseImage(stringify({ ...BASE, ...python, [key]: example }))), "[]", key);
    }
    for (const [key, { examples = [] }] of Object.entries(schemaOf("stack").properties?.config?.properties ?? {})) {
      const name = key.replace("wheelhouse:", "");
      const more = {
        ...(name === "allowedNetworks" ? { registrySku: "Premium" } : {}),
        ...(name === "preview" ? { platformRepository: "platform" } : {}),
      };
      for (const example of examples) deepEqual(settingsProblems({ ...more, [name]: example }), [], key);
    }
  });
});
