/** The directives of templates: expressions that are keys and say what becomes of what stands under them. */
import { PipelineFileError, type Place } from "./error";

/** A part of an `if`. */
export type Branch =
  | { readonly kind: "if" | "elseif"; readonly text: string; readonly place: Place }
  | { readonly kind: "else"; readonly place: Place };

export type Directive =
  | Branch
  | { readonly kind: "insert"; readonly place: Place }
  | { readonly kind: "each"; readonly name: string; readonly text: string; readonly place: Place };

/**
 * The directive that an expression is; `undefined` for any other expression. A blank must follow the word, and letter
 * case counts, as in the service.
 * @throws PipelineFileError for a directive that is not finished.
 */
export function findDirective(expression: string, place: Place): Directive | undefined {
  const text = expression.trim();
  const word = /^[a-z]+(?=\s|$)/.exec(text)?.[0];
  const rest = text.slice(word?.length ?? 0).trim();
  if (word === undefined) return undefined;
  switch (word) {
    case "if":
    case "elseif":
      if (rest === "")
        throw new PipelineFileError(place, `${word} has no condition`, `write \${{ ${word} eq(a, b) }}:`);
      return { kind: word, text: rest, place: placeOfRest(expression, rest, place) };
    case "else":
    case "insert":
      if (rest !== "") throw new PipelineFileError(place, `${word} takes nothing after it`, `write \${{ ${word} }}:`);
      return { kind: word, place };
    case "each": {
      const parts = /^([A-Za-z_][A-Za-z0-9_]*)\s+in\s+(\S[\s\S]*)$/.exec(rest);
      const [, name, collection] = parts ?? [];
      if (name === undefined || collection === undefined) {
        throw new PipelineFileError(
          place,
          "each needs a name and a collection",
          "write ${{ each item in parameters.items }}:",
        );
      }
      return { kind: "each", name, text: collection, place: placeOfRest(expression, collection, place) };
    }
    default:
      return undefined;
  }
}

/** Place from which the offsets of the rest count as those after a `${{`. */
function placeOfRest(expression: string, rest: string, place: Place): Place {
  const offset = expression.trimEnd().length - rest.length;
  return place.line === 0 || expression.slice(0, offset).includes("\n")
    ? place
    : { ...place, column: place.column + offset };
}
