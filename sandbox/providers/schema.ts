/** The facts about a provider's resources and functions, in the reduced form that both plugins read. */

/** The kind of one value. `values` closes a set of texts; `union` is one of several objects, told apart by a text. */
export type PropertyType =
  | { readonly type: "string"; readonly values?: readonly string[] }
  | { readonly type: "boolean" | "integer" | "number" | "any" }
  | { readonly type: "array"; readonly items: PropertyType }
  | { readonly type: "map"; readonly values: PropertyType }
  | { readonly type: "object"; readonly ref: string }
  | { readonly type: "union"; readonly refs: readonly string[] };

/** One named property: its kind, and what the provider does with it. */
export type Property = PropertyType & {
  readonly required?: true;
  readonly replaces?: true;
  readonly secret?: true;
};

export type Properties = Readonly<Record<string, Property>>;

export interface ResourceSchema {
  readonly inputs: Properties;
  readonly outputs: Properties;
}

export interface Schema {
  readonly name: string;
  readonly version: string;
  /** The provider's own configuration. */
  readonly config: Properties;
  /** By type token, such as `azuredevops:index/git:Git`. */
  readonly resources: Readonly<Record<string, ResourceSchema>>;
  /** By function token. */
  readonly functions: Readonly<Record<string, ResourceSchema>>;
  /** Object types, by the name that a `ref` uses. */
  readonly types: Readonly<Record<string, { readonly properties: Properties }>>;
}

/** The properties of an object type. Throws where a schema refers to a type that it does not hold. */
export function propertiesOf(schema: Schema, ref: string): Properties {
  const type = schema.types[ref];
  if (type === undefined) {
    throw new Error(`the schema of ${schema.name} refers to the type "${ref}" but does not hold it`);
  }
  return type.properties;
}
