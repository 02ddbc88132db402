/** The part of Pulumi's published provider schema format that the generator reads. */

/** A type: a scalar, a list (`items`), a map (`additionalProperties`) or a named object (`$ref`). */
export interface SchemaType {
  readonly type?: string;
  readonly items?: SchemaType;
  readonly additionalProperties?: SchemaType;
  readonly $ref?: string;
}

export interface SchemaProperty extends SchemaType {
  readonly secret?: boolean;
  /** Whether a change replaces the resource. */
  readonly willReplaceOnChanges?: boolean;
  readonly defaultInfo?: { readonly environment?: readonly string[] };
}

export type SchemaProperties = Readonly<Record<string, SchemaProperty>>;

export interface SchemaObject {
  readonly properties: SchemaProperties;
  readonly required?: readonly string[];
  /** `requiredOutputs`: what the provider always fills in, so that an output of this type has it. */
  readonly language?: { readonly nodejs?: { readonly requiredOutputs?: readonly string[] } };
}

export interface SchemaResource {
  readonly inputProperties: SchemaProperties;
  readonly requiredInputs?: readonly string[];
  readonly properties: SchemaProperties;
  /** Outputs that are always there. */
  readonly required?: readonly string[];
  readonly stateInputs?: { readonly properties: SchemaProperties };
  /** Earlier tokens of the resource. */
  readonly aliases?: readonly { readonly type: string }[];
}

export interface SchemaFunction {
  readonly inputs?: SchemaObject;
  readonly outputs: SchemaObject;
}

export interface ProviderSchema {
  readonly name: string;
  readonly version: string;
  readonly config: { readonly variables: SchemaProperties };
  readonly provider: { readonly inputProperties: SchemaProperties; readonly properties: SchemaProperties };
  readonly resources: Readonly<Record<string, SchemaResource>>;
  readonly functions: Readonly<Record<string, SchemaFunction>>;
  readonly types: Readonly<Record<string, SchemaObject>>;
}

/** Class or function name of a token: `Feed` of `azuredevops:index/feed:Feed`. */
export function nameOfToken(token: string): string {
  return token.slice(token.lastIndexOf(":") + 1);
}

/** Token of a named type: `azuredevops:index/FeedFeature:FeedFeature` of `#/types/azuredevops:index/…`. */
export function tokenOfReference(reference: string): string {
  return reference.replace("#/types/", "");
}

/**
 * The entry of a name.
 * @throws Error when the schema has none: the selection names something that this version of the provider does not have.
 */
export function entryOf<T>(entries: Readonly<Record<string, T>>, name: string): readonly [token: string, entry: T] {
  const found = Object.entries(entries).find(([token]) => nameOfToken(token) === name);
  if (found === undefined) {
    throw new Error(
      `The provider schema has no "${name}": take it out of selection.ts, or give another version's schema`,
    );
  }
  return found;
}
