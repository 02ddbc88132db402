/** The JSON form of an instruction's arguments, each string with the way back to the file. */
import { Joined } from "./joined";

export interface JsonWord {
  readonly value: string;
  /** The characters between the quotes, decoded; an escape stands at its backslash. */
  readonly content: Joined;
}

const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** The strings of a JSON array; `undefined` where the text is none, which BuildKit then takes for the shell form. */
export function jsonWords(joined: Joined): readonly JsonWord[] | undefined {
  const text = joined.text.trimEnd();
  if (!text.startsWith("[") || !isStrings(text)) return undefined;
  const words: JsonWord[] = [];
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at)) {
    const { word, next } = readString(joined, at + 1);
    words.push(word);
    at = next;
  }
  return words;
}

function isStrings(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === "string");
  } catch {
    return false;
  }
}

function readString(joined: Joined, start: number): { word: JsonWord; next: number } {
  const { text } = joined;
  let value = "";
  const offsets: number[] = [];
  let at = start;
  while (at < text.length && text[at] !== '"') {
    offsets.push(joined.toFile(at));
    if (text[at] !== "\\") {
      value += text[at++] ?? "";
    } else if (text[at + 1] === "u") {
      value += String.fromCharCode(parseInt(text.slice(at + 2, at + 6), 16));
      at += 6;
    } else {
      const escaped = text[at + 1] ?? "";
      value += ESCAPES[escaped] ?? escaped;
      at += 2;
    }
  }
  return { word: { value, content: new Joined(value, offsets, joined.toFile(at)) }, next: at + 1 };
}
