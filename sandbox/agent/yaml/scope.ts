/** What the expressions of a template may speak of: its parameters, the variables, and the names of its loops. */
import type { Budget } from "./budget";
import { PipelineFileError, type Place } from "./error";
import { evaluate } from "./evaluate";
import { parseExpression, type Expression } from "./expression";
import { ExpressionError } from "./expression-tokens";
import { functionTable, GENERAL_FUNCTIONS } from "./functions";
import { mapping, scalar, type MappingNode, type Node } from "./node";
import { ValueError, valueOf, type Value } from "./value";

const FUNCTIONS = functionTable(GENERAL_FUNCTIONS);

/** What one variable, or one character of an expression, costs beside a character that is compared. */
const COST = 100;

/** Variables as expressions see them; names have no letter case. */
export class Variables {
  private readonly byName: Map<string, { readonly name: string; readonly value: string }>;
  private node: MappingNode | undefined;

  constructor(entries: Iterable<readonly [name: string, value: string]>) {
    this.byName = new Map();
    for (const [name, value] of entries) this.set(name, value);
  }

  set(name: string, value: string): void {
    this.byName.set(name.toLowerCase(), { name, value });
    this.node = undefined;
  }

  copy(budget: Budget): Variables {
    budget.look(this.byName.size * COST);
    return new Variables([...this.byName.values()].map(({ name, value }) => [name, value]));
  }

  asNode(budget: Budget): MappingNode {
    if (this.node === undefined) {
      budget.look(this.byName.size * COST);
      const place = { file: "variables", line: 0, column: 0 };
      const entries = [...this.byName.values()].map(({ name, value }) => ({
        key: scalar(name, place),
        value: scalar(value, place),
      }));
      this.node = mapping(entries, place);
    }
    return this.node;
  }
}

export interface Scope {
  readonly budget: Budget;
  readonly parameters: MappingNode;
  readonly variables: Variables;
  /** Values of the loops around, by the name that each gives them. */
  readonly loops: ReadonlyMap<string, Node>;
}

/** A node that may still have expressions, with what they may speak of; without a scope it is evaluated already. */
export interface Bound {
  readonly node: Node;
  readonly scope: Scope | undefined;
}

/** Evaluates an expression that stands after a `${{` at this place. @throws PipelineFileError */
export function evaluateIn(scope: Scope, text: string, place: Place): Value {
  return located(place, text, () => {
    scope.budget.look(text.length * COST);
    const expression = parseKnown(scope.loops.keys(), text);
    return evaluate(expression, {
      functions: FUNCTIONS,
      budget: scope.budget,
      place,
      named: (name) => namedValue(scope, name),
    });
  });
}

/** Parses an expression that stands after a `${{` at this place, and forgets it. @throws PipelineFileError */
export function parseIn(loops: Iterable<string>, text: string, place: Place): void {
  located(place, text, () => parseKnown(loops, text));
}

function parseKnown(loops: Iterable<string>, text: string): Expression {
  return parseExpression(text, { functions: FUNCTIONS, values: ["parameters", "variables", ...loops], elsewhere });
}

function namedValue(scope: Scope, name: string): Value {
  const loop = scope.loops.get(name);
  if (loop !== undefined) return valueOf(loop);
  return name === "variables" ? scope.variables.asNode(scope.budget) : scope.parameters;
}

/** Runs something at a place, so that what goes wrong has the place: where in the expression, if it is on one line. */
export function located<T>(place: Place, text: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ExpressionError) {
      const before = text.slice(0, error.offset);
      const column = before.includes("\n") ? place.column : place.column + "${{".length + error.offset;
      throw new PipelineFileError({ ...place, column: place.line === 0 ? 0 : column }, error.message, error.mend, {
        cause: error,
      });
    }
    if (error instanceof ValueError) throw new PipelineFileError(place, error.message, error.mend, { cause: error });
    throw error;
  }
}

const AT_RUN_TIME = ["succeeded", "failed", "always", "canceled", "succeededorfailed"];

function elsewhere(name: string): readonly [string, string] | undefined {
  const lower = name.toLowerCase();
  if (AT_RUN_TIME.includes(lower)) {
    return [`${name}() is known only while a job runs`, "write it in a condition:, without ${{ and }}"];
  }
  if (lower === "counter") {
    return [
      "counter() is known only at run time, in $[ ], which is not supported here",
      "use $(Rev:r) in the pipeline's name:, or $(Build.BuildId)",
    ];
  }
  if (["dependencies", "stagedependencies", "resources", "pipeline"].includes(lower)) {
    return [
      `${name} is known only while a job runs`,
      "use a condition:, or a macro such as $(resources.pipeline.<alias>.runName)",
    ];
  }
  if (["if", "elseif", "else", "each", "insert"].includes(lower)) {
    return [`${name} is no function`, `write it as a key, with a blank after ${lower}: \${{ ${lower} … }}:`];
  }
  if (lower === "null") return ["null cannot be written in an expression", "compare with the empty text: ''"];
  return undefined;
}
