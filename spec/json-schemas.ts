/** Makes the JSON Schemas with which editors explain and complete the specifications, from the schemas that check them. */
import { z } from "zod";
import { appSchema } from "./app-schema";
import { baseImageSchema } from "./base-image-schema";
import { annotate, type JsonSchema } from "./json-schema-annotations";
import type { RenderedFile } from "./model";
import { configSchema } from "./settings-schema";
import { projectDescriptions, stackSchema, type KeyDescriptions } from "./stack-json-schema";

/** Width of a line up to which a list of plain values stays on it, as Prettier does it. */
const WIDTH = 120;

function render(name: string, schema: JsonSchema): RenderedFile {
  return { path: `schemas/${name}.json`, content: `${layOut(schema, "", "")}\n` };
}

function fromChecks(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input", target: "draft-7" });
}

/** JSON as Prettier lays it out, so that formatting the repository does not change what was rendered. */
function layOut(value: unknown, indent: string, label: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const line = `[${value.map((item) => layOut(item, "", "")).join(", ")}]`;
    if (!line.includes("\n") && indent.length + label.length + line.length < WIDTH) {
      return line;
    }
    return `[\n${value.map((item) => `${inner}${layOut(item, inner, "")}`).join(",\n")}\n${indent}]`;
  }
  if (typeof value === "object" && value !== null) {
    const lines = Object.entries(value).map(
      ([key, item]) => `${inner}${JSON.stringify(key)}: ${layOut(item, inner, `${JSON.stringify(key)}: `)}`,
    );
    return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n${indent}}`;
  }
  return JSON.stringify(value);
}

/**
 * `schemas/app.json`, `schemas/base-image.json` and `schemas/stack.json`, relative to the repository's root.
 * @param descriptions what each configuration key is, as `Pulumi.yaml` says it; default: those of this repository's.
 */
export function renderJsonSchemas(descriptions: KeyDescriptions = projectDescriptions()): RenderedFile[] {
  return [
    render("app", annotate(fromChecks(appSchema), "app")),
    render("base-image", annotate(fromChecks(baseImageSchema), "base-image")),
    render("stack", stackSchema(fromChecks(configSchema), descriptions)),
  ];
}
