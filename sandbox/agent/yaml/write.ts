/** Writes nodes as YAML, the way the service shows an expanded pipeline. */
import { stringify } from "yaml";
import { keyText, type Node } from "./node";
import { toText } from "./primitive";

/** The text; reading it again gives the same texts, lists and maps. */
export function writeYaml(node: Node): string {
  return stringify(plain(node), {
    schema: "failsafe",
    lineWidth: 0,
    blockQuote: "literal",
    aliasDuplicateObjects: false,
  });
}

function plain(node: Node): unknown {
  if (node.kind === "scalar") return toText(node.value);
  if (node.kind === "sequence") return node.items.map(plain);
  // Not an object: its order would change with keys that are numbers.
  return new Map(node.entries.map(({ key, value }) => [keyText(key), plain(value)]));
}
