/** The JSON Schema of a stack's configuration file, `Pulumi.<stack>.yaml`: Pulumi's own keys, and the platform's under `config`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { annotate, isSchema, type JsonSchema } from "./json-schema-annotations";
import { CONFIG_KEYS, type ConfigKind } from "./settings-schema";

/** What each configuration key is, without its namespace. */
export type KeyDescriptions = Readonly<Record<string, string>>;

const NAMESPACE = "wheelhouse";

const EXAMPLES_OF_PULUMI: Readonly<Record<string, unknown>> = {
  secretsprovider: "azurekeyvault://contoso.vault.azure.net/keys/pulumi",
  encryptedkey: "AAABBB==",
  encryptionsalt: "v1:AAAABBBB=:v1:CCCC:DDDD==",
  environment: ["contoso/platform"],
};

/** An encrypted value, as `pulumi config set --secret` writes it. */
const secure = {
  type: "object",
  properties: { secure: { type: "string", description: "The value, encrypted for this stack." } },
  required: ["secure"],
  additionalProperties: false,
} as const;

/** Source: https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/ */
const PULUMIS_OWN: Readonly<Record<string, JsonSchema>> = Object.fromEntries(
  [
    [
      "secretsprovider",
      "Secrets provider",
      "string",
      "What encrypts this stack's secrets; absent: a passphrase or the service.",
    ],
    ["encryptedkey", "Encrypted key", "string", "The key of the secrets, encrypted by the provider. Pulumi writes it."],
    ["encryptionsalt", "Encryption salt", "string", "Salt of the passphrase. Pulumi writes it."],
    ["environment", "Environment", undefined, "Environments of Pulumi ESC whose values this stack has, too."],
  ].map(([key = "", title, type, description]) => [
    key,
    {
      title,
      description,
      markdownDescription: description,
      examples: [EXAMPLES_OF_PULUMI[key] ?? ""],
      ...(type === undefined ? {} : { type }),
    },
  ]),
);

/**
 * @param config what the platform's checks say of all keys together.
 * @param descriptions of keys; those that lack here are the checks' own.
 */
export function stackSchema(config: JsonSchema, descriptions: KeyDescriptions): JsonSchema {
  const { properties = {} } = config;
  const described = Object.fromEntries(
    Object.entries(properties).map(([key, property]) => [
      key,
      isSchema(property) ? { ...property, description: descriptions[key] ?? property.description } : property,
    ]),
  );
  // Nothing is required here: Pulumi.yaml and environments of Pulumi ESC can have it.
  const { properties: annotated = {} } = annotate({ ...config, properties: described, required: [] }, "stack");
  const keys = Object.keys(annotated);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Wheelhouse stack",
    description: "Configuration of one stack of the platform: Pulumi.<stack>.yaml.",
    type: "object",
    properties: {
      ...PULUMIS_OWN,
      config: {
        title: "Config",
        description: "Configuration keys with their namespace; wheelhouse: is the platform's own.",
        markdownDescription: "Configuration keys with their namespace; `wheelhouse:` is the platform's own.",
        type: "object",
        properties: Object.fromEntries(
          Object.entries(annotated).map(([key, property]) => [
            `${NAMESPACE}:${key}`,
            isSchema(property) ? written(property, kindOf(key)) : property,
          ]),
        ),
        // Keys of other programs and providers may be any; one of the platform's that is not here is misspelt.
        propertyNames: {
          anyOf: [{ enum: keys.map((key) => `${NAMESPACE}:${key}`) }, { pattern: `^(?!${NAMESPACE}:)` }],
        },
      },
    },
    additionalProperties: false,
  };
}

function kindOf(key: string): ConfigKind {
  return Object.entries(CONFIG_KEYS).find(([known]) => known === key)?.[1] ?? "text";
}

/** A key's schema in the forms in which its value can stand: texts for numbers and truth values, JSON for structures, encrypted. */
function written(property: JsonSchema, kind: ConfigKind): JsonSchema {
  const { title, description, markdownDescription, default: otherwise, examples, ...plain } = property;
  const shown = { title, description, markdownDescription, default: otherwise, examples };
  const value = kind === "text" || kind === "number" || kind === "boolean" ? plain : loosened(plain);
  return {
    ...Object.fromEntries(Object.entries(shown).filter(([, words]) => words !== undefined)),
    anyOf: [value, ...asText(kind), secure],
  };
}

function asText(kind: ConfigKind): JsonSchema[] {
  switch (kind) {
    case "text":
      return [];
    case "number":
      return [{ type: "string", pattern: "^(?:-?[0-9]{1,9})?$" }];
    case "boolean":
      return [{ type: "string", pattern: "^(?:true|false)?$" }];
    case "structure":
    case "optionalStructure":
    case "structureOrText":
      return [{ type: "string", pattern: "^\\s*(?:[\\[{].*)?$" }];
  }
}

/** `pulumi config set --path` writes a number where a text looks like one; the checks take it for a text there. */
function loosened(schema: JsonSchema): JsonSchema {
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]): [string, unknown] => {
      if (key === "cpu" && isSchema(value) && value.type === "string")
        return [key, { ...value, type: ["string", "number"] }];
      if (key === "examples" || key === "default") return [key, value];
      if (Array.isArray(value)) return [key, value.map((item: unknown) => (isSchema(item) ? loosened(item) : item))];
      return [key, isSchema(value) ? loosened(value) : value];
    }),
  );
  return inner;
}

/** The descriptions that `Pulumi.yaml` at the repository's root has; none where it is not there, as in the package. */
export function projectDescriptions(): KeyDescriptions {
  let project: unknown;
  try {
    project = parse(readFileSync(join(__dirname, "..", "Pulumi.yaml"), "utf8"));
  } catch {
    return {};
  }
  const config = isSchema(project) ? project.config : undefined;
  return Object.fromEntries(
    Object.entries(isSchema(config) ? config : {}).flatMap(([key, declared]) =>
      isSchema(declared) && typeof declared.description === "string" ? [[key, declared.description]] : [],
    ),
  );
}
