/** Makes inputs that a provider accepts, from its schema and rules alone, and inputs that it must refuse. */
import type { PlainMap, PlainValue, PropertyMap } from "../../../sandbox/providers/properties";
import type { ProviderDefinition, ResourceRules } from "../../../sandbox/providers/rules";
import { propertiesOf, type Properties, type PropertyType, type Schema } from "../../../sandbox/providers/schema";

const uuid = "0d2c5f5e-6c1c-4f5e-9a43-3f6d1f6f0001";

/** A value of the kind that the rules allow at the path. `which` makes two values that differ. */
export function sample(schema: Schema, rules: ResourceRules, type: PropertyType, path: string, which = 0): PlainValue {
  const values = rules.values?.[path];
  switch (type.type) {
    case "string": {
      const closed = values ?? type.values;
      if (closed !== undefined) {
        return closed[which % closed.length] ?? "";
      }
      if (rules.uuids?.includes(path) === true) {
        return `${uuid.slice(0, -1)}${which}`;
      }
      return path === "path" ? `\\folder${which}` : `text${which}`;
    }
    case "boolean":
      return which % 2 === 0;
    case "integer":
    case "number":
      return (rules.ranges?.[path]?.[0] ?? 1) + which;
    case "any":
      return `any${which}`;
    case "array":
      return [sample(schema, rules, type.items, `${path}[]`, which)];
    case "map":
      return {
        [path === "features" ? "boards" : "key"]:
          path === "features"
            ? ["enabled", "disabled"][which % 2]!
            : sample(schema, rules, type.values, `${path}.*`, which),
      };
    case "object":
      return object(schema, rules, propertiesOf(schema, type.ref), path, which);
    case "union":
      return object(schema, rules, propertiesOf(schema, type.refs[0]!), path, which);
  }
}

function object(schema: Schema, rules: ResourceRules, properties: Properties, path: string, which: number): PlainMap {
  const entries = Object.entries(properties);
  const needed = entries.filter(([, property]) => property.required === true);
  const required = needed.length > 0 ? needed : entries.slice(0, 1);
  return Object.fromEntries(
    required.map(([name, type]) => [name, sample(schema, rules, type, `${path}.${name}`, which)]),
  );
}

/** The least that the provider accepts for a resource. */
export function validInputs({ schema, rules: all }: ProviderDefinition, token: string): PropertyMap {
  const rules = all[token] ?? {};
  const { inputs } = schema.resources[token]!;
  const wanted = new Set([...(rules.required ?? []), ...(rules.oneOf ?? []).map(([first]) => first!)]);
  const names = Object.entries(inputs).filter(([name, { required }]) => required === true || wanted.has(name));
  const result: Record<string, PlainValue> = Object.fromEntries(
    names.map(([name, type]) => [name, sample(schema, rules, type, name)]),
  );
  if (token.endsWith(":ServiceEndpointAzureRM")) {
    Object.assign(result, { azurermSubscriptionId: uuid, azurermSubscriptionName: "subscription" });
  }
  return result;
}

/** The kind at a path of a rule, or nothing where the schema has no such property. */
export function typeAt(schema: Schema, properties: Properties, path: string): PropertyType | undefined {
  let type: PropertyType | undefined;
  let inside: Properties | undefined = properties;
  for (const segment of path.split(".")) {
    if (segment === "*") {
      type = type?.type === "map" ? type.values : undefined;
    } else {
      type = inside?.[segment.replace(/\[\]$/, "")];
      if (segment.endsWith("[]")) {
        type = type?.type === "array" ? type.items : undefined;
      }
    }
    inside = type?.type === "object" ? propertiesOf(schema, type.ref) : undefined;
  }
  return type;
}

/** The inputs with `value` at the path, and every object and list on the way. */
export function withValue(
  schema: Schema,
  rules: ResourceRules,
  properties: Properties,
  inputs: PlainMap,
  path: string,
  value: PlainValue,
  prefix = "",
): PlainMap {
  const [segment = "", ...rest] = path.split(".");
  const name = segment.replace(/\[\]$/, "");
  const place = prefix === "" ? name : `${prefix}.${name}`;
  const type = properties[name]!;
  const wrap = (inner: PlainValue): PlainValue => (name === segment ? inner : [inner]);
  const kind = type.type === "array" ? type.items : type;
  if (rest.length === 0) {
    return { ...inputs, [name]: wrap(value) };
  }
  if (rest[0] === "*") {
    return { ...inputs, [name]: { key: value } };
  }
  const current = inputs[name] ?? sample(schema, rules, type, place);
  const held = (Array.isArray(current) ? current[0] : current) as PlainMap;
  const inside = kind.type === "object" ? propertiesOf(schema, kind.ref) : {};
  return {
    ...inputs,
    [name]: wrap(
      withValue(schema, rules, inside, held, rest.join("."), value, `${place}${name === segment ? "" : "[]"}`),
    ),
  };
}

/** The map with one property set. */
export function withProperty(map: PlainMap, name: string, value: PlainValue): PlainMap {
  return Object.fromEntries([...Object.entries(map), [name, value]]);
}
