/** Reads a shell script into its simple commands, tolerantly: any text gives commands, and none is run or expanded. */
import { ShellReader } from "./shell-reader";

export interface Variable {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface Word {
  /** Without quotes; variables and substitutions stay as they are written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The variables that the shell would expand here, those in single quotes not among them. */
  readonly variables: readonly Variable[];
}

export interface Redirection {
  /** Such as `>`, `>>`, `<`, `<<`, `<<-`, `<<<`, `>&`. */
  readonly operator: string;
  readonly target: Word | undefined;
  /** Content of a here-document. */
  readonly document: { readonly start: number; readonly end: number; readonly text: string } | undefined;
}

export interface Assignment {
  readonly name: string;
  readonly value: Word;
  readonly start: number;
  readonly end: number;
}

export interface Command {
  readonly assignments: readonly Assignment[];
  readonly words: readonly Word[];
  readonly redirections: readonly Redirection[];
  readonly start: number;
  readonly end: number;
  /** What stands behind it: `&&`, `||`, `;`, `|`, `&`, a line break or `""`. */
  readonly separator: string;
  /** Within `$(…)` or backticks: it is part of a word of another command. */
  readonly nested: boolean;
}

/** Commands in the order in which they end; those of a substitution come before the command they are part of. */
export function readShell(text: string): readonly Command[] {
  return new ShellReader(text).read();
}

/** The program that a command starts, without folders: `pip` of `/opt/venv/bin/pip`; `""` where there is none. */
export function programOf(command: Command): string {
  return baseName(command.words[0]?.text ?? "");
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
