/** Makes the JSON Schemas with which editors explain and complete the specifications, from the schemas that check them. */
import { z } from "zod";
import { appSchema } from "./app-schema";
import { baseImageSchema } from "./base-image-schema";
import type { RenderedFile } from "./model";

/** Width of a line up to which a list of plain values stays on it, as Prettier does it. */
const WIDTH = 120;

function render(path: string, schema: z.ZodType): RenderedFile {
  return { path, content: `${layOut(z.toJSONSchema(schema, { io: "input", target: "draft-7" }), "", "")}\n` };
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

/** `schemas/app.json` and `schemas/base-image.json`, relative to the repository's root. */
export function renderJsonSchemas(): RenderedFile[] {
  return [render("schemas/app.json", appSchema), render("schemas/base-image.json", baseImageSchema)];
}
