/** Replaces the expressions of nodes: values, `if`, `elseif`, `else`, `each`, `insert`, and keys. */
import { quote } from "../../../spec/rule";
import { findDirective, type Branch, type Directive } from "./directive";
import { PipelineFileError, type Place } from "./error";
import { NotClosed, pieces, type Piece } from "./expression-text";
import { kindOf, mapping, scalar, sequence, weightOf, type MappingNode, type Node, type ScalarNode } from "./node";
import { evaluateIn, located, type Bound, type Scope } from "./scope";
import { booleanOf, isPrimitive, nodeOf, textOf } from "./value";

export interface BoundEntry {
  readonly key: ScalarNode;
  readonly value: Bound;
}

/** The node without expressions. @throws PipelineFileError */
export function expanded({ node, scope }: Bound): Node {
  if (scope === undefined) return node;
  if (node.kind === "scalar") return expandedScalar(node, scope);
  located(node.place, "", () => scope.budget.make(0));
  if (node.kind === "sequence") return sequence(itemsOf({ node, scope }).map(expanded), node.place);
  const entries = entriesOf({ node, scope }).map(({ key, value }) => ({ key, value: expanded(value) }));
  return mapping(entries, node.place);
}

function expandedScalar(node: ScalarNode, scope: Scope): Node {
  const { value } = node;
  if (typeof value !== "string" || !value.includes("${{")) {
    located(node.place, "", () => scope.budget.make(weightOf(node)));
    return node;
  }
  const list = split(node, value);
  const [only] = list;
  if (list.length === 1 && only?.kind === "expression") {
    const place = placeOf(node, only);
    const result = nodeOf(evaluateIn(scope, only.text, place), place);
    located(place, "", () => scope.budget.make(weightOf(result)));
    return result;
  }
  return scalar(list.map((piece) => pieceText(piece, node, scope)).join(""), node.place);
}

function pieceText(piece: Piece, node: ScalarNode, scope: Scope): string {
  const place = piece.kind === "text" ? node.place : placeOf(node, piece);
  const text =
    piece.kind === "text" ? piece.text : located(place, "", () => textOf(evaluateIn(scope, piece.text, place)));
  located(place, "", () => scope.budget.make(text.length));
  return text;
}

/** The pieces of a node's text. @throws PipelineFileError where an expression is not closed. */
export function split(node: ScalarNode, text: string): readonly Piece[] {
  try {
    return pieces(text);
  } catch (error) {
    if (!(error instanceof NotClosed)) throw error;
    const place = node.expressions?.[error.number] ?? node.place;
    throw new PipelineFileError(
      place,
      "the expression is not closed",
      "end it with }}; a text in it stands in single quotes",
      { cause: error },
    );
  }
}

function placeOf(node: ScalarNode, piece: Piece & { kind: "expression" }): Place {
  return node.expressions?.[piece.number] ?? node.place;
}

/** The expression that a text is as a whole; `undefined` for any other text. */
function wholeExpression(node: Node): { text: string; place: Place } | undefined {
  if (node.kind !== "scalar" || typeof node.value !== "string" || !node.value.includes("${{")) return undefined;
  const [only, more] = split(node, node.value);
  return only?.kind === "expression" && more === undefined
    ? { text: only.text, place: placeOf(node, only) }
    : undefined;
}

function directiveOf(key: ScalarNode): Directive | undefined {
  const whole = wholeExpression(key);
  return whole === undefined ? undefined : findDirective(whole.text, whole.place);
}

/** An `if` and what follows it: whether a branch was taken already. Without an `if` before, there is none. */
class Chain {
  private taken: boolean | undefined;

  /** Whether this branch is taken. */
  enter(directive: Branch, scope: Scope): boolean {
    if (directive.kind === "if") this.taken = false;
    if (this.taken === undefined) {
      throw new PipelineFileError(
        directive.place,
        `${directive.kind} has no if before it`,
        "write it right after its if, at the same level",
      );
    }
    const before = this.taken;
    const holds =
      !before && (directive.kind === "else" || booleanOf(evaluateIn(scope, directive.text, directive.textPlace)));
    this.taken = before || holds;
    if (directive.kind === "else") this.end();
    return holds;
  }

  end(): void {
    this.taken = undefined;
  }
}

/** What one round of a loop costs beside a character that is compared. */
const ITERATION = 500;

/** The scopes of an `each`: one for every entry. */
function loopScopes(directive: Directive & { kind: "each" }, scope: Scope): Scope[] {
  const { name, place } = directive;
  if (
    ["parameters", "variables"].includes(name.toLowerCase()) ||
    [...scope.loops.keys()].some((taken) => taken.toLowerCase() === name.toLowerCase())
  ) {
    throw new PipelineFileError(place, `${name} is taken already`, "give the loop's entries another name");
  }
  const collection = evaluateIn(scope, directive.text, directive.textPlace);
  if (isPrimitive(collection)) {
    throw new PipelineFileError(
      place,
      "each needs a list or a map",
      "name a parameter of type object that is one; its default can be [] or {}",
    );
  }
  const values =
    collection.kind === "sequence"
      ? collection.items
      : collection.entries.map(({ key, value }) => mapping([entry("key", key), entry("value", value)], value.place));
  return values.map((value) => {
    located(place, "", () => {
      scope.budget.make(0);
      scope.budget.look(ITERATION);
    });
    return { ...scope, loops: new Map([...scope.loops, [name, value]]) };
  });
}

function entry(name: string, value: Node): { key: ScalarNode; value: Node } {
  return { key: scalar(name, value.place), value };
}

/** The entries of a list, with the directives among them followed; each entry may still have expressions. */
export function itemsOf({ node, scope }: Bound): Bound[] {
  if (node.kind !== "sequence")
    throw new PipelineFileError(
      node.place,
      `a list is needed here, not ${kindOf(node)}`,
      "write one entry a line, each after a dash",
    );
  if (scope === undefined) return node.items.map((item) => ({ node: item, scope: undefined }));
  const chain = new Chain();
  return node.items.flatMap((item) => itemOf(item, scope, chain));
}

function itemOf(item: Node, scope: Scope, chain: Chain): Bound[] {
  const [first, more] = item.kind === "mapping" ? item.entries : [];
  const directive = first === undefined || more !== undefined ? undefined : directiveOf(first.key);
  if (first === undefined || directive === undefined || directive.kind === "insert") {
    chain.end();
    return plainItem(item, scope);
  }
  if (directive.kind === "each") {
    chain.end();
    // A loop over a map's pairs makes one entry, not many.
    if (first.value.kind === "mapping") return [{ node: item, scope }];
    return loopScopes(directive, scope).flatMap((inner) => branchItems(first.value, inner));
  }
  if (first.value.kind === "mapping") {
    throw new PipelineFileError(
      first.value.place,
      `${directive.kind} in a list needs a list under it`,
      "write a dash before each entry under it",
    );
  }
  return chain.enter(directive, scope) ? branchItems(first.value, scope) : [];
}

function plainItem(item: Node, scope: Scope): Bound[] {
  if (wholeExpression(item) === undefined) return [{ node: item, scope }];
  const value = expanded({ node: item, scope });
  if (value.kind !== "sequence") return [{ node: value, scope: undefined }];
  return value.items.map((inner) => ({ node: inner, scope: undefined }));
}

function branchItems(body: Node, scope: Scope): Bound[] {
  return itemsOf(
    body.kind === "scalar" ? { node: expanded({ node: body, scope }), scope: undefined } : { node: body, scope },
  );
}

/** The entries of a map, with the directives among them followed; each value may still have expressions. */
export function entriesOf(bound: Bound): BoundEntry[] {
  const { node, scope } = bound;
  const found = node.kind === "mapping" && scope !== undefined ? followed(node, scope) : plainEntries(node);
  const seen = new Set<string>();
  for (const { key } of found) {
    const name = String(key.value).toLowerCase();
    if (seen.has(name)) {
      throw new PipelineFileError(
        key.place,
        `${quote(String(key.value))} stands twice in its map after expansion`,
        "keep one of the two; upper and lower case count as the same",
      );
    }
    seen.add(name);
  }
  return found;
}

function plainEntries(node: Node): BoundEntry[] {
  if (node.kind !== "mapping")
    throw new PipelineFileError(
      node.place,
      `a map is needed here, not ${kindOf(node)}`,
      "write key: value, one a line",
    );
  return node.entries.map(({ key, value }) => ({ key, value: { node: value, scope: undefined } }));
}

function followed(node: MappingNode, scope: Scope): BoundEntry[] {
  const chain = new Chain();
  return node.entries.flatMap(({ key, value }) => {
    const directive = directiveOf(key);
    if (directive === undefined || directive.kind === "insert" || directive.kind === "each") chain.end();
    if (directive === undefined) return [{ key: expandedKey(key, scope), value: { node: value, scope } }];
    switch (directive.kind) {
      case "insert":
        return branchEntries(value, scope);
      case "each":
        return loopScopes(directive, scope).flatMap((inner) => branchEntries(value, inner));
      case "if":
      case "elseif":
      case "else":
        return chain.enter(directive, scope) ? branchEntries(value, scope) : [];
    }
  });
}

function branchEntries(body: Node, scope: Scope): BoundEntry[] {
  return entriesOf(
    body.kind === "scalar" ? { node: expanded({ node: body, scope }), scope: undefined } : { node: body, scope },
  );
}

function expandedKey(key: ScalarNode, scope: Scope): ScalarNode {
  const value = expandedScalar(key, scope);
  if (value.kind !== "scalar")
    throw new PipelineFileError(key.place, `a key must be a text, not ${kindOf(value)}`, "use one of its entries");
  return scalar(
    located(key.place, "", () => textOf(value.value)),
    key.place,
  );
}
