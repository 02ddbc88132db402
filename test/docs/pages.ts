/** The pages that users read, and what is in each: links, pictures, anchors, code. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { lexer, walkTokens, type Token } from "marked";

export const root = path.join(__dirname, "../..");

export function readText(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** A fenced block of code. */
export interface Fence {
  /** Page, and the number of the fence's first line in it, such as `docs/teams.md:12`. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
}

export interface Page {
  /** Relative to the repository's root. */
  readonly file: string;
  readonly text: string;
  readonly links: readonly string[];
  readonly pictures: readonly string[];
  /** Anchors of its headings, as GitHub and Azure DevOps make them. */
  readonly anchors: readonly string[];
  readonly fences: readonly Fence[];
  /** Texts in backquotes. */
  readonly codes: readonly string[];
}

const single = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "policy/README.md", "samples/README.md"];
const folders = ["docs", "templates"];

/** Every page, in the order of names. */
export function pages(): readonly Page[] {
  const inFolders = folders.flatMap((folder) =>
    existsSync(path.join(root, folder))
      ? readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`)
      : [],
  );
  return [...single.filter((file) => existsSync(path.join(root, file))), ...inFolders]
    .filter((file) => file.endsWith(".md") && !file.includes("node_modules/"))
    .sort()
    .map((file) => readPage(file, readText(file)));
}

/** Exported for tests of the reading itself. */
export function readPage(file: string, text: string): Page {
  const links: string[] = [];
  const pictures: string[] = [];
  const headings: string[] = [];
  const fences: Fence[] = [];
  const codes: string[] = [];
  let from = 0;
  void walkTokens(lexer(text), (token: Token) => {
    switch (token.type) {
      case "link":
        links.push(String(token.href));
        break;
      case "image":
        pictures.push(String(token.href));
        break;
      case "heading":
        headings.push(plainText(token));
        break;
      case "codespan":
        codes.push(String(token.text));
        break;
      case "code": {
        // Indented blocks say no language; they are prose set apart.
        if (token.codeBlockStyle === "indented") break;
        const start = text.indexOf(token.raw.trimEnd(), from);
        from = Math.max(start, from);
        const line = text.slice(0, from).split("\n").length;
        fences.push({ place: `${file}:${line}`, language: String(token.lang ?? ""), text: String(token.text) });
        break;
      }
    }
  });
  return { file, text, links, pictures, anchors: anchorsOf(headings), fences, codes };
}

/** A heading without its marks. */
function plainText(token: Token): string {
  const inner: readonly Token[] = "tokens" in token ? (token.tokens ?? []) : [];
  if (inner.length > 0) return inner.map(plainText).join("");
  return "text" in token ? String(token.text) : "";
}

/** The anchor of a heading: lower case, without punctuation, with dashes for spaces; the second of a name gets -1. */
function anchorsOf(headings: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return headings.map((heading) => {
    const anchor = anchorOf(heading);
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

export function anchorOf(heading: string): string {
  return decoded(heading)
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-");
}

/** marked keeps the text of headings escaped for HTML. */
function decoded(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
