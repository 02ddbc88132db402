/** Parses expressions of Azure Pipelines: literals, named values, `.name`, `[index]`, `*`, and functions. */
import { suggest } from "./suggestion";
import { ExpressionError, tokens, type Token } from "./expression-tokens";
import type { Primitive } from "./primitive";

export type Expression =
  | { readonly kind: "literal"; readonly value: Primitive; readonly offset: number }
  | { readonly kind: "named"; readonly name: string; readonly offset: number }
  | { readonly kind: "index"; readonly of: Expression; readonly by: Expression | "*"; readonly offset: number }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly arguments: readonly Expression[];
      readonly offset: number;
    };

/** How many arguments a function takes. */
export interface Arity {
  readonly least: number;
  /** Default: any number. */
  readonly most?: number;
}

/** What an expression may speak of where it stands. */
export interface Vocabulary {
  /** Functions by their lower-case names, with the name as it is written. */
  readonly functions: ReadonlyMap<string, Arity & { readonly name: string }>;
  /** Named values, such as `variables`. */
  readonly values: readonly string[];
  /** Says of a known name why it is not there; `undefined` for a name that nobody knows. */
  readonly elsewhere: (name: string) => readonly [what: string, mend: string] | undefined;
}

/** Levels of an expression, as in the service. */
const DEEPEST = 50;

/**
 * The expression, with every function known and every named value there. Letter case does not count.
 * @throws ExpressionError for anything else.
 */
export function parseExpression(text: string, vocabulary: Vocabulary): Expression {
  const list = tokens(text);
  if (list.length === 0) throw new ExpressionError(0, "the expression is empty", "write one, such as eq(1, 1)");
  const parser = new Parser(list, text.trimEnd().length, vocabulary);
  const expression = parser.expression(1);
  parser.end();
  return expression;
}

class Parser {
  private position = 0;

  constructor(
    private readonly list: readonly Token[],
    private readonly length: number,
    private readonly vocabulary: Vocabulary,
  ) {}

  expression(depth: number): Expression {
    const token = this.next("a value");
    if (depth > DEEPEST)
      throw new ExpressionError(token.offset, `the expression has more than ${DEEPEST} levels`, "write it flatter");
    let value = this.start(token, depth);
    for (let levels = depth; ; levels++) {
      const sign = this.peekSign();
      if (sign !== "." && sign !== "[") return value;
      if (value.kind === "literal")
        throw unexpected(this.list[this.position], this.length, "the end of the expression");
      if (levels > DEEPEST)
        throw new ExpressionError(value.offset, `the expression has more than ${DEEPEST} levels`, "write it flatter");
      value = this.step(value, depth);
    }
  }

  end(): void {
    const token = this.list[this.position];
    if (token !== undefined) throw unexpected(token, this.length, "the end of the expression");
  }

  private start(token: Token, depth: number): Expression {
    if (token.kind === "literal") return token;
    if (token.kind === "sign") throw unexpected(token, this.length, "a value");
    return this.peekSign() === "(" ? this.call(token.name, token.offset, depth) : this.named(token.name, token.offset);
  }

  private named(name: string, offset: number): Expression {
    const { values, functions, elsewhere } = this.vocabulary;
    const known = values.find((value) => value.toLowerCase() === name.toLowerCase());
    if (known !== undefined) return { kind: "named", name: known, offset };
    const found = functions.get(name.toLowerCase());
    if (found !== undefined) {
      throw new ExpressionError(offset, `${found.name} is a function`, `write ${found.name}(…)`);
    }
    throw new ExpressionError(offset, ...(elsewhere(name) ?? [`${name} is not known here`, suggest(name, values)]));
  }

  private call(name: string, offset: number, depth: number): Expression {
    const { functions, elsewhere } = this.vocabulary;
    const known = functions.get(name.toLowerCase());
    if (known === undefined) {
      const names = [...functions.values()].map((one) => one.name);
      throw new ExpressionError(offset, ...(elsewhere(name) ?? [`there is no function ${name}`, suggest(name, names)]));
    }
    const given = this.argumentList(depth);
    if (given.length < known.least || given.length > (known.most ?? Number.POSITIVE_INFINITY)) {
      throw new ExpressionError(
        offset,
        `${known.name} takes ${arity(known)}, not ${given.length}`,
        "count its arguments again",
      );
    }
    return { kind: "call", name: known.name, arguments: given, offset };
  }

  private argumentList(depth: number): Expression[] {
    this.position++;
    const given: Expression[] = [];
    if (this.peekSign() === ")") {
      this.position++;
      return given;
    }
    for (;;) {
      given.push(this.expression(depth + 1));
      const token = this.next(", or )");
      if (token.kind === "sign" && token.sign === ")") return given;
      if (token.kind !== "sign" || token.sign !== ",") throw unexpected(token, this.length, ", or )");
    }
  }

  /** One `.name`, `.*`, `[expression]` or `[*]` after a value. */
  private step(value: Expression, depth: number): Expression {
    const opening = this.next(". or [");
    if (opening.kind === "sign" && opening.sign === ".") {
      const token = this.next("a name");
      if (token.kind === "name") return index(value, { kind: "literal", value: token.name, offset: token.offset });
      // `true` and `false` are names of properties, too.
      if (token.kind === "literal" && typeof token.value === "boolean")
        return index(value, { ...token, value: String(token.value) });
      if (token.kind === "sign" && token.sign === "*") return index(value, "*");
      throw unexpected(token, this.length, "a name");
    }
    let by: Expression | "*" = "*";
    if (this.peekSign() === "*") this.position++;
    else by = this.expression(depth + 1);
    const closing = this.next("]");
    if (closing.kind !== "sign" || closing.sign !== "]") throw unexpected(closing, this.length, "]");
    return index(value, by);
  }

  private peekSign(): string | undefined {
    const token = this.list[this.position];
    return token?.kind === "sign" ? token.sign : undefined;
  }

  private next(wanted: string): Token {
    const token = this.list[this.position];
    if (token === undefined) throw unexpected(token, this.length, wanted);
    this.position++;
    return token;
  }
}

function index(of: Expression, by: Expression | "*"): Expression {
  return { kind: "index", of, by, offset: of.offset };
}

function arity({ least, most }: Arity): string {
  if (least === most) return `${least} ${least === 1 ? "argument" : "arguments"}`;
  return most === undefined ? `${least} arguments or more` : `${least} to ${most} arguments`;
}

function unexpected(token: Token | undefined, length: number, wanted: string): ExpressionError {
  if (token === undefined)
    return new ExpressionError(length, `the expression ends where ${wanted} should stand`, "finish it");
  const shown = token.kind === "sign" ? token.sign : token.kind === "name" ? token.name : "a literal";
  return new ExpressionError(
    token.offset,
    `${shown} stands where ${wanted} should`,
    "look for a missing comma, dot or parenthesis before it",
  );
}
