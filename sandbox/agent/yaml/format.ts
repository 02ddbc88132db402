/** The function `format` of Azure Pipelines' expressions. */
import { ValueError } from "./value";

/**
 * Puts values into `{0}`, `{1}`, …; `{{` and `}}` stand for braces. A value may stand several times, or not at all.
 * @param made is told the length of every piece of the result
 * @throws ValueError for a brace alone, a number without a value, and a format of a value (`{0:yyyy}`).
 */
export function format(pattern: string, values: readonly (() => string)[], made: (length: number) => void): string {
  const known = new Map<number, string>();
  const valueAt = (index: number): string => {
    const value = known.get(index) ?? values[index]?.();
    if (value === undefined) {
      throw new ValueError(
        `format() has no value for {${index}}`,
        values.length === 0 ? "give it values, or double the braces" : `its values are {0} to {${values.length - 1}}`,
      );
    }
    known.set(index, value);
    return value;
  };
  return pattern.replace(/\{\{|\}\}|\{([0-9]{1,3})\}|\{[0-9]{1,3}:[^}]*\}|[{}]|[^{}]+/g, (piece, index?: string) => {
    const text = index === undefined ? literal(piece) : valueAt(Number(index));
    made(text.length);
    return text;
  });
}

function literal(piece: string): string {
  if (piece === "{{") return "{";
  if (piece === "}}") return "}";
  if (/^\{[0-9]+:/.test(piece)) {
    throw new ValueError("format() of dates is not supported here", "take the part after the colon out");
  }
  if (piece === "{" || piece === "}") {
    throw new ValueError(`format() has a single ${piece}`, `write ${piece}${piece} for the character itself`);
  }
  return piece;
}
