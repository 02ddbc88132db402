/** How a copied file of credentials is taken out of a Dockerfile: the RUNs that need it get it as a secret, at the same place. */
import type { Copy, CopySource } from "./copies";
import { installerOf } from "./installers";
import { addMount, guard, ownerOptions, prefix, removeCommand, removeInstruction } from "./mending";
import { namesFile } from "./removals";
import type { Script } from "./scripts";
import { baseName, programOf, type Command } from "./shell";
import type { Edit } from "./source";
import { commandsOf, type Run, type Subject } from "./subject";

/** Programs that read a netrc by themselves. */
const READERS = new Set(["git", "curl", "wget"]);
/** What is done to a file only because it is there. */
const CARE = new Set(["rm", "chmod", "chown", "shred", "unlink"]);

/**
 * All edits that replace a copied file by a mount of it.
 * @param place absolute path at which the copy lies.
 * @returns `undefined` where a use of the file cannot be mended for certain.
 */
export function planWithoutFile(
  subject: Subject,
  copy: Copy,
  source: CopySource,
  place: string,
  secret: "netrc" | "pip.conf",
): Edit[] | undefined {
  const removal = removeSource(subject, copy, source);
  if (removal === undefined || !/^[A-Za-z0-9._/-]+$/.test(place)) return undefined;
  const edits: Edit[] = [removal];
  let needed = false;
  for (const run of subject.runs.filter((candidate) => isBelow(candidate, copy))) {
    const needs = commandsOf(run).some(({ command }) => readsFile(command, secret));
    const cared = withoutCare(subject, run, place);
    if (cared === undefined) return undefined;
    edits.push(...cared);
    if (!needs) continue;
    const command = prefix(subject, run, [guard(secret, `test -s ${place}`)]);
    if (command === undefined || run.mounted.includes(place)) return undefined;
    edits.push(addMount(run, `type=secret,id=${secret},target=${place}${ownerOptions(run)},required=true`), ...command);
    needed = true;
  }
  // Without a RUN that takes it, it may be meant for the running container.
  return needed && !isTakenOn(subject, copy, place) ? edits : undefined;
}

function removeSource(subject: Subject, copy: Copy, source: CopySource): Edit | undefined {
  const { instruction } = copy;
  if (instruction.onbuild || instruction.documents.length > 0) return undefined;
  if (copy.sources.length === 1) return removeInstruction(subject, instruction);
  if (instruction.json !== undefined || !copy.destination.endsWith("/")) return undefined;
  const next = copy.sources[copy.sources.indexOf(source) + 1];
  const { text } = subject.dockerfile.source;
  const end = next?.start ?? source.end + (/^[ \t]*/.exec(text.slice(source.end))?.[0].length ?? 0);
  return /[\n#]/.test(text.slice(source.end, end)) ? undefined : { start: source.start, end, text: "" };
}

function isBelow(run: Run, copy: Copy): boolean {
  for (let stage: Run["stage"] | undefined = run.stage; stage !== undefined; stage = stage.parent) {
    if (stage === copy.stage) return run.instruction.start > copy.instruction.start;
  }
  return false;
}

function readsFile(command: Command, secret: "netrc" | "pip.conf"): boolean {
  return installerOf(command) !== undefined || (secret === "netrc" && READERS.has(programOf(command)));
}

/** A mounted file cannot be removed, and need not be: the commands that do so go. */
function withoutCare(subject: Subject, run: Run, place: string): Edit[] | undefined {
  const edits: Edit[] = [];
  for (const script of run.scripts) {
    const about = script.commands.filter((command) => mentionsFile(script, command, place));
    for (const command of about) {
      const operands = command.words.slice(1).filter(({ text }) => !text.startsWith("-"));
      const others = operands.filter(({ text }) => !namesFile(text, place));
      const program = programOf(command);
      if (
        !CARE.has(program) ||
        command.redirections.length > 0 ||
        run.instruction.onbuild ||
        run.instruction.json !== undefined
      )
        return undefined;
      const own = operands.filter(({ text }) => namesFile(text, place));
      if (others.length > (program === "chmod" || program === "chown" ? 1 : 0)) {
        for (const { start, end } of own)
          edits.push({
            start: script.joined.toFileEnd(wordBefore(script, start)),
            end: script.joined.toFileEnd(end),
            text: "",
          });
        continue;
      }
      const edit =
        script.commands.length === 1 && run.scripts.length === 1
          ? removeInstruction(subject, run.instruction)
          : removeCommand(script, command);
      if (edit === undefined) return undefined;
      edits.push(edit);
    }
  }
  return edits;
}

function wordBefore(script: Script, start: number): number {
  return script.joined.text.slice(0, start).trimEnd().length;
}

function mentionsFile(script: Script, command: Command, place: string): boolean {
  if (command.words.some(({ text }) => namesFile(text, place))) return true;
  return (
    script.joined.text.slice(command.start, command.end).includes(place) ||
    command.redirections.some(({ target }) => target !== undefined && namesFile(target.text, place))
  );
}

/** Whether a later COPY takes the file out of this stage. */
function isTakenOn(subject: Subject, copy: Copy, place: string): boolean {
  return subject.dockerfile.instructions.some(
    ({ keyword, start, arguments: { text } }) =>
      (keyword === "COPY" || keyword === "ADD") &&
      start > copy.instruction.start &&
      (text.includes(place) ||
        text.split(/\s+/).some((word) => baseName(word) === baseName(place) && word.startsWith("/"))),
  );
}
