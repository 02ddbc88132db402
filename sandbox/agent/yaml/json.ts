/** Nodes as JSON, for `convertToJson()`. */
import { keyText, type Node } from "./node";
import { Version, type Primitive } from "./primitive";

/**
 * Two blanks a level, as the service writes it. What comes from a YAML file is a text there, also `true` and `1`.
 * @param made is told the length of every piece of the result, before there is the next
 */
export function toJson(node: Node, made: (length: number) => void, indent = ""): string {
  if (node.kind === "scalar") return primitiveJson(node.value);
  const inner = `${indent}  `;
  const line = (text: string): string => {
    made(text.length);
    return text;
  };
  if (node.kind === "sequence") {
    if (node.items.length === 0) return "[]";
    return `[\n${node.items.map((item) => line(inner + toJson(item, made, inner))).join(",\n")}\n${indent}]`;
  }
  if (node.entries.length === 0) return "{}";
  const entries = node.entries.map(({ key, value }) =>
    line(`${inner}${JSON.stringify(keyText(key))}: ${toJson(value, made, inner)}`),
  );
  return `{\n${entries.join(",\n")}\n${indent}}`;
}

function primitiveJson(value: Primitive): string {
  return JSON.stringify(value instanceof Version ? value.toString() : value);
}
