/** Writes a specification as the samples have it: the schema first, keys in one order, lists on one line, defaults left out. */
import { existsSync } from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";

/** What an application's file says; what is absent keeps its default. */
export interface AppValues {
  readonly name: string;
  readonly description?: string | undefined;
  readonly team?: string | undefined;
  readonly baseImage: string;
  /** Name of an existing repository; with `pipelineFile` where that is not `azure-pipelines.yml`. */
  readonly repository?: string | { readonly existing: string; readonly pipelineFile: string } | undefined;
  readonly requirements?: string | undefined;
  readonly lock?: string | undefined;
  readonly scripts?: readonly string[] | undefined;
  readonly systemPackages?: string | undefined;
  readonly dockerfile?: string | undefined;
  readonly ports?: readonly number[] | undefined;
}

/** What a base image's file says; what is absent keeps its default. */
export interface BaseImageValues {
  readonly name: string;
  readonly description?: string | undefined;
  readonly upstream?: string | undefined;
  readonly python: string;
  readonly tag?: string | undefined;
  readonly schedule?: string | undefined;
}

const APP_DEFAULTS: Readonly<Partial<Record<keyof AppValues, unknown>>> = { requirements: "pyproject.toml" };
const BASE_IMAGE_DEFAULTS: Readonly<Partial<Record<keyof BaseImageValues, unknown>>> = {
  upstream: "python",
  schedule: "0 4 * * *",
};

/** At most 12 lines, whatever it says: a list stays on one line, also where that is a long one. */
export function appSpecification(values: AppValues, schema: string): string {
  const { name, description, team, baseImage, repository, requirements, lock, scripts } = values;
  const { systemPackages, dockerfile, ports } = values;
  const keys = { name, description, team, baseImage, repository, requirements, lock, scripts };
  return written({ ...keys, systemPackages, dockerfile, ports }, APP_DEFAULTS, schema);
}

export function baseImageSpecification(values: BaseImageValues, schema: string): string {
  const { name, description, upstream, python, tag, schedule } = values;
  const withTag = tag === `${python}-slim` ? undefined : tag;
  return written({ name, description, upstream, python, tag: withTag, schedule }, BASE_IMAGE_DEFAULTS, schema);
}

function written(
  values: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>>,
  schema: string,
): string {
  const said = Object.entries(values).filter(
    ([key, value]) =>
      value !== undefined && value !== "" && value !== defaults[key] && !(Array.isArray(value) && value.length === 0),
  );
  const lines = said.map(([key, value]) => `${key}: ${onOneLine(value, false)}`);
  return [`# yaml-language-server: $schema=${schema}`, ...lines, ""].join("\n");
}

/** A value as YAML on one line; the package's own writer breaks lists that are wider than the page. */
function onOneLine(value: unknown, inside: boolean): string {
  if (Array.isArray(value)) return `[${value.map((item) => onOneLine(item, true)).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).map(([key, item]) => `${key}: ${onOneLine(item, true)}`);
    return `{ ${pairs.join(", ")} }`;
  }
  const plain = stringify(value, { lineWidth: 0, blockQuote: false }).replace(/\n$/, "");
  // Within brackets these would part the text, and a line break anywhere. In JSON's quotes, which are YAML's, nothing does.
  const isParted = inside ? /[,[\]{}\n]/ : /\n/;
  return typeof value === "string" && isParted.test(plain) ? JSON.stringify(value) : plain;
}

/** How a file in `folder` names a schema: the platform's own, or that of the package. */
export function schemaFor(project: string, folder: string, name: "app" | "base-image"): string {
  const own = path.join(project, "schemas", `${name}.json`);
  const packaged = path.join(project, "node_modules", "wheelhouse", "schemas", `${name}.json`);
  const schema = !existsSync(own) && existsSync(packaged) ? packaged : own;
  return path.relative(folder, schema).split(path.sep).join("/");
}
