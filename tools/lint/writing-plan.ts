/** How a RUN does without writing its netrc to a home folder: the tools are told of the file that is mounted. */
import { credentialFile } from "./names";
import { editableScript, removeCommand } from "./mending";
import { namesFile, removes } from "./removals";
import type { Script } from "./scripts";
import { programOf, type Command } from "./shell";
import type { Edit } from "./source";
import { installs, type Run, type Subject } from "./subject";

/** They look for a netrc in the home folder only. */
const HOME_ONLY = new Set(["git", "curl", "wget"]);
const CARE = new Set(["rm", "chmod", "chown"]);

/** Edits for a command that does nothing but copy a mounted netrc; `undefined` for any other, or where a tool needs the copy. */
export function planWithoutWriting(
  subject: Subject,
  run: Run,
  script: Script,
  command: Command,
  file: string,
): Edit[] | undefined {
  const mounted = copiedSecret(run, command);
  if (mounted === undefined || credentialFile(file)?.secret !== "netrc" || editableScript(run) !== script)
    return undefined;
  if (command.nested || !/^(?:&&|;|\n)$/.test(command.separator)) return undefined;
  if (script.commands.some((other) => HOME_ONLY.has(programOf(other)))) return undefined;
  const edits: Edit[] = [
    {
      start: script.joined.toFile(command.start),
      end: script.joined.toFileEnd(command.end),
      text: `export NETRC=${mounted}`,
    },
  ];
  for (const other of script.commands) {
    if (other === command || !mentions(script, other, file)) continue;
    const operands = other.words.slice(1).filter(({ text }) => !text.startsWith("-"));
    const allowed = programOf(other) === "rm" ? 0 : 1;
    const foreign = operands.filter(({ text }) => !namesFile(text, file)).length;
    const edit = CARE.has(programOf(other)) && foreign <= allowed ? removeCommand(script, other) : undefined;
    if (edit === undefined) return undefined;
    edits.push(edit);
  }
  // Without the file, a later RUN that removes it would find nothing, and one that installs would be refused.
  const removed = script.commands.some((other) => other !== command && removes(other, file));
  const later = subject.runs.some(
    (other) =>
      other.instruction.start > run.instruction.start &&
      ((!removed && other.secrets.length === 0 && installs(other)) ||
        other.scripts.some((one) => one.commands.some((each) => mentions(one, each, file)))),
  );
  return later ? undefined : edits;
}

function mentions(script: Script, command: Command, file: string): boolean {
  return (
    command.words.some(({ text }) => namesFile(text, file)) ||
    script.joined.text.slice(command.start, command.end).includes(file)
  );
}

/** Path of the mounted secret that `cp`, `install` or `cat >` copies, and nothing else. */
function copiedSecret(run: Run, command: Command): string | undefined {
  const operands = command.words.slice(1).map(({ text }) => text);
  const paths = run.secrets.flatMap(({ path }) => (path === undefined ? [] : [path]));
  const found = operands.filter((word) => paths.includes(word));
  const isCopy = ["cp", "install", "cat"].includes(programOf(command));
  return isCopy && found.length === 1 && command.assignments.length === 0 ? found[0] : undefined;
}
