/** Checks every expression of a file when it is read, also those of branches that a run does not take: the service does. */
import { findDirective } from "./directive";
import type { Place } from "./error";
import { split } from "./expand";
import type { Node, ScalarNode } from "./node";
import { parseIn } from "./scope";

/**
 * @throws PipelineFileError for an expression that is not closed, cannot be parsed, or names a function or a value that
 * is not there.
 */
export function checkExpressions(node: Node, loops: ReadonlySet<string> = new Set()): void {
  if (node.kind === "scalar") checkText(node, loops);
  if (node.kind === "sequence") for (const item of node.items) checkExpressions(item, loops);
  if (node.kind !== "mapping") return;
  for (const { key, value } of node.entries) {
    const name = checkText(key, loops);
    checkExpressions(value, name === undefined ? loops : new Set([...loops, name]));
  }
}

/** Whether anything in the node is an expression, and where the first one is. */
export function firstExpression(node: Node): Place | undefined {
  if (node.kind === "scalar") return node.expressions === undefined ? undefined : (node.expressions[0] ?? node.place);
  const children = node.kind === "sequence" ? node.items : node.entries.flatMap(({ key, value }) => [key, value]);
  for (const child of children) {
    const found = firstExpression(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The name that a loop gives its entries, if the text is the key of one. */
function checkText(node: ScalarNode, loops: ReadonlySet<string>): string | undefined {
  if (typeof node.value !== "string" || node.expressions === undefined) return undefined;
  const list = split(node, node.value);
  for (const piece of list) {
    if (piece.kind === "text") continue;
    const place = node.expressions[piece.number] ?? node.place;
    const directive = list.length === 1 ? findDirective(piece.text, place) : undefined;
    if (directive === undefined) parseIn(loops, piece.text, place);
    else if ("text" in directive) parseIn(loops, directive.text, directive.textPlace);
    if (directive?.kind === "each") return directive.name;
  }
  return undefined;
}
