/** Fills in what editors show of a JSON Schema: titles, descriptions with their defaults, examples, a line for each value. */
import { DESCRIPTIONS, EXAMPLES, VALUES } from "./editor-words";

/** A JSON Schema as plain data; only what is looked at here has a type. */
export interface JsonSchema {
  [key: string]: unknown;
  title?: string | undefined;
  description?: string | undefined;
  default?: unknown;
  const?: unknown;
  enum?: unknown[] | undefined;
  examples?: unknown[] | undefined;
  required?: string[] | undefined;
  properties?: Record<string, JsonSchema | boolean> | undefined;
  items?: unknown;
  additionalProperties?: unknown;
  anyOf?: unknown;
  oneOf?: unknown;
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The schema with what editors show, in every part of it; the root's title and description stay.
 * @param name of the schema, as `EXAMPLES` has it.
 */
export function annotate(schema: JsonSchema, name: string): JsonSchema {
  return within(schema, name, undefined);
}

/** @param key of the property that the schema is of; `undefined` for a part of one, such as an entry of a list. */
function within(schema: JsonSchema, path: string, key: string | undefined): JsonSchema {
  const { required = [], properties } = schema;
  const inner: JsonSchema = { ...schema };
  if (properties !== undefined) {
    inner.properties = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [
        name,
        isSchema(property) ? propertyOf(property, `${path}.${name}`, name, required.includes(name)) : property,
      ]),
    );
  }
  for (const part of ["items", "additionalProperties"] as const) {
    const value = schema[part];
    if (isSchema(value)) inner[part] = within(value, path, key);
  }
  for (const part of ["anyOf", "oneOf"] as const) {
    const value = schema[part];
    if (Array.isArray(value)) {
      inner[part] = value.map((form: unknown) => (isSchema(form) ? within(form, path, key) : form));
    }
  }
  return { ...inner, ...values(schema, key) };
}

function propertyOf(schema: JsonSchema, path: string, key: string, isRequired: boolean): JsonSchema {
  const description = schema.description ?? DESCRIPTIONS[key] ?? firstDescription(schema);
  const examples = schema.examples ?? EXAMPLES[path];
  const title = schema.title ?? titleOf(key);
  return {
    title,
    ...(description === undefined
      ? {}
      : { description, markdownDescription: markdown(description, schema, isRequired) }),
    ...within(schema, path, key),
    ...(description === undefined ? {} : { description }),
    ...(examples === undefined ? {} : { examples: [...examples] }),
  };
}

/** A description of one of its forms, where the whole has none. */
function firstDescription({ anyOf, oneOf }: JsonSchema): string | undefined {
  const forms: unknown = anyOf ?? oneOf;
  const found = (Array.isArray(forms) ? (forms as unknown[]) : []).find(
    (form) => isSchema(form) && form.description !== undefined,
  );
  return isSchema(found) ? found.description : undefined;
}

/** `baseImage` as `Base image`. */
function titleOf(key: string): string {
  const words = key.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`.replace(/\burl\b/i, "URL").replace(/\bsbom\b/i, "SBOM");
}

/** With code as code, since editors drop what looks like HTML, and with the default, which they do not show by themselves. */
function markdown(description: string, schema: JsonSchema, isRequired: boolean): string {
  const code =
    /\{[^{}]*\}|\[[a-z.]+\]|(?:[A-Za-z0-9_.-]*<[a-z ]+>[A-Za-z0-9_./-]*)|[A-Za-z0-9_./-]+\.(?:toml|txt|in|yaml|yml|lock)(?![A-Za-z0-9])|\b[a-z-]+\/(?=[ ,.;:)]|$)|(?:tcp|unix|https):\/\/[^\s,)]*[^\s,).:;]|\bwheelhouse:[a-zA-Z]+/g;
  const words = description.replace(code, (match) => `\`${match}\``);
  const said = /\bDefaults?\b/.test(description);
  const isEmpty = JSON.stringify(schema.default) === "[]" || JSON.stringify(schema.default) === "{}";
  if (isRequired) return `${words}\n\nRequired.`;
  if (said || schema.default === undefined) return words;
  return `${words}\n\nDefault: ${isEmpty ? "none" : `\`${JSON.stringify(schema.default)}\``}.`;
}

/** A line for each value of a closed set, in both forms that editors read. */
function values(schema: JsonSchema, key: string | undefined): JsonSchema {
  const about = (value: unknown): string | undefined =>
    VALUES[`${key ?? ""}.${String(value)}`] ?? VALUES[String(value)];
  if (schema.const !== undefined) {
    const description = about(schema.const);
    return description === undefined ? {} : { description };
  }
  const lines = schema.enum?.map(about);
  return lines === undefined || lines.some((line) => line === undefined) ? {} : { enumDescriptions: lines };
}
