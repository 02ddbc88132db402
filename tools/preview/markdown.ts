/**
 * Writes foreign text into Markdown so that it stands for itself: no markup, no HTML, no mention of a person, issue or work
 * item, in GitHub's comments as well as in those of Azure DevOps.
 */

/** Breaks up what a service makes a link of when it reads the finished page: entities would not help there. */
const gap = "\u200b";

/**
 * Text in a sentence or a cell, on one line. GitHub looks for mentions and references in the finished page (`@name`, `#1`,
 * `GH-1`, `AB#1`, bare addresses); Azure DevOps also for `!1` and `:emoji:`. Escapes are backslashes, as a numeric entity
 * could itself be taken for the number of a work item.
 */
export function prose(text: string): string {
  return (
    apart(oneLine(text))
      .replace(/[\\`*_[\]|~$]/g, (sign) => `\\${sign}`)
      // What makes a list, a heading or a rule at the start of a line.
      .replace(/^(\s*\d+)([.)])(?=\s|$)/, "$1\\$2")
      .replace(/^(\s*)([#+=-])/, "$1\\$2")
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
  );
}

/** The same within HTML, where Markdown is not read. */
export function htmlText(text: string): string {
  return apart(oneLine(text))
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}

function apart(text: string): string {
  return text
    .replace(/([@#!:])(?=\S)/g, `$1${gap}`)
    .replace(/\bwww\./gi, (found) => `${found.slice(0, 3)}${gap}.`)
    .replace(/\bGH-(?=\d)/gi, (found) => `${found}${gap}`);
}

/** Text as code, on one line. */
export function code(text: string): string {
  const line = withoutReferences(oneLine(text)).trim();
  if (line === "") return "` `";
  const fence = "`".repeat(longestRun(line, "`") + 1);
  const space = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

/** Markdown in the cell of a table: a bar would end it, even in code. */
export function cell(markdown: string): string {
  return markdown.replace(/(?<!\\)\|/g, "\\|");
}

/**
 * A block of code, with a fence that nothing in it can end.
 * @param language of the highlighter; "" for none
 */
export function fenced(text: string, language: string): string {
  const body = withoutReferences(printable(text)).replace(/\n+$/, "");
  const fence = "`".repeat(Math.max(3, longestRun(body, "`") + 1));
  return `${fence}${language}\n${body}\n${fence}`;
}

/**
 * A part that a reader opens. Both services know the two elements; the blank lines make what is between them Markdown again.
 * @param summary of `htmlText`
 */
export function collapsible(summary: string, body: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** @param address of this project's own making; whatever could end the link is encoded */
export function link(text: string, address: string): string {
  const safe = address.replace(/[\s<>()[\]\\|`"']/g, (sign) => encodeURIComponent(sign).replace(/[()']/g, hex));
  return `[${prose(text)}](${safe})`;
}

function hex(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}

/**
 * Also in code: the Azure Boards app of GitHub and Azure DevOps' own mentions (`@<guid>`) read a comment's source.
 */
function withoutReferences(text: string): string {
  return text.replace(/\bAB#(?=\d)/gi, (found) => `${found}${gap}`).replace(/@(?=<[0-9a-f]{8}-)/gi, `@${gap}`);
}

/** Without what a terminal, a browser or an eye would take for something else: control and direction characters. */
function printable(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{C}\n\t]|[\u2028\u2029]/gu, (sign) => (sign === gap ? "" : "\ufffd"));
}

function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, " ");
}

function longestRun(text: string, sign: string): number {
  let longest = 0;
  for (let at = 0, run = 0; at < text.length; at++) {
    run = text[at] === sign ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** `1 resource`, `2 resources`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** Bytes of UTF-8: whatever a service counts, it is not more than that. */
export function sizeOf(text: string): number {
  return Buffer.byteLength(text);
}
