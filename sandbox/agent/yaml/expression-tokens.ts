/** Splits an expression of Azure Pipelines into tokens. */
import { Version, type Primitive } from "./primitive";

/** A mistake in an expression, with its offset in the expression's text. */
export class ExpressionError extends Error {
  readonly offset: number;
  readonly mend: string;

  constructor(offset: number, what: string, mend: string, options?: ErrorOptions) {
    super(what, options);
    this.name = "ExpressionError";
    this.offset = offset;
    this.mend = mend;
  }
}

export type Token =
  | { readonly kind: "literal"; readonly value: Primitive; readonly offset: number }
  | { readonly kind: "name"; readonly name: string; readonly offset: number }
  | { readonly kind: "sign"; readonly sign: "(" | ")" | "[" | "]" | "," | "." | "*"; readonly offset: number };

/** Longest expression that the service takes, in characters. */
export const LONGEST = 21_000;

const BLANK = /[\s]+/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const TEXT = /'(?:[^']|'')*'/y;
const NUMBER = /[-.]?[0-9][0-9A-Za-z_.]*/y;

/**
 * @throws ExpressionError for what is no token of the language, such as a text in double quotes, `==` or `&&`.
 */
export function tokens(text: string): Token[] {
  if (text.length > LONGEST) {
    throw new ExpressionError(0, `the expression has ${text.length} characters`, `keep it under ${LONGEST}`);
  }
  const found: Token[] = [];
  let offset = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    const match = pattern.exec(text)?.[0];
    offset += match?.length ?? 0;
    return match;
  };
  for (;;) {
    take(BLANK);
    if (offset >= text.length) return found;
    const start = offset;
    found.push(
      sign(text.charAt(offset), start, afterValue(found)) ??
        name(take(NAME), start) ??
        quoted(take(TEXT), start) ??
        number(take(NUMBER), start) ??
        refuse(text, start),
    );
    offset = Math.max(offset, start + (found.at(-1)?.kind === "sign" ? 1 : 0));
  }
}

/** Whether a dot here goes into a value, rather than being the first character of a number. */
function afterValue(found: readonly Token[]): boolean {
  const last = found.at(-1);
  if (last === undefined || last.kind === "literal") return false;
  return last.kind === "name" || last.sign === "]" || last.sign === ")" || last.sign === "*";
}

function sign(character: string, offset: number, canGoInto: boolean): Token | undefined {
  switch (character) {
    case "(":
    case ")":
    case "[":
    case "]":
    case ",":
    case "*":
      return { kind: "sign", sign: character, offset };
    case ".":
      return canGoInto ? { kind: "sign", sign: character, offset } : undefined;
    default:
      return undefined;
  }
}

function name(text: string | undefined, offset: number): Token | undefined {
  if (text === undefined) return undefined;
  const lower = text.toLowerCase();
  if (lower === "true" || lower === "false") return { kind: "literal", value: lower === "true", offset };
  return { kind: "name", name: text, offset };
}

function quoted(text: string | undefined, offset: number): Token | undefined {
  return text === undefined ? undefined : { kind: "literal", value: text.slice(1, -1).replaceAll("''", "'"), offset };
}

function number(text: string | undefined, offset: number): Token | undefined {
  if (text === undefined) return undefined;
  if (/^-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/.test(text) && Number.isFinite(Number(text))) {
    return { kind: "literal", value: Number(text), offset };
  }
  const version = /^[0-9]+(?:\.[0-9]+){2,3}$/.test(text) ? Version.parse(text) : undefined;
  if (version !== undefined) return { kind: "literal", value: version, offset };
  throw new ExpressionError(
    offset,
    `${text} is no number and no version`,
    "write a number such as -1.2, a version such as 1.2.3, or a text in single quotes",
  );
}

function refuse(text: string, offset: number): never {
  const character = text.charAt(offset);
  if (character === "'") {
    throw new ExpressionError(offset, "a text is not closed", "end it with '; write '' for a single quote in it");
  }
  if (character === '"') {
    throw new ExpressionError(offset, "texts do not stand in double quotes here", "write it in single quotes: 'text'");
  }
  const mend = "functions do what signs do elsewhere: eq(a, b), and(a, b), not(a)";
  throw new ExpressionError(offset, `${JSON.stringify(character)} means nothing in an expression`, mend);
}
