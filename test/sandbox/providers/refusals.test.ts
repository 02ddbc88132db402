/** Every fact of the schemas and rules refuses what breaks it, at its own path, and accepts what does not. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { azureNative } from "../../../sandbox/providers/azure-native/definition";
import { azuredevops } from "../../../sandbox/providers/azuredevops/definition";
import { docker } from "../../../sandbox/providers/docker/definition";
import { revealMap, unknown, type PlainMap, type PropertyMap } from "../../../sandbox/providers/properties";
import type { ProviderDefinition } from "../../../sandbox/providers/rules";
import { PluginClient, urn, type Failure } from "./plugin-client";
import { sample, typeAt, validInputs, withProperty, withValue } from "./valid-inputs";

for (const definition of [azuredevops, azureNative, docker]) {
  describe(`the ${definition.schema.name} plugin's checks`, () => {
    let client: PluginClient;
    before(async () => {
      client = await PluginClient.of(definition);
    });
    after(() => client.close());

    for (const token of Object.keys(definition.schema.resources)) {
      describe(token.split(":").pop()!, () => resourceTests(definition, token, () => client));
    }
  });
}

function resourceTests(definition: ProviderDefinition, token: string, client: () => PluginClient): void {
  const { schema } = definition;
  const rules = definition.rules[token] ?? {};
  const { inputs: properties } = schema.resources[token]!;
  const valid = validInputs(definition, token);
  const failuresOf = async (inputs: PropertyMap): Promise<Failure[]> =>
    (await client().check(urn(token), inputs)).failures;
  const at = (path: string, value: PlainMap[string]): PlainMap =>
    withValue(schema, rules, properties, revealMap(valid), path, value);
  const refusedAt = async (path: string, inputs: PropertyMap): Promise<void> => {
    // A failure about a secret names its path in the reason, since the engine prints the value of a property.
    const paths = (await failuresOf(inputs)).map(({ property, reason }) => property || reason.split(":")[0]);
    ok(paths.includes(path), `expected a failure at ${path}, but there are ${JSON.stringify(paths)}`);
  };

  it("accepts the least that is needed", async () => {
    deepStrictEqual(await failuresOf(valid), []);
  });

  it("refuses a property that it does not have, and knows what was meant", async () => {
    const [name = ""] = Object.keys(properties);
    const written = `${name}s`;
    const failures = await failuresOf({ ...valid, [written]: "x" });
    const found = failures.find(({ property }) => property === written);
    ok(found?.reason.includes(`did you mean "${name}"`), JSON.stringify(failures));
    await refusedAt("constructor", { ...valid, constructor: "x" });
  });

  for (const [name, property] of Object.entries(properties)) {
    it(`refuses ${name} of another kind`, async () => {
      await refusedAt(name, {
        ...valid,
        [name]: property.type === "boolean" ? 7.5 : property.type === "string" ? { a: 1 } : true,
      });
    });
    it(`takes an unknown ${name}`, async () => {
      const failures = await failuresOf({ ...valid, [name]: unknown });
      const wrong = failures.filter(({ property, reason }) => property === name && /must be|missing/.test(reason));
      deepStrictEqual(wrong, []);
    });
    if (property.required === true) {
      it(`requires ${name}`, async () => {
        await refusedAt(name, Object.fromEntries(Object.entries(valid).filter(([other]) => other !== name)));
      });
    }
    if (property.type === "object" || (property.type === "array" && property.items.type === "object")) {
      it(`refuses an unknown property inside ${name}`, async () => {
        const value = sample(schema, rules, property, name);
        const [inside, path] = Array.isArray(value)
          ? [[{ ...value[0], zzz: 1 }], `${name}[0].zzz`]
          : [{ ...(value as PlainMap), zzz: 1 }, `${name}.zzz`];
        await refusedAt(path, { ...valid, [name]: inside });
      });
    }
  }
  for (const name of rules.required ?? []) {
    it(`requires ${name}, although the schema does not`, async () => {
      await refusedAt(name, Object.fromEntries(Object.entries(valid).filter(([other]) => other !== name)));
    });
  }
  for (const path of Object.keys(rules.values ?? {})) {
    it(`closes the set of values of ${path}`, async () => {
      await refusedAt(indexed(path), at(path, "none of them"));
    });
  }
  for (const [path, [least, most]] of Object.entries(rules.ranges ?? {})) {
    it(`keeps ${path} from ${least} to ${most}`, async () => {
      await refusedAt(indexed(path), at(path, least - 1));
      if (most < Number.MAX_SAFE_INTEGER) {
        await refusedAt(indexed(path), at(path, most + 1));
      }
    });
  }
  for (const path of rules.uuids ?? []) {
    it(`wants a UUID in ${path}`, async () => refusedAt(indexed(path), at(path, "Platform")));
  }
  for (const path of rules.notBlank ?? []) {
    it(`wants more than blanks in ${path}`, async () => {
      if (typeAt(schema, properties, path) !== undefined) {
        await refusedAt(indexed(path), at(path, "  "));
      }
    });
  }
  for (const group of rules.conflicts ?? []) {
    it(`refuses ${group.join(" together with ")}`, async () => {
      const both = group.reduce(
        (inputs, name) => withProperty(inputs, name, sample(schema, rules, properties[name]!, name)),
        revealMap(valid),
      );
      await refusedAt(group[1]!, both);
    });
  }
  for (const group of rules.oneOf ?? []) {
    it(`wants one of ${group.join(", ")}`, async () => {
      await refusedAt(group[0]!, Object.fromEntries(Object.entries(valid).filter(([name]) => !group.includes(name))));
    });
  }
  for (const [path, value] of Object.entries(rules.defaults ?? {})) {
    it(`fills ${path} in`, async () => {
      const parent = path.split(".").slice(0, -1);
      const inputs =
        parent.length === 0 ? valid : at(parent.join("."), without(parent.join("."), path.split(".").pop()!));
      const checked = revealMap((await client().check(urn(token), inputs)).inputs);
      strictEqual(JSON.stringify(dig(checked, path)), JSON.stringify(value));
    });
  }

  function without(parent: string, leaf: string): PlainMap {
    const held = sample(schema, rules, typeAt(schema, properties, parent)!, parent) as PlainMap;
    return Object.fromEntries(Object.entries(held).filter(([name]) => name !== leaf));
  }
}

function indexed(path: string): string {
  return path.replaceAll("[]", "[0]").replace(".*", ".key");
}

function dig(value: unknown, path: string): unknown {
  return path
    .replaceAll("[]", ".0")
    .split(".")
    .reduce<unknown>((holder, name) => (holder as Record<string, unknown> | undefined)?.[name], value);
}
