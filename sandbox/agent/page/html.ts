/** Makes HTML in which every value is text: only what `html` itself made is markup. */

/** Markup that is right as it stands. */
export class Html {
  public constructor(public readonly text: string) {}
}

export type Value = Html | string | number | false | undefined | readonly Value[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Signs that are not seen, or that make a line read in another order than it is written in: they could hide what a name is. */
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Text as it is shown: line breaks and tabs stay, other signs that nobody sees become U+FFFD. */
export function visible(text: string): string {
  return text.replace(unseen, (sign) => (sign === "\n" || sign === "\t" ? sign : "\ufffd"));
}

export function escapeText(text: string): string {
  return visible(text).replace(/[&<>"']/g, (sign) => entities[sign] ?? "");
}

function render(value: Value): string {
  if (value instanceof Html) return value.text;
  if (value === undefined || value === false) return "";
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number") return String(value);
  return value.map(render).join("");
}

/** For templates: `html\`<b>${name}</b>\``. Values in attributes stand between double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  let text = strings[0] ?? "";
  for (const [index, value] of values.entries()) text += render(value) + (strings[index + 1] ?? "");
  return new Html(text);
}
