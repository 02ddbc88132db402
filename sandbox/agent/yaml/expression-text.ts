/** Finds the `${{ expressions }}` of a text. */

/** A piece of a text: as it stands, or an expression without its braces. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "expression";
      readonly text: string;
      /** Which `${{` of the text it is, counted from 0. */
      readonly number: number;
    };

/** The number of the `${{` that is not closed. */
export class NotClosed extends Error {
  constructor(readonly number: number) {
    super("the expression is not closed");
  }
}

/**
 * The pieces in their order. A text without an expression is one piece.
 * @throws NotClosed where a `${{` has no `}}` after it, outside single quotes.
 */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let position = 0;
  let number = 0;
  for (let start = text.indexOf("${{"); start !== -1; start = text.indexOf("${{", position)) {
    const end = closing(text, start + 3);
    if (end === -1) throw new NotClosed(number);
    if (start > position) found.push({ kind: "text", text: text.slice(position, start) });
    const inner = text.slice(start + 3, end);
    found.push({ kind: "expression", text: inner, number });
    // A ${{ in a quoted text of the expression counts among those of the file.
    number += inner.split("${{").length;
    position = end + 2;
  }
  if (position < text.length || found.length === 0) found.push({ kind: "text", text: text.slice(position) });
  return found;
}

function closing(text: string, from: number): number {
  let quoted = false;
  for (let index = from; index < text.length; index++) {
    if (text[index] === "'") quoted = !quoted;
    else if (!quoted && text[index] === "}" && text[index + 1] === "}") return index;
  }
  return -1;
}
