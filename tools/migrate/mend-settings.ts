/** Takes out of a Dockerfile what told installers and git of indexes and credentials: commands, copied files, variables. */
import { userParts, variablesIn } from "../lint/addresses";
import { copiesOf } from "../lint/copies";
import { removeCommand, removeInstruction, removeProperty } from "../lint/mending";
import { isIndexName } from "../lint/names";
import { programOf, type Command } from "../lint/shell";
import type { Edit } from "../lint/source";
import { commandsOf, type Run, type Subject } from "../lint/subject";
import type { Note } from "./mend-secrets";
import { aboutCredentialFiles, isIndexFile, writesIndexSettings } from "./run-commands";

/** A command less that only told an installer of an index or a credential; a COPY less of such a file. */
export function withoutSettings(subject: Subject, used: Set<string>, note: Note): readonly Edit[] | undefined {
  for (const run of subject.runs) {
    const found = commandsOf(run).filter(({ command }) => !command.nested);
    const settings = found.filter(({ command }) => isSetting(run, command) || isGitAddress(command));
    const [first] = settings;
    if (first === undefined) continue;
    const whole = found.length === settings.length;
    const { script, command } = first;
    const edit = whole ? removeInstruction(subject, run.instruction) : removeCommand(script, command);
    if (edit === undefined) continue;
    const source = whole ? run.instruction.whole.text : script.joined.text.slice(command.start, command.end);
    for (const name of variablesIn(source)) used.add(name);
    if (isGitAddress(command)) {
      note(
        "no RUN gives git a credential any more",
        "it stays in git's configuration in the layer; the build's netrc is for the feed, so what git fetched is to be a package there",
      );
    } else if (found.some(({ command: one }) => writesIndexSettings(one))) {
      note(
        "no RUN writes an index or a credential into a file any more",
        "the file stays in the layer of that RUN, whatever a later one removes",
      );
    }
    return [edit];
  }
  for (const copy of copiesOf(subject.dockerfile.stages)) {
    // lint puts a netrc that is copied in where it lay; these two have no use but for installers.
    const settings =
      copy.from === undefined && copy.sources.every(({ path }) => isIndexFile(path) && !path.endsWith("netrc"));
    const edit = settings ? removeInstruction(subject, copy.instruction) : undefined;
    if (edit === undefined) continue;
    note(
      `${copy.instruction.keyword} ${copy.sources.map(({ path }) => path).join(" ")} goes`,
      "a file that is copied in is in a layer of the image; removing it later does not change that",
    );
    return [edit];
  }
  return withoutVariable(subject, used, note);
}

/** An ENV less, or a default of an ARG, that names an index by its address: each install is told of the feed itself. */
function withoutVariable(subject: Subject, used: Set<string>, note: Note): readonly Edit[] | undefined {
  for (const { kind, name, value = "", instruction, property } of subject.variables.definitions) {
    if (!isIndexName(name) || !/^https?:\/\//.test(value)) continue;
    // What reads it by its name is not known to install, and would stand there without it.
    const read = subject.runs.some(({ scripts }) =>
      scripts.some(({ joined }) => variablesIn(joined.text).includes(name)),
    );
    const edit = read ? undefined : removeProperty(subject, instruction, property);
    if (edit === undefined) continue;
    for (const variable of variablesIn(value)) used.add(variable);
    note(
      `${kind} ${name} goes`,
      "every install asks the platform's feed, whose address comes with each build; one that is written out with a credential is in the image's configuration and history",
    );
    return [edit];
  }
  return undefined;
}

/** `git config --global url."https://${PAT}@host".insteadOf https://host`: the credential is in git's configuration, in the layer. */
function isGitAddress(command: Command): boolean {
  const words = command.words.map(({ text }) => text);
  return (
    programOf(command) === "git" &&
    words.includes("config") &&
    words.some((word) => /^url\..*\.(?:insteadof|pushinsteadof)$/i.test(word) && userParts(word).length > 0)
  );
}

/** Of a RUN that writes such a file itself; one with a mounted secret is lint's. */
function isSetting(run: Run, command: Parameters<typeof writesIndexSettings>[0]): boolean {
  // Credentials of a code host are for git, and no feed's netrc has them.
  if (
    run.secrets.length > 0 ||
    /machine\s+(?:\S+\.)?(?:github\.com|gitlab\.com|bitbucket\.org)\b/.test(run.instruction.whole.text)
  )
    return false;
  return (
    writesIndexSettings(command) ||
    (aboutCredentialFiles(command) &&
      command.words.some(({ text }) => /pip|pypirc|auth\.toml/.test(text) || isIndexFile(text)) &&
      !removesCopied(run))
  );
}

/** Whether a netrc was copied in: lint's plan for it takes its removal out, too. */
function removesCopied(run: Run): boolean {
  return run.stage.instructions.some(
    ({ keyword, arguments: { text } }) =>
      keyword === "COPY" && text.includes("netrc") && run.instruction.whole.text.includes("netrc"),
  );
}
