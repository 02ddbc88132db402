/** A RUN that writes its secret into the build's log: echo, cat, env, or a shell that traces what it runs. */
import type { Report, Rule } from "../finding";
import type { Script } from "../scripts";
import { programOf, type Command } from "../shell";
import type { Edit } from "../source";
import { commandsOf, expandedWords, readsSecret, type Run } from "../subject";
import { removeCommand } from "../mending";

export const secretShown: Rule = {
  id: "secret-shown",
  severity: "error",
  about: "A RUN that shows its secret in the build's log.",
  check(subject) {
    return subject.runs.flatMap((run) => (run.secrets.length === 0 ? [] : inRun(run)));
  },
};

function inRun(run: Run): Report[] {
  const names = secretNames(run);
  return run.scripts.flatMap((script) => {
    const reads = (command: Command) => expands(run, script, command, names);
    const expanding = script.commands.some(reads);
    return script.commands.flatMap((command): Report[] => {
      const at = { start: script.joined.toFile(command.start), end: script.joined.toFileEnd(command.end) };
      if (expanding && isTracing(command)) return [tracing(at, withoutTracing(script, command))];
      return shows(run, command, reads(command)) ? [shown(at, programOf(command))] : [];
    });
  });
}

/** Variables that hold a secret: those of mounts, and those that a script reads one into. */
function secretNames(run: Run): Set<string> {
  const names = new Set(run.secrets.flatMap(({ variable }) => (variable === undefined ? [] : [variable])));
  for (const { command } of commandsOf(run)) {
    for (const { name, value } of command.assignments) {
      if (readsSecret(run, value.text) !== undefined && value.text.includes("$")) names.add(name);
    }
    for (const { text } of programOf(command) === "export" ? command.words : []) {
      const [name = ""] = text.split("=");
      if (text.includes("=$") && readsSecret(run, text) !== undefined) names.add(name);
    }
  }
  return names;
}

/** Whether the shell puts a secret into a command's words: by a variable or by `$(cat …)`. */
function expands(run: Run, script: Script, command: Command, names: ReadonlySet<string>): boolean {
  return expandedWords(command).some(
    ({ text, variables, start, end }) =>
      variables.some(({ name }) => names.has(name)) ||
      (/\$\(|`/.test(script.joined.text.slice(start, end)) && readsSecret(run, text) !== undefined),
  );
}

function isTracing({ words }: Command): boolean {
  const [program = "", ...rest] = words.map(({ text }) => text);
  if (program === "set")
    return rest.some(
      (word, index) => /^-[a-z]*x/.test(word) || (word === "xtrace" && /^-[a-z]*o$/.test(rest[index - 1] ?? "")),
    );
  return /(?:^|\/)(?:ba|da|z|k)?sh$/.test(program) && rest.some((word) => /^-[a-z]*x/.test(word));
}

/** `set -eu` of `set -eux`; the whole command where there is nothing else in it. */
function withoutTracing(script: Script, command: Command): Edit[] | undefined {
  const [program, word, ...more] = command.words;
  if (
    program?.text !== "set" ||
    word === undefined ||
    more.some(({ text }) => text === "xtrace" || /^-[a-z]*x/.test(text))
  )
    return undefined;
  if (word.text === "-x" && more.length === 0) {
    const edit = removeCommand(script, command);
    return edit === undefined ? undefined : [edit];
  }
  const rest = word.text.replace("x", "");
  if (!/^-[a-z]*x/.test(word.text) || rest === "-" || script.joined.text.slice(word.start, word.end) !== word.text)
    return undefined;
  return [{ start: script.joined.toFile(word.start), end: script.joined.toFileEnd(word.end), text: rest }];
}

/** Whether a command's own output, which goes to the log, has a secret. */
function shows(run: Run, command: Command, expanded: boolean): boolean {
  if (
    command.nested ||
    command.separator === "|" ||
    command.redirections.some(({ operator }) => /^&?>>?\|?$/.test(operator))
  )
    return false;
  const words = command.words.map(({ text }) => text);
  const program = programOf(command);
  switch (program) {
    case "echo":
    case "printf":
      return expanded;
    case "cat":
    case "head":
    case "tail":
    case "base64":
    case "od":
    case "xxd":
      return words.slice(1).some((word) => readsSecret(run, word) !== undefined);
    case "env":
    case "printenv":
      return (
        run.secrets.some(({ variable }) => variable !== undefined) && (words.length === 1 || program === "printenv")
      );
    case "set":
      return words.length === 1 && run.secrets.some(({ variable }) => variable !== undefined);
    case "pip":
    case "pip3":
      return (
        words[1] === "config" &&
        /^(?:list|get|debug)$/.test(words[2] ?? "") &&
        run.secrets.some(({ path }) => (path ?? "").endsWith("pip.conf"))
      );
    default:
      return false;
  }
}

const WHY = "The log of a build is kept, and is read by more people than those who have the secret.";

function shown(at: { start: number; end: number }, program: string): Report {
  return {
    ...at,
    what: `${program} writes the secret into the build's log`,
    why: WHY,
    mend: "Take it out; to see that the secret is there, test -s its file.",
  };
}

function tracing(at: { start: number; end: number }, fix: Edit[] | undefined): Report {
  return {
    ...at,
    what: "the shell writes each command with the secret that is put into it to the build's log",
    why: WHY,
    mend: "Take the x out.",
    fix,
  };
}
