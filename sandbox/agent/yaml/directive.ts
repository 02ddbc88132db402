/** The directives of templates: expressions that are keys and say what becomes of what stands under them. */
import { PipelineFileError, type Place } from "./error";

interface Asking {
  /** An expression. */
  readonly text: string;
  /** Place from which offsets in it count, as from a `${{`. */
  readonly textPlace: Place;
  /** Of the directive's own `${{`. */
  readonly place: Place;
}

/** A part of an `if`. */
export type Branch = (Asking & { readonly kind: "if" | "elseif" }) | { readonly kind: "else"; readonly place: Place };

export type Directive =
  | Branch
  | { readonly kind: "insert"; readonly place: Place }
  | (Asking & { readonly kind: "each"; readonly name: string });

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
      return { kind: word, text: rest, textPlace: placeOfRest(expression, rest, place), place };
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
      return { kind: "each", name, text: collection, textPlace: placeOfRest(expression, collection, place), place };
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
