/** Edits of a Dockerfile that rules are put together from: a mount more, a command before the others, a line less. */
import type { Instruction, PropertyPart, Stage } from "./dockerfile";
import { indexOptions, type IndexOption } from "./installers";
import type { Script } from "./scripts";
import type { Command } from "./shell";
import type { Edit } from "./source";
import type { Run, Subject } from "./subject";

/** Where a secret's file is while a RUN runs that takes it from there. */
export const NETRC = "/run/secrets/netrc";
const INDENT = "    ";
/** The index that takes the place of one that came with credentials; Wheelhouse gives it to every build. */
export const INDEX_ARGUMENT = "INDEX_URL";
export const INDEX_VALUE = `"\${${INDEX_ARGUMENT}:?is empty}"`;

/** Stops a RUN whose secret is there and empty. */
export function guard(id: string, test: string): string {
  return `${test} || { echo "the secret ${id.replace(/[^A-Za-z0-9._-]/g, "?")} is empty" >&2; exit 1; }`;
}

/** The one script of a RUN that commands can be put before; `undefined` where there is none, or its shell is not a POSIX one. */
export function editableScript(run: Run): Script | undefined {
  const script = run.scripts[0];
  const single = run.scripts.length === 1 && script?.editable === true && script.joined.text.trim() !== "";
  return single && !run.instruction.onbuild && usesShell(run) ? script : undefined;
}

function usesShell(run: Run): boolean {
  let before = run.instruction.start;
  for (let stage: Stage | undefined = run.stage; stage !== undefined; stage = stage.parent) {
    const shell = stage.instructions.findLast(({ keyword, start }) => keyword === "SHELL" && start < before);
    if (shell !== undefined) return /(?:^|\/)(?:ba|da|a|z|k)?sh$/.test(shell.json?.[0]?.value ?? "");
    before = Number.POSITIVE_INFINITY;
  }
  return true;
}

/** Commands that run before all others of a RUN; each is a line of its own. */
export function prefix(subject: Subject, run: Run, commands: readonly string[]): Edit[] | undefined {
  const script = editableScript(run);
  if (script === undefined) return undefined;
  if (commands.length === 0) return [];
  const { source, escape } = subject.dockerfile;
  const feed = source.lineEnd;
  if (script.lines) {
    const shebang = /^#![^\n]*(?:\n|$)/.exec(script.joined.text)?.[0].length ?? 0;
    const at = script.joined.toFile(shebang);
    return [{ start: at, end: at, text: commands.map((command) => command + feed).join("") }];
  }
  const start = script.joined.toFile(0);
  const before = run.instruction.flags.at(-1)?.end ?? run.instruction.keywordEnd;
  const lines = commands.map((command) => `${command}; ${escape}${feed}${INDENT}`).join("");
  return /^[ \t]*$/.test(source.text.slice(before, start))
    ? [{ start: before, end: start, text: ` ${escape}${feed}${INDENT}${lines}` }]
    : [{ start, end: start, text: lines }];
}

/** A flag more, right behind the keyword. */
export function addMount(run: Run, options: string): Edit {
  const at = run.instruction.keywordEnd;
  return { start: at, end: at, text: ` --mount=${options}` };
}

/** Options that let the account read a secret that RUNs of this place run as; BuildKit's default is root alone. */
export function ownerOptions(run: Run): string {
  let before = run.instruction.start;
  for (let stage: Stage | undefined = run.stage; stage !== undefined; stage = stage.parent) {
    const user = stage.instructions.findLast(({ keyword, start }) => keyword === "USER" && start < before);
    if (user !== undefined) return ownerOf(user.arguments.text.trim().replace(/["']/g, "").split(":")[0] ?? "");
    before = Number.POSITIVE_INFINITY;
  }
  return "";
}

function ownerOf(user: string): string {
  if (user === "root" || user === "0") return "";
  // The number behind a name is not known here: everyone may read it, in this one RUN.
  return /^[0-9]+$/.test(user) ? `,uid=${user}` : ",mode=0444";
}

/** Credentials for one RUN as a netrc, of which pip, uv and all that use Python's requests learn by a variable. */
export function netrcFor(subject: Subject, run: Run, exports: readonly string[] = []): Edit[] | undefined {
  const has = run.secrets.find(({ path, id }) => path !== undefined && (id === "netrc" || path.endsWith("netrc")));
  const path = has?.path ?? NETRC;
  const variables = [...(path === "/root/.netrc" ? [] : [`NETRC=${path}`]), ...exports];
  const known = run.scripts.some(({ joined }) => joined.text.includes(`NETRC=${path}`));
  const commands = [
    ...(has === undefined ? [guard("netrc", `test -s ${path}`)] : []),
    ...(known && exports.length === 0 ? [] : variables.length === 0 ? [] : [`export ${variables.join(" ")}`]),
  ];
  const edits = prefix(subject, run, commands);
  if (edits === undefined) return undefined;
  return has === undefined
    ? [addMount(run, `type=secret,id=netrc,target=${path}${ownerOptions(run)},required=true`), ...edits]
    : edits;
}

/** The instruction with its lines; `undefined` where something else stands in them. */
export function removeInstruction(subject: Subject, instruction: Instruction): Edit | undefined {
  if (instruction.onbuild) return undefined;
  const { source } = subject.dockerfile;
  return { ...source.wholeLines(instruction.start, instruction.end), text: "" };
}

/** One `NAME=value` less; the whole instruction where it is the only one. */
export function removeProperty(subject: Subject, instruction: Instruction, property: PropertyPart): Edit | undefined {
  if (instruction.properties.length === 1) return removeInstruction(subject, instruction);
  const at = instruction.properties.indexOf(property);
  const before = instruction.properties[at - 1];
  const next = instruction.properties[at + 1];
  const start = before?.end ?? property.start;
  const end = before === undefined ? (next?.start ?? property.end) : property.end;
  const text = subject.dockerfile.source.text.slice(start, end);
  // A comment between them would be lost.
  return instruction.onbuild || /^[ \t]*#/m.test(text) ? undefined : { start, end, text: "" };
}

/** A command less, with the operator that joins it; `undefined` where that would change what the others do. */
export function removeCommand(script: Script, command: Command): Edit | undefined {
  const { commands, joined } = script;
  const at = commands.indexOf(command);
  const before = commands[at - 1];
  const next = commands[at + 1];
  const joins = (separator: string | undefined) => separator === "&&" || separator === ";" || separator === "\n";
  if (
    before !== undefined &&
    !before.nested &&
    joins(before.separator) &&
    (joins(command.separator) || command.separator === "")
  ) {
    const between = joined.text.slice(before.end, command.start);
    if (!/^\s*(?:&&|;|\n)\s*$/.test(between)) return undefined;
    return { start: joined.toFileEnd(before.end), end: joined.toFileEnd(command.end), text: "" };
  }
  if (before === undefined && next !== undefined && !next.nested && joins(command.separator)) {
    const between = joined.text.slice(command.end, next.start);
    if (!/^\s*(?:&&|;|\n)\s*$/.test(between) || joined.text.slice(0, command.start).trim() !== "") return undefined;
    return { start: joined.toFile(command.start), end: joined.toFile(next.start), text: "" };
  }
  return undefined;
}

/** An option less, with the space before it. */
function removeOption(script: Script, option: IndexOption): Edit {
  const { joined } = script;
  const blank = joined.text.slice(0, option.flagStart).trimEnd().length;
  return { start: joined.toFileEnd(blank), end: joined.toFileEnd(option.end), text: "" };
}

/** Makes an index option the only one of its command, with another value where one is given. */
export function onlyIndex(script: Script, command: Command, option: IndexOption, value?: string): Edit[] | undefined {
  const others = indexOptions(command).filter(
    (other) => other.flagStart !== option.flagStart && other.kind !== "trusted-host",
  );
  if (others.some((other) => other.kind === "extra")) return undefined;
  const { joined } = script;
  const flag = option.flag === "--extra-index-url" ? "--index-url" : option.flag;
  const edits = others.map((other) => removeOption(script, other));
  edits.push({ start: joined.toFile(option.flagStart), end: joined.toFileEnd(option.flagEnd), text: flag });
  if (value !== undefined) {
    edits.push({ start: joined.toFile(option.value.start), end: joined.toFileEnd(option.value.end), text: value });
  }
  return edits;
}

export { removeOption };
