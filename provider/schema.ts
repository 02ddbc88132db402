/** What the engine and the generators of SDKs know of the components: inferred from the sources, and kept in `schema.json`. */
import schema from "./schema.json";

/** A property or an element of one. */
export interface PropertySchema {
  readonly type?: string;
  /** A type of this schema, or `pulumi.json#/Any`. */
  readonly $ref?: string;
  readonly items?: PropertySchema;
  readonly additionalProperties?: PropertySchema;
  /** Whether it has to be known when the program runs, and so cannot come from another resource. */
  readonly plain?: boolean;
}

/** An object, or an enumeration. */
export interface TypeSchema {
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly { readonly value: string }[];
}

/** A component. */
export interface ComponentSchema {
  readonly inputProperties: Readonly<Record<string, PropertySchema>>;
  readonly requiredInputs: readonly string[];
  /** Its outputs. */
  readonly properties: Readonly<Record<string, PropertySchema>>;
}

const components: Readonly<Record<string, ComponentSchema>> = schema.resources;
const types: Readonly<Record<string, TypeSchema>> = schema.types;

/** As the engine asks for it. */
export const schemaText = JSON.stringify(schema);

/** Name and version of the package. */
export const { name: packageName, version: packageVersion } = schema;

/** The component of a type such as `wheelhouse:index:Platform`. */
export function componentSchema(type: string): ComponentSchema | undefined {
  return Object.hasOwn(components, type) ? components[type] : undefined;
}

/** The type that a property refers to; `undefined` for any value. */
export function referred({ $ref }: PropertySchema): TypeSchema | undefined {
  return $ref === undefined ? undefined : types[$ref.replace(/^#\/types\//, "")];
}
