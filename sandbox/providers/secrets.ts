/** Keeps secret what came in as a secret, or what the schema calls one. */
import { isList, isMap, reveal, Secret, unknown, type PropertyMap, type PropertyValue } from "./properties";
import { propertiesOf, type Properties, type PropertyType, type Schema } from "./schema";

// Shorter texts occur by chance in other values.
const shortestTraced = 6;

/** Marks the properties that the schema calls secret, at every depth. */
export function markSecrets(schema: Schema, properties: Properties, map: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => {
      const property = properties[name];
      const marked = property === undefined ? value : markValue(schema, property, value);
      return [name, property?.secret === true && marked !== null ? secret(marked) : marked];
    }),
  );
}

function markValue(schema: Schema, type: PropertyType, value: PropertyValue): PropertyValue {
  if (value instanceof Secret) {
    return value;
  }
  if (type.type === "array" && isList(value)) {
    return value.map((item) => markValue(schema, type.items, item));
  }
  if (type.type === "object" && isMap(value)) {
    return markSecrets(schema, propertiesOf(schema, type.ref), value);
  }
  if (type.type === "union" && isMap(value)) {
    return type.refs.reduce<PropertyMap>((map, ref) => markSecrets(schema, propertiesOf(schema, ref), map), value);
  }
  return value;
}

function secret(value: PropertyValue): Secret {
  return value instanceof Secret ? value : new Secret(value);
}

/** Marks what is in the place of a secret of `inputs`, and every text that holds a secret text of theirs. */
export function conceal(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  const texts = secretTexts(inputs, false);
  return concealValue(outputs, inputs, texts) as PropertyMap;
}

function concealValue(value: PropertyValue, like: PropertyValue, texts: readonly string[]): PropertyValue {
  if (value instanceof Secret) {
    return value;
  }
  if (like instanceof Secret) {
    return new Secret(value);
  }
  if (isMap(value)) {
    const model = isMap(like) ? like : {};
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, concealValue(item, model[name] ?? null, texts)]),
    );
  }
  if (isList(value)) {
    const model = isList(like) ? like : [];
    return value.map((item, index) => concealValue(item, model[index] ?? null, texts));
  }
  return typeof value === "string" && texts.some((text) => value.includes(text)) ? new Secret(value) : value;
}

function secretTexts(value: PropertyValue, hidden: boolean): readonly string[] {
  if (value instanceof Secret) {
    return secretTexts(reveal(value.value), true);
  }
  if (isList(value)) {
    return value.flatMap((item) => secretTexts(item, hidden));
  }
  if (isMap(value)) {
    return Object.values(value).flatMap((item) => secretTexts(item, hidden));
  }
  return hidden && value !== unknown && typeof value === "string" && value.length >= shortestTraced ? [value] : [];
}
