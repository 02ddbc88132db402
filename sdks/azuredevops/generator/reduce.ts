/** Reduces a provider schema to the facts of `schema.json`: tokens, names, kinds, and what is required, secret or replacing. */
import {
  entryOf,
  nameOfToken,
  tokenOfReference,
  type ProviderSchema,
  type SchemaObject,
  type SchemaProperties,
  type SchemaProperty,
  type SchemaType,
} from "./provider-schema";
import { FUNCTIONS, RESOURCES } from "./selection";

/** Kind of a property's value. `ref` names an entry of `types`. */
export type PropertyType =
  | { readonly type: "string" | "boolean" | "integer" | "number" }
  | { readonly type: "array"; readonly items: PropertyType }
  | { readonly type: "map"; readonly values: PropertyType }
  | { readonly type: "object"; readonly ref: string };

export type Property = PropertyType & {
  readonly required?: true;
  /** A change replaces the resource. */
  readonly replaces?: true;
  readonly secret?: true;
  /** Environment variables that give the value where the configuration has none. */
  readonly environment?: readonly string[];
};

export type Properties = Readonly<Record<string, Property>>;

/** The form of `schema.json`. */
export interface ReducedSchema {
  readonly name: string;
  readonly version: string;
  readonly config: Properties;
  readonly resources: Readonly<Record<string, { readonly inputs: Properties; readonly outputs: Properties }>>;
  readonly functions: Readonly<Record<string, { readonly inputs: Properties; readonly outputs: Properties }>>;
  readonly types: Readonly<Record<string, { readonly properties: Properties }>>;
}

/** The facts about the selected resources and functions, and about the types that they reach. */
export function reduceSchema(schema: ProviderSchema): ReducedSchema {
  const resources = RESOURCES.map((name) => entryOf(schema.resources, name));
  const functions = FUNCTIONS.map((name) => entryOf(schema.functions, name));
  return {
    name: schema.name,
    version: schema.version,
    config: reduceProperties(schema.config.variables),
    resources: Object.fromEntries(
      resources.map(([token, resource]) => [
        token,
        {
          inputs: reduceProperties(resource.inputProperties, resource.requiredInputs),
          outputs: reduceProperties(resource.properties),
        },
      ]),
    ),
    functions: Object.fromEntries(
      functions.map(([token, called]) => [
        token,
        {
          inputs: reduceProperties(called.inputs?.properties ?? {}, called.inputs?.required),
          outputs: reduceProperties(called.outputs.properties),
        },
      ]),
    ),
    types: Object.fromEntries(
      reachedTypes(schema).map(([name, { properties, required }]) => [
        name,
        { properties: reduceProperties(properties, required) },
      ]),
    ),
  };
}

/**
 * The kind of a schema type.
 * @throws Error on a kind that the selected part of the provider does not use, so that none is taken for another.
 */
export function reduceType(type: SchemaType): PropertyType {
  if (type.$ref !== undefined) {
    return { type: "object", ref: nameOfToken(tokenOfReference(type.$ref)) };
  }
  switch (type.type) {
    case "string":
    case "boolean":
    case "integer":
    case "number":
      return { type: type.type };
    case "array":
      if (type.items !== undefined) {
        return { type: "array", items: reduceType(type.items) };
      }
      break;
    case "object":
      if (type.additionalProperties !== undefined) {
        return { type: "map", values: reduceType(type.additionalProperties) };
      }
      break;
    case undefined:
      break;
  }
  throw new Error(
    `reduce.ts does not know the schema type ${JSON.stringify(type)}: add it there and to render-types.ts`,
  );
}

/** Types that the selection reaches, also through other types, by name and in alphabetical order. */
export function reachedTypes(schema: ProviderSchema): (readonly [name: string, type: SchemaObject])[] {
  const reached = new Map<string, SchemaObject>();
  const visit = (type: SchemaType): void => {
    const nested = type.items ?? type.additionalProperties;
    if (nested !== undefined) {
      visit(nested);
    }
    if (type.$ref === undefined) {
      return;
    }
    const name = nameOfToken(tokenOfReference(type.$ref));
    if (!reached.has(name)) {
      const [, object] = entryOf(schema.types, name);
      reached.set(name, object);
      Object.values(object.properties).forEach(visit);
    }
  };
  for (const name of RESOURCES) {
    const [, resource] = entryOf(schema.resources, name);
    Object.values(resource.inputProperties).forEach(visit);
    Object.values(resource.properties).forEach(visit);
  }
  for (const name of FUNCTIONS) {
    const [, called] = entryOf(schema.functions, name);
    Object.values(called.inputs?.properties ?? {}).forEach(visit);
    Object.values(called.outputs.properties).forEach(visit);
  }
  return [...reached].sort(([one], [other]) => (one < other ? -1 : 1));
}

function reduceProperties(properties: SchemaProperties, required: readonly string[] = []): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, reduceProperty(property, required.includes(name))]),
  );
}

function reduceProperty(property: SchemaProperty, required: boolean): Property {
  const environment = property.defaultInfo?.environment;
  return {
    ...reduceType(property),
    ...(required ? { required } : {}),
    ...(property.willReplaceOnChanges === true ? { replaces: true } : {}),
    ...(property.secret === true ? { secret: true } : {}),
    ...(environment === undefined ? {} : { environment }),
  };
}
