/** Reads a comment as the services do, with a parser of GitHub's Markdown, so that tests see what a reader would. */
import { strict as assert } from "node:assert";
import { marked, type Token, type Tokens } from "marked";

/** All tokens, those within others too. */
export function tokensOf(markdown: string): readonly Token[] {
  const tokens: Token[] = [];
  void marked.walkTokens(marked.lexer(markdown, { gfm: true }), (token) => void tokens.push(token));
  return tokens;
}

export function fencesOf(markdown: string): readonly Tokens.Code[] {
  return tokensOf(markdown).filter((token): token is Tokens.Code => token.type === "code");
}

export function linksOf(markdown: string): readonly string[] {
  return tokensOf(markdown)
    .filter((token): token is Tokens.Link => token.type === "link")
    .map(({ href }) => href);
}

/** Fails for HTML other than the parts that open, for parts that do not close, and for code without a fence. */
export function assertSound(markdown: string, addresses: readonly string[] = []): void {
  let open = 0;
  for (const token of tokensOf(markdown)) {
    if (token.type === "html") {
      const text = token.raw.trim();
      if (/^<details>\n<summary>[^<>]*<\/summary>$/.test(text)) open += 1;
      else if (text === "</details>") open -= 1;
      else assert.fail(`foreign HTML: ${token.raw}`);
      assert.ok(open === 0 || open === 1, "parts do not lie within each other");
    }
    assert.notEqual(token.type, "image", token.raw);
    if (token.type === "code") assert.ok(/^`{3,}/.test(token.raw), `code without a fence: ${token.raw}`);
    if (token.type === "code") assert.match(token.raw, /\n`{3,}\s*$/, "a fence that does not end");
    if (token.type === "link") assert.ok(addresses.includes((token as Tokens.Link).href), `foreign link: ${token.raw}`);
  }
  assert.equal(open, 0, "a part that is not closed");
}

/** What a service would make a reference of: mentions, issues, work items, pull requests, emoji. Code is left alone. */
export function referencesIn(markdown: string): readonly string[] {
  const texts = tokensOf(markdown).flatMap((token) => {
    if (token.type === "html") return [token.raw.replace(/<[^>]*>/g, "")];
    return token.type === "text" || token.type === "escape" ? [plainText(token)] : [];
  });
  const whole = texts.join("\n");
  const raw = [...markdown.matchAll(/\bAB#\d+|@<[0-9a-f]{8}-[^>]*>/gi)].map(([found]) => found);
  return [
    ...[...whole.matchAll(/(?<![\w`])@[\w-]+|(?<!\w)[#!]\d+|\bGH-\d+|:[a-z]+:/gi)].map(([found]) => found),
    ...raw,
  ];
}

function plainText(token: Token): string {
  return "tokens" in token && token.tokens !== undefined ? "" : (token as Tokens.Text).text;
}
