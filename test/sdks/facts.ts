/** The facts of `schema.json` in the form that the tests compare with, and sample values of each kind. */
import schemaJson from "@pulumi/azuredevops/schema.json";

export type PropertyType =
  | { readonly type: "string" | "boolean" | "integer" | "number" }
  | { readonly type: "array"; readonly items: PropertyType }
  | { readonly type: "map"; readonly values: PropertyType }
  | { readonly type: "object"; readonly ref: string };

export type Property = PropertyType & {
  readonly required?: boolean;
  readonly replaces?: boolean;
  readonly secret?: boolean;
  readonly environment?: readonly string[];
};

export type Properties = Readonly<Record<string, Property>>;

export interface Callable {
  readonly inputs: Properties;
  readonly outputs: Properties;
}

export interface Facts {
  readonly name: string;
  readonly version: string;
  readonly config: Properties;
  readonly resources: Readonly<Record<string, Callable>>;
  readonly functions: Readonly<Record<string, Callable>>;
  readonly types: Readonly<Record<string, { readonly properties: Properties }>>;
}

export const FACTS = schemaJson as unknown as Facts;

/** Class or function name of a token. */
export function nameOf(token: string): string {
  return token.slice(token.lastIndexOf(":") + 1);
}

export function namesWith(properties: Properties, mark: "required" | "secret" | "replaces"): string[] {
  return Object.keys(properties).filter((name) => properties[name]?.[mark] === true);
}

/** A value of the kind, different for each `label`. */
export function sampleOf(type: PropertyType, label: string): unknown {
  switch (type.type) {
    case "string":
      return `${label} text`;
    case "boolean":
      return true;
    case "integer":
    case "number":
      return label.length;
    case "array":
      return [sampleOf(type.items, `${label}[0]`)];
    case "map":
      return { key: sampleOf(type.values, `${label}.key`) };
    case "object":
      return samplesOf(FACTS.types[type.ref]?.properties ?? {}, label);
  }
}

/** A value for each of the properties. */
export function samplesOf(properties: Properties, label = ""): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, sampleOf(property, `${label}.${name}`)]),
  );
}
