/** The shell scripts that a RUN holds: its arguments, its here-documents, or the script of its JSON form. */
import type { Instruction } from "./dockerfile";
import { Joined } from "./joined";
import { programOf, readShell, type Command } from "./shell";

export interface Script {
  readonly joined: Joined;
  readonly commands: readonly Command[];
  /** Whether commands can be put before it: not in JSON, and not in a document that is only one command's input. */
  readonly editable: boolean;
  /** Lines of their own, as in a here-document; otherwise lines are continued by the escape character. */
  readonly lines: boolean;
}

const SHELLS = new Set(["sh", "bash", "ash", "dash", "ksh", "zsh"]);

/** Scripts in the order of the file; none of one in another language, such as Python. */
export function scriptsOf(instruction: Instruction): readonly Script[] {
  if (instruction.json !== undefined) return jsonScripts(instruction.json);
  if (instruction.documents.length > 0 && onlyDocuments(instruction.arguments.text)) {
    return instruction.documents.flatMap(({ content }) =>
      isShell(content.text) ? [scriptOf(content, true, true)] : [],
    );
  }
  const outer = scriptOf(instruction.whole, true, false);
  return [outer, ...inputScripts(outer)];
}

function scriptOf(joined: Joined, editable: boolean, lines: boolean): Script {
  return { joined, commands: readShell(joined.text), editable, lines };
}

function onlyDocuments(text: string): boolean {
  return /^\s*(?:[0-9]*<<-?(?:"[^"]*"|'[^']*'|[^\s<]+)\s*)+$/.test(text.slice(0, 2000));
}

/** Without a first line `#!…` the stage's shell runs it. */
function isShell(text: string): boolean {
  const program = /^\s*#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(text.slice(0, 300));
  if (program === null) return true;
  const name = (program[1] ?? "").endsWith("/env") ? program[2] : program[1];
  return SHELLS.has((name ?? "").replace(/^.*\//, ""));
}

/** Documents that a shell reads as its input: `bash -e <<EOF`. */
function inputScripts(outer: Script): Script[] {
  return outer.commands.flatMap((command) =>
    SHELLS.has(programOf(command))
      ? command.redirections.flatMap(({ document }) =>
          document === undefined ? [] : [scriptOf(outer.joined.slice(document.start, document.end), false, true)],
        )
      : [],
  );
}

function jsonScripts(json: NonNullable<Instruction["json"]>): Script[] {
  const script = json.findIndex(({ value }) => /^-[a-z]*c$/.test(value));
  const inner = json[script + 1];
  if (script > 0 && inner !== undefined && SHELLS.has((json[0]?.value ?? "").replace(/^.*\//, ""))) {
    return [scriptOf(inner.content, false, false)];
  }
  return [plainCommand(json)];
}

/** A program and its arguments, without a shell: nothing in them is expanded. */
function plainCommand(json: NonNullable<Instruction["json"]>): Script {
  const space = (end: number) => new Joined(" ", [end], end);
  let joined = new Joined("", [], 0);
  const words = json.map(({ value, content }) => {
    const start = joined.text.length === 0 ? 0 : joined.text.length + 1;
    joined =
      joined.text.length === 0 ? content : Joined.concat(Joined.concat(joined, space(content.toFile(0))), content);
    return { text: value, start, end: start + value.length, variables: [] };
  });
  const command = {
    assignments: [],
    words,
    redirections: [],
    start: 0,
    end: joined.text.length,
    separator: "",
    nested: false,
  };
  return { joined, commands: words.length === 0 ? [] : [command], editable: false, lines: false };
}
