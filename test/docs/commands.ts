/** The commands that pages tell their readers to run: in blocks of shell, and between backquotes. */
import type { Page } from "./pages";

/** A command with where it stands. */
export interface Command {
  readonly place: string;
  readonly words: readonly string[];
}

const shells = /^(sh|bash|shell|console)$/;

/** Every command of a page's shell blocks, and what between backquotes begins with a program that is known here. */
export function commandsOf(page: Page): readonly Command[] {
  const blocks = page.fences.filter(({ language }) => shells.test(language));
  return [
    ...blocks.flatMap(({ place, text }) => commandsIn(text).map((words) => ({ place, words }))),
    ...page.codes
      .filter((text) => /^(npm|npx|wheelhouse|pulumi|node) /.test(text))
      .flatMap((text) => commandsIn(text).map((words) => ({ place: page.file, words }))),
  ];
}

/** The words of each command of a script: no expansion, comments gone, quotes kept together. */
export function commandsIn(script: string): readonly (readonly string[])[] {
  return script
    .replace(/\\\n/g, " ")
    .split("\n")
    .flatMap((line) => split(line))
    .filter((words) => words.length > 0);
}

function split(line: string): string[][] {
  const commands: string[][] = [[]];
  const token = /\s+|#.*$|&&|\|\||[|;&]|(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'|;&\\])+/gy;
  for (const [text] of line.matchAll(token)) {
    if (text.trim() === "" || text.startsWith("#")) continue;
    if (/^(&&|\|\||[|;&])$/.test(text)) commands.push([]);
    else commands.at(-1)?.push(text.replace(/(['"])(.*?)\1/g, "$2"));
  }
  return commands.map(withoutPrefix);
}

/** Without a prompt and without variables that are set for one command. */
function withoutPrefix(words: readonly string[]): string[] {
  const start = words.findIndex((word) => word !== "$" && !/^[A-Z_][A-Z0-9_]*=/.test(word));
  return start < 0 ? [] : words.slice(start);
}

const callers: readonly (readonly string[])[] = [
  ["wheelhouse"],
  ["npx", "--no-install", "wheelhouse"],
  ["npm", "run", "wheelhouse", "--"],
  ["node", "tools/dist/wheelhouse.cjs"],
  ["node", "tools/wheelhouse.cjs"],
];

/** What follows `wheelhouse`, in any of the ways in which it is called. */
export function argumentsOfWheelhouse(words: readonly string[]): readonly string[] | undefined {
  return after(callers, words);
}

/** What follows `npm run sandbox --`. */
export function argumentsOfSandbox(words: readonly string[]): readonly string[] | undefined {
  return after([["npm", "run", "sandbox", "--"]], words);
}

function after(callersOf: readonly (readonly string[])[], words: readonly string[]): readonly string[] | undefined {
  const caller = callersOf.find((one) => one.every((word, index) => words[index] === word));
  return caller === undefined ? undefined : words.slice(caller.length);
}
