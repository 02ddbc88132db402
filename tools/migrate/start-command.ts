/** What a Dockerfile's image starts, and what tells whether it is healthy, in the words of a specification. */
import type { Instruction, Stage } from "../lint/dockerfile";
import { baseName, readShell } from "../lint/shell";

/** Words of a command; `undefined` where a shell does more than start it. */
export function commandWords(instruction: Instruction): readonly string[] | undefined {
  if (instruction.json !== undefined) {
    const words = instruction.json.map(({ value }) => value);
    const isShell = /(?:^|\/)(?:ba|da)?sh$/.test(words[0] ?? "") && /^-[a-z]*c$/.test(words[1] ?? "");
    return isShell && words.length === 3 ? shellWords(words[2] ?? "") : words;
  }
  return shellWords(instruction.whole.text);
}

function shellWords(text: string): readonly string[] | undefined {
  const commands = readShell(text);
  const [command] = commands;
  const plain =
    commands.length === 1 &&
    command?.assignments.length === 0 &&
    command.redirections.length === 0 &&
    command.words.every(({ text: word, variables }) => variables.length === 0 && !/[$`*?]/.test(word));
  return plain ? command.words.map((word) => word.text) : undefined;
}

/** A last stage after those of this file that it is built on. */
export function chainOf(last: Stage): Stage[] {
  const stages: Stage[] = [];
  for (let stage: Stage | undefined = last; stage !== undefined && !stages.includes(stage); stage = stage.parent) {
    stages.unshift(stage);
  }
  return stages;
}

export interface Start {
  readonly line: number;
  /** As it is written. */
  readonly text: string;
  /** ENTRYPOINT with CMD; `undefined` where a shell does more than start it. */
  readonly words: readonly string[] | undefined;
}

/** @param lineOf line of an instruction. */
export function startOf(stages: readonly Stage[], lineOf: (instruction: Instruction) => number): Start | undefined {
  const all = stages.flatMap(({ instructions }) => instructions).filter(({ onbuild }) => !onbuild);
  const entrypoint = all.findLast(({ keyword }) => keyword === "ENTRYPOINT");
  const command = all.findLast(({ keyword }) => keyword === "CMD");
  const first = entrypoint ?? command;
  if (first === undefined) return undefined;
  const parts = [entrypoint, command].filter((one) => one !== undefined);
  const words = parts.map(commandWords);
  const text = parts.map((one) => `${one.keyword} ${one.arguments.text.trim()}`).join(", ");
  return { line: lineOf(first), text, words: words.every((one) => one !== undefined) ? words.flat() : undefined };
}

/** The console script that the words start, and nothing more. @param targets what each script calls, such as `orders.api:main`. */
export function startedScript(
  words: readonly string[],
  scripts: readonly string[],
  targets: ReadonlyMap<string, string>,
): string | undefined {
  const bare = withoutRunner(words);
  const [first = "", ...rest] = bare;
  const script = scripts.find((name) => name === baseName(first));
  if (script !== undefined && rest.length === 0) return script;
  const isModule = /^python[0-9.]*$/.test(baseName(first)) && bare.length === 3 && bare[1] === "-m";
  // `python -m orders` runs orders/__main__.py, and a script may call that file's function.
  return isModule ? scripts.find((name) => targets.get(name)?.startsWith(`${bare[2] ?? ""}.__main__:`)) : undefined;
}

function withoutRunner(words: readonly string[]): readonly string[] {
  if (words[0] === "exec") return withoutRunner(words.slice(1));
  const runs = ["poetry", "pdm", "uv", "pipenv"].includes(baseName(words[0] ?? "")) && words[1] === "run";
  return runs ? withoutRunner(words.slice(2)) : words;
}

export interface Health {
  readonly command: readonly string[];
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly retries?: number;
}

/** `"none"`: the image has none; `undefined`: it cannot be said as a list of words. */
export function healthOf(instruction: Instruction): Health | "none" | undefined {
  const { text } = instruction.arguments;
  if (/^NONE\b/i.test(text)) return "none";
  const isJson = /^CMD\s*(\[[\s\S]*\])\s*$/i.exec(text)?.[1];
  const command = isJson === undefined ? shellWords(text.replace(/^CMD\s+/i, "")) : jsonWords(isJson);
  if (command === undefined || command.length === 0) return undefined;
  const flag = (name: string) => instruction.flags.find((one) => one.name === name)?.value;
  const times = { interval: "interval", timeout: "timeout", startPeriod: "start-period" } as const;
  const found: Record<string, number> = {};
  for (const [key, name] of Object.entries(times)) {
    const value = flag(name);
    if (value === undefined) continue;
    const given = seconds(value);
    if (given === undefined) return undefined;
    found[key] = given;
  }
  const retries = flag("retries");
  if (retries !== undefined) found.retries = Number(retries);
  return { command, ...found };
}

function jsonWords(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((word) => typeof word === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whole seconds of `1m30s`. */
function seconds(text: string): number | undefined {
  const match = /^(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?$/.exec(text);
  if (match === null || text === "") return undefined;
  const parts: readonly (string | undefined)[] = match.slice(1);
  const [hours = 0, minutes = 0, rest = 0] = parts.map((part = "0") => Number(part));
  return hours * 3600 + minutes * 60 + rest;
}
