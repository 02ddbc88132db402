/** Keeps secret what came in as a secret, or what the schema calls one. */
import {
  isList,
  isMap,
  reveal,
  isSecret,
  secretOf,
  unknown,
  type PropertyMap,
  type PropertyValue,
  type Secret,
} from "./properties";
import { propertiesOf, type Properties, type PropertyType, type Schema } from "./schema";

// Shorter texts occur by chance in other values.
const shortestTraced = 6;

/** Marks the properties that the schema calls secret, at every depth. */
export function markSecrets(schema: Schema, properties: Properties, map: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => {
      const property = properties[name];
      const marked = property === undefined ? value : markValue(schema, property, value);
      return [name, property?.secret === true && marked !== null ? asSecret(marked) : marked];
    }),
  );
}

function markValue(schema: Schema, type: PropertyType, value: PropertyValue): PropertyValue {
  if (isSecret(value)) {
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

function asSecret(value: PropertyValue): Secret {
  return isSecret(value) ? value : secretOf(value);
}

/** Marks what is in the place of a secret of `inputs`, and every text that holds a secret text of theirs. */
export function conceal(outputs: PropertyMap, inputs: PropertyMap): PropertyMap {
  const texts = secretTexts(inputs, false);
  return concealValue(outputs, inputs, texts) as PropertyMap;
}

function concealValue(value: PropertyValue, like: PropertyValue, texts: readonly string[]): PropertyValue {
  if (isSecret(value)) {
    return value;
  }
  if (isSecret(like)) {
    return secretOf(value);
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
  return typeof value === "string" && texts.some((text) => value.includes(text)) ? secretOf(value) : value;
}

function secretTexts(value: PropertyValue, hidden: boolean): readonly string[] {
  if (isSecret(value)) {
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
