/** Secret mounts by names of the team's own: what the platform offers takes their place, as a build there gets no others. */
import { soleVariable, userParts, variablesIn } from "../lint/addresses";
import { settingsOf } from "../lint/assignments";
import { indexOptions } from "../lint/installers";
import { INDEX_VALUE, removeCommand } from "../lint/mending";
import { isIndexName } from "../lint/names";
import type { Script } from "../lint/scripts";
import { programOf, type Command } from "../lint/shell";
import type { Edit } from "../lint/source";
import { commandsOf, mentions, type Run, type SecretMount, type Subject } from "../lint/subject";

/** Ids of the secrets that a build of the platform has; a test holds them against what recipes render. */
export const OFFERED_SECRETS: readonly string[] = [
  "netrc",
  "pip.conf",
  "pip_index_url",
  "PIP_INDEX_URL",
  "PIP_EXTRA_INDEX_URL",
  "PIP_EXTRA_URL",
];

export type Note = (what: string, why: string) => void;

const WHY =
  "the platform's builds have netrc, pip.conf and pip_index_url, made for the feed in each run, and no others";

/** The next change for a RUN with such a mount. */
export function offeredSecret(subject: Subject, note: Note): readonly Edit[] | undefined {
  for (const run of subject.runs) {
    for (const secret of run.secrets) {
      if (OFFERED_SECRETS.includes(secret.id)) continue;
      const edits =
        byFile(subject, secret) ?? feedAddress(run) ?? readForNothing(run, secret) ?? byUse(subject, run, secret);
      if (edits === undefined) continue;
      note(`the secret ${secret.id} gives way to one that the platform offers`, WHY);
      return edits;
    }
  }
  return undefined;
}

/** Mounts of secrets that no build of the platform has; the RUN needs them for something else than the feed. */
export function otherSecrets(subject: Subject): { readonly line: number; readonly id: string }[] {
  return subject.runs.flatMap(({ secrets, instruction }) =>
    secrets
      .filter(({ id }) => !OFFERED_SECRETS.includes(id))
      .map(({ id }) => ({ line: subject.dockerfile.source.place(instruction.start).line, id })),
  );
}

/** A mount that lies where a netrc or pip's configuration lies is one. */
function byFile(subject: Subject, { flag, path }: SecretMount): readonly Edit[] | undefined {
  const id = /(?:^|\/)[._]?netrc$/.test(path ?? "")
    ? "netrc"
    : /(?:^|\/)pip\.(?:conf|ini)$/.test(path ?? "")
      ? "pip.conf"
      : undefined;
  return id === undefined ? undefined : [withId(subject, flag, id)];
}

function withId(subject: Subject, flag: SecretMount["flag"], id: string, target?: string): Edit {
  const text = subject.dockerfile.source.text.slice(flag.start, flag.end);
  const named = /([=,](?:id|source|src)=)[^,\s]+/;
  const renamed = named.test(text) ? text.replace(named, `$1${id}`) : `${text},id=${id}`;
  return { start: flag.start, end: flag.end, text: target === undefined ? renamed : `${renamed},target=${target}` };
}

/** The feed's address for one in which the secret is the user part. */
function feedAddress(run: Run): readonly Edit[] | undefined {
  for (const { script, command } of commandsOf(run)) {
    const place = [
      ...indexOptions(command)
        .filter(({ kind }) => kind !== "trusted-host")
        .map(({ value }) => ({ value: value.text, start: value.start, end: value.end })),
      ...settingsOf(script, command)
        .filter(({ name }) => isIndexName(name))
        .map(({ value, nameEnd, end }) => ({ value, start: nameEnd + 1, end })),
    ].find(({ value }) => userParts(value).length > 0);
    if (place === undefined) continue;
    const { joined } = script;
    return [{ start: joined.toFile(place.start), end: joined.toFileEnd(place.end), text: INDEX_VALUE }];
  }
  return undefined;
}

/** A secret that nothing uses any more: the command that read it goes, then the mount. */
function readForNothing(run: Run, secret: SecretMount): readonly Edit[] | undefined {
  for (const { script, command } of commandsOf(run)) {
    const names = onlySets(script, command);
    if (names === undefined || !readsIt(script.joined.text.slice(command.start, command.end), secret)) continue;
    const rest = script.joined.text.slice(0, command.start) + script.joined.text.slice(command.end);
    if (variablesIn(rest).some((name) => names.includes(name)) || names.some(isRead)) continue;
    // Those of its own substitutions go along with it.
    const commands = script.commands.filter(({ nested }) => !nested);
    const edit = removeCommand({ ...script, commands }, command);
    if (edit !== undefined) return [edit];
  }
  if (run.scripts.some(({ joined }) => readsIt(joined.text, secret))) return undefined;
  if (secret.variable !== undefined && isRead(secret.variable)) return undefined;
  return run.instruction.json === undefined && run.scripts.length > 0 ? [withoutFlag(run, secret)] : undefined;
}

/** Names that tools read by themselves: setting one is a use of its own. */
function isRead(name: string): boolean {
  return isIndexName(name) || /^(?:NETRC|PIP_|UV_|POETRY_|PDM_|TWINE_|GIT_)/.test(name);
}

/** The variables of a command that does nothing but set them. */
function onlySets(script: Script, command: Command): readonly string[] | undefined {
  if (command.nested || command.redirections.length > 0) return undefined;
  const settings = settingsOf(script, command);
  const words = command.words.length;
  const plain =
    words === 0 || (programOf(command) === "export" && words - 1 + command.assignments.length === settings.length);
  return plain && settings.length > 0 ? settings.map(({ name }) => name) : undefined;
}

function readsIt(text: string, { path, variable }: SecretMount): boolean {
  return (
    (path !== undefined && mentions(text, path)) || (variable !== undefined && variablesIn(text).includes(variable))
  );
}

function withoutFlag({ instruction }: Run, { flag }: SecretMount): Edit {
  const at = instruction.flags.indexOf(flag);
  const before = instruction.flags[at - 1]?.end ?? instruction.keywordEnd;
  return { start: before, end: flag.end, text: "" };
}

/** A secret that is the whole address of an index is what pip_index_url is. */
function byUse(subject: Subject, run: Run, { flag, path, variable }: SecretMount): readonly Edit[] | undefined {
  const given = new Map<string, string>();
  const values: string[] = [];
  for (const { script, command } of commandsOf(run)) {
    for (const { name, value } of settingsOf(script, command)) {
      given.set(name, value);
      if (isIndexName(name)) values.push(value);
    }
    for (const { kind, value } of indexOptions(command)) if (kind !== "trusted-host") values.push(value.text);
  }
  const isIt = (value: string): boolean => {
    const name = soleVariable(value);
    if (name !== undefined) return name === variable || (given.has(name) && isWhole(given.get(name) ?? ""));
    return isWhole(value);
  };
  const isWhole = (value: string) =>
    path !== undefined && /^(?:\$\([^()]*\)|`[^`]*`)$/.test(value.trim()) && mentions(value, path);
  if (!values.some(isIt) && !(variable !== undefined && isIndexName(variable))) return undefined;
  const implied = path !== undefined && !["target", "dst", "destination"].some((name) => flag.options.has(name));
  return [withId(subject, flag, "pip_index_url", implied ? path : undefined)];
}
