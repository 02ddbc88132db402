/** Every message that a user can meet, read from the sources that say it: where it is said, its words and its mend. */
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import ts from "typescript";
import { root } from "./pages";
import { alternatives, isWords, textsOf } from "./message-texts";

/** What says it: a type of error, `Problem` for a mistake in a spec or setting, or a line of a run's log. */
export type Kind = string;

export interface Message {
  /** Relative to the root. */
  readonly file: string;
  readonly kind: Kind;
  /** With `…` for what is known only when it happens. */
  readonly text: string;
  /** "" where the message says all. */
  readonly mend: string;
}

const rooms = ["spec", "recipes", "pipelines", "components", "tools", "policy", "provider"];

/** Errors of the language, and those that say no words of their own. */
const wordless = new Set(["SyntaxError", "RangeError", "TypeError", "InterruptedError", "SpecError"]);

/** Calls that make a problem of what they are given last: what is wrong, and how to mend it. */
const problemCalls = new Set(["refuse", "found", "wholeFile", "at", "configProblem", "misspelt", "atText"]);

/** In the order of files and lines; the same words of one file once. */
export function messages(): readonly Message[] {
  return rooms.flatMap((room) => sourcesOf(room)).flatMap(messagesIn);
}

function sourcesOf(room: string): string[] {
  try {
    return readdirSync(path.join(root, room), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !/(^|\/)(node_modules|dist)\//.test(file))
      .map((file) => `${room}/${file}`)
      .sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

function messagesIn(file: string): Message[] {
  return messagesOf(file, readFileSync(path.join(root, file), "utf8"));
}

/** Exported for tests of the reading itself. */
export function messagesOf(file: string, text: string): Message[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found = new Map<string, Message>();
  const add = (kind: Kind, words: readonly string[], mends: readonly string[]): void => {
    const mend = mends.filter((one) => one !== "" && one !== "…").join(" / ");
    for (const one of words.filter(isWords)) found.set(`${one}|${mend}`, { file, kind, text: one, mend });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node)) readError(node, add);
    else if (ts.isCallExpression(node)) readProblemCall(node, add);
    else if (ts.isObjectLiteralExpression(node)) readObject(node, add);
    else if (ts.isArrayLiteralExpression(node)) readPair(node, add);
    else if (isText(node)) readLog(alternatives(node), add);
    else if (ts.isReturnStatement(node)) readExplanation(node, add);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found.values()];
}

type Add = (kind: Kind, words: readonly string[], mends: readonly string[]) => void;

function isText(node: ts.Node): node is ts.StringLiteralLike | ts.TemplateExpression {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

function readError(node: ts.NewExpression, add: Add): void {
  const callee = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression;
  const kind = callee.getText();
  if (!kind.endsWith("Error") || wordless.has(kind)) return;
  const [first = [], second = [], third = []] = (node.arguments ?? []).map(textsOf);
  switch (kind) {
    case "PipelineError":
    case "RecipeError":
      add(kind, [`…: … cannot stand in a ${kind === "RecipeError" ? "recipe" : "pipeline"}.`], third);
      break;
    case "AppImageInputError":
      add(
        kind,
        second.map((why) => `AppImage: ${first[0] ?? "…"} ${why}`),
        third,
      );
      break;
    default:
      add(kind, first, second);
  }
}

function readProblemCall(node: ts.CallExpression, add: Add): void {
  const callee = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression;
  if (!problemCalls.has(callee.getText())) return;
  const given = node.arguments.map(textsOf);
  const [words = [], mends = []] = given.slice(-2);
  add("Problem", words, mends);
}

function readObject(node: ts.ObjectLiteralExpression, add: Add): void {
  const property = (from: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined =>
    from.properties.filter(ts.isPropertyAssignment).find((one) => one.name.getText() === name)?.initializer;
  const failure = property(node, "failure");
  if (failure !== undefined) add("log", textsOf(failure).map(withoutShell), []);
  const message = property(node, "message");
  if (message === undefined) return;
  const inner = property(node, "params");
  const mend = property(inner !== undefined && ts.isObjectLiteralExpression(inner) ? inner : node, "mend");
  const named = node.properties.some((one) => one.name?.getText() === "mend");
  if (mend !== undefined || named) add("Problem", textsOf(message), mend === undefined ? [] : textsOf(mend));
}

/** A pair of what is wrong and its mend, in a function that returns one. */
function readPair(node: ts.ArrayLiteralExpression, add: Add): void {
  const [words, mend, ...others] = node.elements;
  if (words === undefined || mend === undefined || others.length > 0) return;
  const maker = ts.findAncestor(node, ts.isFunctionDeclaration);
  if (maker?.type?.getText() === "[string, string]") add("Problem", textsOf(words), textsOf(mend));
}

/** What a service's answer means: the functions `explain` and `mendOf` say it, and an error is made of it elsewhere. */
function readExplanation(node: ts.ReturnStatement, add: Add): void {
  const maker = ts.findAncestor(node, ts.isFunctionDeclaration)?.name?.text;
  if (node.expression === undefined) return;
  if (maker === "explain") add("RestError", textsOf(node.expression), []);
  if (maker === "mendOf")
    for (const mend of textsOf(node.expression)) add("RegistryError", ["cannot …: … answered …"], [mend]);
}

/** Lines that a script writes into a run's log: by `fail`, as `$message`, or as they are. */
function readLog(texts: readonly string[], add: Add): void {
  for (const text of texts) {
    const said = [
      ...text.matchAll(/\bfail '([^']+)'|\bfail "((?:[^"\\]|\\.)+)"|^message="([^"]+)"/gm),
      ...text.matchAll(/\becho "(wheelhouse: [^"]+)"|\bprint\(f?"(wheelhouse: [^"]+)"\)/g),
      ...text.matchAll(/##vso\[task\.logissue type=\w+;?\]%s\\n' '([^']+)'/g),
      ...text.matchAll(/##vso\[task\.logissue type=\w+;?\](?!%s)([^\n]+)/g),
    ];
    for (const [, ...groups] of said) {
      const words = groups.join("");
      if (words !== "$message") add("log", [withoutShell(words)], []);
    }
  }
}

/** A line of shell as its reader sees it: values in place of variables. */
function withoutShell(text: string): string {
  return text
    .replace(/\$\([^)]*\)|\$?\{[^}]*\}|\$(?:[A-Za-z_]\w*|\d)/g, "…")
    .replace(/\\(.)/g, "$1")
    .trim();
}
