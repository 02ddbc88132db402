/** Evaluates parsed expressions. */
import { ExpressionError } from "./expression-tokens";
import type { Expression } from "./expression";
import type { Call, Functions } from "./functions";
import { entryOf, sequence, type MappingNode, type Node, type SequenceNode } from "./node";
import { toNumber, toText, type Primitive } from "./primitive";
import { isPrimitive, ValueError, valueOf, type Value } from "./value";

export interface Evaluation extends Call {
  readonly functions: Functions;
  /** Value of a named value, such as `variables`. */
  readonly named: (name: string) => Value;
}

/** What `*` gives: a list whose properties are those of its entries. */
class Filtered {
  constructor(readonly nodes: readonly Node[]) {}
}

/**
 * The expression's value. A property that is not there is null, as in the service.
 * @throws ExpressionError where a function refuses its arguments.
 */
export function evaluate(expression: Expression, evaluation: Evaluation): Value {
  const value = part(expression, evaluation);
  return value instanceof Filtered ? sequence(value.nodes, evaluation.place) : value;
}

function part(expression: Expression, evaluation: Evaluation): Value | Filtered {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "named":
      return evaluation.named(expression.name);
    case "index":
      return guarded(expression, () => property(expression, evaluation));
    case "call":
      return guarded(expression, () => {
        const definition = evaluation.functions.get(expression.name.toLowerCase());
        if (definition === undefined)
          throw new ValueError(`there is no function ${expression.name}`, "use another one");
        evaluation.budget.look(1);
        return definition.run(
          expression.arguments.map((argument) => () => evaluate(argument, evaluation)),
          evaluation,
        );
      });
  }
}

/** Tells where in the expression it was that a value did not fit. */
function guarded<T>(expression: Expression, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ValueError)
      throw new ExpressionError(expression.offset, error.message, error.mend, { cause: error });
    throw error;
  }
}

function property(expression: Expression & { kind: "index" }, evaluation: Evaluation): Value | Filtered {
  const of = part(expression.of, evaluation);
  if (expression.by === "*") return everyEntry(of, evaluation);
  const by = evaluate(expression.by, evaluation);
  if (!isPrimitive(by)) return of instanceof Filtered ? new Filtered([]) : null;
  if (!(of instanceof Filtered)) return isPrimitive(of) ? null : valueOrNull(step(of, by));
  evaluation.budget.look(of.nodes.length);
  return new Filtered(
    of.nodes.flatMap((node) => {
      const found = node.kind === "scalar" ? undefined : step(node, by);
      return found === undefined ? [] : [found];
    }),
  );
}

function step(of: SequenceNode | MappingNode, by: Primitive): Node | undefined {
  if (of.kind === "mapping") return entryOf(of, toText(by))?.value;
  const index = by === null || by === "" ? undefined : toNumber(by);
  return index === undefined ? undefined : of.items[Math.floor(index)];
}

function valueOrNull(node: Node | undefined): Value {
  return node === undefined ? null : valueOf(node);
}

function everyEntry(of: Value | Filtered, { budget }: Evaluation): Filtered {
  const nodes = of instanceof Filtered ? of.nodes.flatMap(children) : isPrimitive(of) ? [] : children(of);
  budget.look(nodes.length);
  return new Filtered(nodes);
}

function children(node: Node): readonly Node[] {
  if (node.kind === "sequence") return node.items;
  return node.kind === "mapping" ? node.entries.map(({ value }) => value) : [];
}
