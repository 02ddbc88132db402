/** Writes nodes as YAML, the way the service shows an expanded pipeline. */
import { Scalar, stringify } from "yaml";
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
  if (node.kind === "scalar") return scalarOf(toText(node.value));
  if (node.kind === "sequence") return node.items.map(plain);
  // Not an object: its order would change with keys that are numbers.
  return new Map(node.entries.map(({ key, value }) => [keyText(key), plain(value)]));
}

/** A text; in quotes where a block would lose blanks that stand alone on a line, or at the begin. */
function scalarOf(text: string): string | Scalar {
  const losesBlanks = text.includes("\n") && (/^[ \t\n]/.test(text) || /^[ \t]+$/m.test(text));
  if (!losesBlanks) return text;
  const scalar = new Scalar(text);
  scalar.type = "QUOTE_DOUBLE";
  return scalar;
}
