/** The reference pages of what users write, out of the JSON Schemas that editors and the loader have: every key. */
import { z } from "zod";
import { parse } from "yaml";
import { renderJsonSchemas } from "../../../spec";
import { configSchema, CONFIG_KEYS } from "../../../spec/settings-schema";
import { readText } from "../pages";
import { code, prose, splitDefault, table, type ReferencePage } from "./markdown";

/** The part of a JSON Schema that is shown. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** `apps/<name>.yaml` and `base-images/<name>/base-image.yaml`. */
export function specPages(): ReferencePage[] {
  const [app, baseImage] = renderJsonSchemas().map(({ content }) => JSON.parse(content) as Schema);
  if (app === undefined || baseImage === undefined) throw new Error("there are two schemas");
  return [
    {
      path: "apps.md",
      title: "Application: `apps/<name>.yaml`",
      about: "What a team writes: every key of an application.",
      from: ["schemas/app.json"],
      body: specBody("../schemas/app.json", app),
    },
    {
      path: "base-images.md",
      title: "Base image: `base-images/<name>/base-image.yaml`",
      about: "What the platform team writes: every key of a base image.",
      from: ["schemas/base-image.json"],
      body:
        specBody("../../schemas/base-image.json", baseImage) +
        "\n\nBeside it lie `requirements.in`, the packages that every application of the base image gets, and, where these need " +
        "system packages, `bindep.txt`: no profile is run time, the profile `compile` is the builder alone.",
    },
  ];
}

function specBody(schemaPath: string, schema: Schema): string {
  return [
    `${prose(schema.description ?? "")} An editor with a YAML language server completes and explains the keys where the file begins with`,
    `\`\`\`yaml\n# yaml-language-server: $schema=${schemaPath}\n\`\`\``,
    keyTable(rowsOf(schema, "")),
    "## Examples of values",
    examples(schema),
  ].join("\n\n");
}

function examples(schema: Schema): string {
  return table(
    ["key", "such as"],
    Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
      (property.examples ?? []).length === 0
        ? []
        : [[code(key), (property.examples ?? []).map((example) => code(flow(example))).join(" or ")]],
    ),
  );
}

/** The keys of a stack's configuration, with the words of Pulumi.yaml. */
export function configurationPage(): ReferencePage {
  const schema = z.toJSONSchema(configSchema, { io: "input", target: "draft-7" }) as Schema;
  const project = parse(readText("Pulumi.yaml")) as {
    config: Record<string, { type: string; default?: unknown; description: string }>;
  };
  const rows = Object.keys(CONFIG_KEYS).map((key) => {
    const written = project.config[key];
    if (written === undefined) throw new Error(`Pulumi.yaml does not have ${key}`);
    const needed = schema.required?.includes(key) === true;
    const otherwise = needed ? "required" : shownDefault(written.default);
    const kind = schema.properties?.[key] ?? {};
    return [code(key), kindOf(kind), otherwise, prose(written.description.replace(/ Required[.;].*$/s, ""))];
  });
  const structures = Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const inner = rowsOf({ properties: { [key]: property } }, "").slice(1);
    return inner.length === 0 ? [] : [`## ${code(key)}`, keyTable(inner)];
  });
  return {
    path: "configuration.md",
    title: "Configuration keys",
    about: "Every key of a stack’s configuration, with its default.",
    from: ["Pulumi.yaml", "spec/settings-schema.ts"],
    body: [
      "Keys of the namespace `wheelhouse`, which is that of the program: `pulumi config set location westeurope` sets `wheelhouse:location`. " +
        "A value of a structure is set with `--path`, or written into `Pulumi.<stack>.yaml`:",
      "```sh\npulumi config set --path 'upstreams[0].name' PyPI\npulumi config set --path pool.name linux-builders\n```",
      table(["key", "kind", "default", "what it is"], rows),
      "The providers have keys of their own: `azuredevops:orgServiceUrl`, `azure-native:subscriptionId` and `azure-native:tenantId` are to be set, too; " +
        "credentials are only ever in the environment.",
      ...structures,
    ].join("\n\n"),
  };
}

type Row = readonly [key: string, kind: string, otherwise: string, about: string];

function keyTable(rows: readonly Row[]): string {
  return table(["key", "kind", "default", "what it is"], rows);
}

/** A schema's properties, each followed by those within it. Forms of one structure are rows one after the other. */
function rowsOf(schema: Schema, prefix: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const key = `${prefix}${name}`;
    const said = splitDefault(property.description ?? "");
    const needed = schema.required?.includes(name) === true;
    const otherwise = needed
      ? "required"
      : (said.default ?? (property.properties === undefined ? shownDefault(property.default) : ""));
    const about = property.const === undefined ? prose(said.text) : "says which form it is";
    return [[code(key), kindOf(property), otherwise, about] as const, ...within(property, key)];
  });
}

function within(property: Schema, key: string): Row[] {
  if (property.properties !== undefined) return rowsOf(property, `${key}.`);
  if (property.items?.properties !== undefined) return rowsOf(property.items, `${key}[].`);
  const rows = (property.anyOf ?? property.oneOf ?? []).flatMap((form) => within(form, key));
  const seen = new Set<string>();
  return rows.filter((row) => {
    const text = row.join("|");
    return seen.size !== seen.add(text).size;
  });
}

/** In a few words what a value may be. */
function kindOf(schema: Schema): string {
  if (schema.const !== undefined) return code(flow(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((value) => code(flow(value))).join(", ");
  const forms = schema.anyOf ?? schema.oneOf;
  if (forms !== undefined) return [...new Set(forms.map(kindOf))].join(" or ");
  switch (schema.type) {
    case "string":
      return "text";
    case "integer":
    case "number":
      return schema.minimum === undefined || schema.maximum === undefined
        ? "number"
        : `number, ${schema.minimum} to ${schema.maximum}`;
    case "boolean":
      return "`true` or `false`";
    case "array":
      return `list of ${schema.items === undefined ? "values" : plural(kindOf(schema.items))}`;
    case "object":
      return typeof schema.additionalProperties === "object" ? "map" : "structure";
    case undefined:
    default:
      return "";
  }
}

function plural(kind: string): string {
  return kind.replace(/^(text|number|structure|map)/, "$1s");
}

function shownDefault(value: unknown): string {
  if (value === undefined || value === "") return "none";
  if (typeof value === "object" && value !== null && Object.keys(value).length === 0) return "none";
  return code(flow(value));
}

/** A value as YAML on one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${key}: ${flow(inner)}`)
      .join(", ")} }`;
  }
  return String(value);
}
