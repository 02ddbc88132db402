/** The page of troubleshooting is held to the sources: what it quotes is said there, and what is said there it has. */
import assert from "node:assert/strict";
import { messages, messagesOf, type Message } from "./messages";
import { readText } from "./pages";

const all = messages();

/** What stands in the first column of the page's tables of messages. */
function quoted(): readonly string[] {
  const page = readText("docs/troubleshooting.md");
  const tables = page.split(/\n(?=\| message\b)/).slice(1);
  return tables.flatMap((table) =>
    table
      .split(/\n(?!\|)/, 1)[0]!
      .split("\n")
      .slice(2)
      .map((row) => /^\| `(.+?)`\s*\|/.exec(row)?.[1] ?? `no message: ${row}`),
  );
}

/** Without marks of Markdown, which a message may have, too. */
const plain = (text: string): string => text.replaceAll("`", "");

/** Whether a quotation is the message or a part of it; what stands for values is the same sign in both. */
function isSaidBy(quotation: string, { text }: Message): boolean {
  return plain(text).includes(plain(quotation).replace(/…$/, "").trim());
}

/** Kinds whose cause lies outside of what the user wrote, so that the mend in the message may not be enough. */
const wanted = new Set(["log", "OutsideError", "RegistryError", "RestError", "RunError"]);

/**
 * Kinds that the page leaves to reference/messages.md, each with the reason. A kind that is new has to be put into one of
 * the two.
 */
const left: Readonly<Record<string, string>> = {
  Problem: "a mistake in a file: place and mend are in the message",
  UsageError: "wrong input: the mend is in the message",
  RefusalError: "what a team's stack and the platform do not agree on: both and the mend are in the message",
  InvalidArgumentError: "wrong input of an option: the message says what it takes",
  InvalidReferenceError: "wrong input: how to write it is in the message",
  FindingsError: "not a failure: the report above it has the findings",
  BrokenImageError: "an image that is damaged: the message says so, and there is one thing to do",
  MissingContentError: "the same",
  UnfinishedScanError: "the message names what was not looked at",
  RecipeError: "only by a program that makes components itself: property and mend are in the message",
  PipelineError: "the same",
  AppImageInputError: "only by a program that makes an AppImage: property and mend are in the message",
  Error: "a mistake in a program that uses the components: the message names the argument",
};

describe("docs/troubleshooting.md", () => {
  it("quotes only what the sources say", () => {
    assert.ok(quoted().length > 60, `only ${quoted().length}`);
    assert.deepEqual(
      quoted().filter((quotation) => !all.some((message) => isSaidBy(quotation, message))),
      [],
    );
  });

  it("has every error and warning that a run, a service or a look-up ends with", () => {
    const missing = all.filter(
      (message) => wanted.has(message.kind) && !quoted().some((quotation) => isSaidBy(quotation, message)),
    );
    assert.deepEqual(
      missing.map(({ file, text }) => `${file}: ${text}`),
      [],
    );
  });

  it("leaves out only kinds of messages that say all themselves", () => {
    const kinds = [...new Set(all.map(({ kind }) => kind))].sort();
    assert.deepEqual(
      kinds.filter((kind) => !wanted.has(kind) && left[kind] === undefined),
      [],
    );
  });
});

describe("the reading of messages", () => {
  const said = (source: string): string[] => messagesOf("x.ts", source).map(({ text, mend }) => `${text} | ${mend}`);

  it("finds errors with what is known only later, and alternatives", () => {
    assert.deepEqual(
      said("throw new UsageError(`${a} is ${b ? 'one kind' : 'two kinds'} of thing`, `mend ${c} now`)"),
      ["… is one kind of thing | mend … now", "… is two kinds of thing | mend … now"],
    );
    assert.deepEqual(
      said("const what = `the build of ${x} failed`; throw new OutsideError(what, [...a, 'try again'].join('\\n'))"),
      ["the build of … failed | … try again"],
    );
  });

  it("finds what scripts write into a log, with values in place of variables", () => {
    const script =
      'script(`\nfail \'it is not there\'\nfail "no recipe for \\$APP: add apps/\\$APP.yaml"\nmessage="waits for \\$BASE"\n`)';
    assert.deepEqual(said(script), ["it is not there | ", "no recipe for …: add apps/….yaml | ", "waits for … | "]);
  });

  it("finds the findings of rules, and no text that is no message", () => {
    assert.deepEqual(
      said("const rule = (t) => ({ message: `${quote(t)} is not a name`, mend: 'use letters' }); log('not a message')"),
      ["… is not a name | use letters"],
    );
  });
});
