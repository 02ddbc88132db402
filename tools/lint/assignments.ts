/** Variables and configuration that a script sets: `NAME=value command`, `export NAME=value`, `pip config set key value`. */
import type { Script } from "./scripts";
import { programOf, type Command } from "./shell";

/** A value that a script gives to a variable; offsets are into the script. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly start: number;
  readonly nameEnd: number;
  readonly end: number;
}

const DECLARATIONS = new Set(["export", "env", "declare", "readonly", "local", "sudo", "set"]);

export function settingsOf(script: Script, command: Command): Setting[] {
  const assigned = command.assignments.map(({ name, value, start, end }) => {
    return { name, value: value.text, start, nameEnd: start + name.length, end };
  });
  const words = DECLARATIONS.has(programOf(command)) ? command.words.slice(1) : [];
  const declared = words.flatMap(({ start, end, text }) => {
    const name = /^([A-Za-z_][A-Za-z0-9_]*)=/.exec(script.joined.text.slice(start, end))?.[1];
    return name === undefined
      ? []
      : [{ name, value: text.slice(name.length + 1), start, nameEnd: start + name.length, end }];
  });
  return [...assigned, ...declared];
}

/** `pip config set global.index-url X`: the key's last part, and where it lies. */
export function pipSetting(command: Command): { key: string; value: string; start: number; end: number } | undefined {
  const words = command.words;
  const at = words.findIndex(
    ({ text }, index) => text === "config" && words.slice(index + 1).some((word) => word.text === "set"),
  );
  if (at < 1 || !words.slice(0, at).some(({ text }) => /(?:^|\/)pip[0-9.]*$/.test(text))) return undefined;
  const set = words.findIndex(({ text }, index) => index > at && text === "set");
  const key = words[set + 1];
  const dot = key?.text.lastIndexOf(".") ?? -1;
  const value = words[set + 2];
  if (key === undefined || value === undefined) return undefined;
  return { key: key.text.slice(dot + 1), value: value.text, start: key.start + dot + 1, end: key.end };
}
