/** Mends a Dockerfile that stays: what lint mends by itself, and what takes the pipeline and the other files to know. */
import { fixDockerfile } from "../lint/fix";
import type { Finding } from "../lint/finding";
import { indexOptions, installerOf } from "../lint/installers";
import {
  addMount,
  guard,
  INDEX_ARGUMENT,
  INDEX_VALUE,
  netrcFor,
  ownerOptions,
  prefix,
  removeProperty,
} from "../lint/mending";
import { copiesOf } from "../lint/copies";
import { programOf } from "../lint/shell";
import { applyEdits, type Edit } from "../lint/source";
import { commandsOf, subjectOf, type ContextFiles, type Run, type Subject } from "../lint/subject";
import { variablesIn } from "../lint/addresses";
import { usesOf } from "../lint/uses";
import type { Definition } from "../lint/variables";
import type { Reason, Remaining } from "./proposal";
import { offeredSecret, otherSecrets, type Note } from "./mend-secrets";
import { withoutSettings } from "./mend-settings";

export interface MendOptions {
  readonly file: string;
  readonly context: ContextFiles;
  /** Folder that the old build took as its context, `""` for the repository's root, which the new one takes. */
  readonly contextFolder: string;
  /** Variables that carried the feed's credentials: what the pipeline passed, and what sources' addresses name. */
  readonly credentials: ReadonlySet<string>;
}

export interface Mended {
  readonly text: string;
  readonly reasons: readonly Reason[];
  /** What lint still finds. */
  readonly left: readonly Finding[];
  /** What the old build gave it and the platform's does not. */
  readonly missing: readonly Remaining[];
}

/** Larger files are mended in a second run. */
const MOST = 200;

const FEED =
  "every install asks the platform's feed alone, with a netrc that is there while this RUN runs and in no layer";

export function mendDockerfile(before: string, options: MendOptions): Mended {
  const reasons: Reason[] = [];
  const note = (what: string, why: string) => {
    if (!reasons.some((one) => one.what === what)) reasons.push({ what, why });
  };
  const used = new Set(options.credentials);
  let text = repeated(before, (subject) => withoutSettings(subject, used, note));
  text = repeated(text, (subject) => offeredSecret(subject, note));
  const fixed = fixDockerfile(text, { file: options.file, context: options.context });
  for (const { rule, what, why } of fixed.fixed) note(`${what} (${rule})`, why);
  text = repeated(fixed.text, (subject) => ownAddress(subject, note));
  text = repeated(text, (subject) => fromFeed(subject, note));
  text = repeated(text, (subject) => unusedCredential(subject, used, note));
  text = repeated(text, declaredIndex);
  if (options.contextFolder !== "") {
    text = repeated(text, (subject) => prefixedSource(subject, options.contextFolder));
    note(
      `COPY names files from the repository's root: ${options.contextFolder}/…`,
      "the platform's builds take the whole repository as their context",
    );
  }
  const last = fixDockerfile(text, { file: options.file, context: options.context });
  for (const { rule, what, why } of last.fixed) note(`${what} (${rule})`, why);
  const missing = otherSecrets(subjectOf(last.text)).map(({ line, id }) => ({
    at: `${options.file}:${line}`,
    what: `the secret ${id} is none that the platform gives to builds`,
    todo: "the build stops there, or goes on without it: install from the feed what it was for, or do that in a pipeline of its own",
  }));
  return { text: last.text, reasons, left: last.left, missing };
}

/** One change at a time, as each moves the others' places; ends when there is none more. */
function repeated(text: string, next: (subject: Subject) => readonly Edit[] | undefined): string {
  let current = text;
  for (let round = 0; round < MOST; round++) {
    const edits = next(subjectOf(current));
    const after = edits === undefined ? undefined : applyEdits(current, edits);
    if (after === undefined || after === current) break;
    current = after;
  }
  return current;
}

/** The platform's feed in place of an address that is written out. */
function ownAddress(subject: Subject, note: Note): readonly Edit[] | undefined {
  for (const run of subject.runs) {
    for (const { script, command } of commandsOf(run)) {
      if (installerOf(command) === undefined || run.instruction.json !== undefined) continue;
      for (const { kind, value, flag } of indexOptions(command)) {
        if (kind === "trusted-host" || !/^https?:\/\//.test(value.text) || value.variables.length > 0) continue;
        note(
          `${flag} takes the address from INDEX_URL`,
          "the build is given the platform's feed there, without credentials",
        );
        return [
          { start: script.joined.toFile(value.start), end: script.joined.toFileEnd(value.end), text: INDEX_VALUE },
        ];
      }
    }
  }
  return undefined;
}

const VARIABLES: Readonly<Record<string, string>> = {
  pip: "PIP_INDEX_URL",
  uv: "UV_DEFAULT_INDEX",
  pipenv: "PIPENV_PYPI_MIRROR",
};

/** The feed and its credentials for a RUN that installs and has neither. */
function fromFeed(subject: Subject, note: Note): readonly Edit[] | undefined {
  for (const run of subject.runs) {
    if (run.secrets.length > 0) continue;
    const commands = commandsOf(run).map(({ command }) => command);
    const installing = commands.filter((command) => installerOf(command) !== undefined);
    if (installing.length === 0) continue;
    const exports = new Set(
      installing.flatMap((command) => {
        const name = VARIABLES[installerOf(command) ?? ""];
        const named = indexOptions(command).some(({ kind }) => kind !== "trusted-host");
        return name === undefined || named ? [] : [`${name}=${INDEX_VALUE}`];
      }),
    );
    const home = commands.some((command) => ["git", "curl", "wget"].includes(programOf(command)));
    const edits = home ? atHome(subject, run, [...exports]) : netrcFor(subject, run, [...exports]);
    if (edits === undefined) continue;
    note("RUNs that install take the feed's address from INDEX_URL and its credentials from the secret netrc", FEED);
    return edits;
  }
  return undefined;
}

/** For programs that look for a netrc in the home folder alone. */
function atHome(subject: Subject, run: Run, exports: readonly string[]): readonly Edit[] | undefined {
  const place = "/root/.netrc";
  const commands = [
    guard("netrc", `test -s ${place}`),
    ...(exports.length === 0 ? [] : [`export ${exports.join(" ")}`]),
  ];
  const edits = prefix(subject, run, commands);
  const mount = addMount(run, `type=secret,id=netrc,target=${place}${ownerOptions(run)},required=true`);
  return edits === undefined ? undefined : [mount, ...edits];
}

/** An ARG or ENV less that carried the feed's credential and that nothing reads any more. */
function unusedCredential(subject: Subject, used: ReadonlySet<string>, note: Note): readonly Edit[] | undefined {
  const { definitions } = subject.variables;
  const isGone = (one: Definition) =>
    isFeedCredential(subject, one, used) &&
    usesOf(subject, one).every((use) => use.as === "value" && use.definition !== one);
  for (const definition of definitions) {
    if (!isGone(definition) || usesOf(subject, definition).length > 0) continue;
    const edit = removeProperty(subject, definition.instruction, definition.property);
    if (edit === undefined) continue;
    note(
      `${definition.kind} ${definition.name} goes`,
      definition.kind === "ARG"
        ? "a build argument is in the image's history, in provenance and in exported caches, and builds all below anew when it changes"
        : "everyone who can pull the image can read its environment",
    );
    return [edit];
  }
  return undefined;
}

function isFeedCredential(subject: Subject, definition: Definition, used: ReadonlySet<string>): boolean {
  const { name } = definition;
  if (name === INDEX_ARGUMENT) return false;
  if (/^POETRY_HTTP_BASIC_\w+_(?:USERNAME|PASSWORD)$|^(?:PDM|UV_INDEX)_\w*(?:USERNAME|PASSWORD)$/.test(name))
    return true;
  return subject.variables.reason(definition) !== undefined && (used.has(name) || refersToUsed(definition, used));
}

function refersToUsed(definition: Definition, used: ReadonlySet<string>): boolean {
  return variablesIn(definition.value ?? "").some((name) => used.has(name));
}

/** `ARG INDEX_URL` before the first RUN of a stage that reads it. */
function declaredIndex(subject: Subject): readonly Edit[] | undefined {
  const { source } = subject.dockerfile;
  for (const { instruction, stage } of subject.runs) {
    const text = source.text.slice(instruction.start, instruction.end);
    if (!text.includes(`\${${INDEX_ARGUMENT}:`)) continue;
    if (subject.variables.visible(INDEX_ARGUMENT, stage, instruction.start) !== undefined) continue;
    const at = source.wholeLines(instruction.start, instruction.start).start;
    return [{ start: at, end: at, text: `ARG ${INDEX_ARGUMENT}${source.lineEnd}` }];
  }
  return undefined;
}

/** One source of a COPY more that is named from the repository's root. */
function prefixedSource(subject: Subject, folder: string): readonly Edit[] | undefined {
  for (const copy of copiesOf(subject.dockerfile.stages)) {
    if (copy.from !== undefined || copy.instruction.onbuild) continue;
    const edits = copy.sources.flatMap(({ path, start, end }): Edit[] => {
      if (/^[a-z]+:\/\/|^git@|^<<|\$/.test(path) || path === folder || path.startsWith(`${folder}/`)) return [];
      const plain = path.replace(/^(?:\.?\/)+/, "").replace(/^\.$/, "");
      const text = plain === "" ? `${folder}/` : `${folder}/${plain}`;
      return [{ start, end, text: copy.instruction.json === undefined ? text : JSON.stringify(text).slice(1, -1) }];
    });
    if (edits.length > 0) return edits;
  }
  return undefined;
}
