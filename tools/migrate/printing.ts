/** A proposal for people, and as data: reasons first, then each file's diff, then what is left to do. */
import { coloured, colouredDiff, unifiedDiff } from "./difference";
import { masked, maskedWords } from "./masking";
import type { FileChange, Proposal, Remaining } from "./proposal";

/** What `--json` shows. No credential is in it. */
export interface MigrationReport {
  readonly name: string;
  readonly dockerfile: Proposal["dockerfile"];
  readonly changes: readonly (Pick<FileChange, "place" | "file" | "reasons"> & {
    readonly kind: "new" | "changed" | "removed";
    readonly diff: string;
    /** The whole new text; `null` for a file that is removed. */
    readonly content: string | null;
  })[];
  readonly replaced: readonly Remaining[];
  readonly remaining: readonly Remaining[];
  readonly credentials: Proposal["credentials"];
  readonly guesses: Proposal["guesses"];
  /** Files that were written or removed, with the repository that they are in. */
  readonly written: readonly string[];
}

export function report(proposal: Proposal, written: readonly string[]): MigrationReport {
  const { secrets, changes, ...rest } = proposal;
  const clean = JSON.parse(hidden(JSON.stringify(rest), secrets)) as typeof rest;
  return {
    ...clean,
    changes: changes.map((change) => ({
      place: change.place,
      file: change.file,
      kind: kindOf(change),
      reasons: change.reasons.map(({ what, why }) => ({
        what: maskedWords(what, secrets),
        why: maskedWords(why, secrets),
      })),
      diff: unifiedDiff(change, secrets),
      content: change.after === undefined ? null : masked(change.after, secrets),
    })),
    written,
  };
}

/** In a text of JSON, in which a credential stands as JSON writes it. */
function hidden(json: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.split(JSON.stringify(secret).slice(1, -1)).join("***"), json);
}

function kindOf({ before, after }: FileChange): "new" | "changed" | "removed" {
  return before === undefined ? "new" : after === undefined ? "removed" : "changed";
}

export interface Look {
  readonly colours: boolean;
  /** Files that were written; empty where the proposal is only shown. */
  readonly written: readonly string[];
}

/** Lines for people. */
export function printed(proposal: Proposal, look: Look): string {
  const { secrets } = proposal;
  const title = (text: string) => (look.colours ? coloured(text, "bold") : text);
  const show = (text: string) => visible(maskedWords(text, secrets));
  const parts = [
    [title(headline(proposal)), ...proposal.dockerfile.reasons.map((reason) => `  ${show(reason)}`)],
    ...proposal.changes.map((change) => changed(change, secrets, look.colours)),
    section(title("Credentials that are written out"), proposal.credentials, show),
    section(title("Done by the platform's template now"), proposal.replaced, show),
    section(title("Left for you"), proposal.remaining, show),
    guesses(proposal, title),
    look.written.length === 0 ? [] : [title("Written"), ...look.written.map((file) => `  ${visible(file)}`)],
  ];
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n");
}

function headline({ name, dockerfile: { kind, file } }: Proposal): string {
  if (file === undefined) return `${name}: the platform's recipe builds its image`;
  return kind === "recipe"
    ? `${name}: the platform's recipe takes the place of ${visible(file)}`
    : `${name}: ${visible(file)} stays, mended, as it does what no recipe does:`;
}

function changed(change: FileChange, secrets: readonly string[], colours: boolean): string[] {
  const place = change.place === "platform" ? "the platform's repository" : "your repository";
  const words = { new: "new in", changed: "changed in", removed: "removed from" }[kindOf(change)];
  const title = `${visible(change.file)}  ${words} ${place}`;
  const reasons = change.reasons.map(({ what, why }) => visible(maskedWords(`  - ${what}: ${why}`, secrets)));
  const diff = visible(unifiedDiff(change, secrets)).trimEnd();
  return [colours ? coloured(title, "bold") : title, ...reasons, "", colours ? colouredDiff(diff) : diff];
}

function section(title: string, list: readonly Remaining[], show: (text: string) => string): string[] {
  if (list.length === 0) return [];
  return [
    title,
    ...list.flatMap(({ at, what, todo }) => [
      `  ${at === "" ? "" : `${show(at)}  `}${show(what)}`,
      `    ${show(todo)}`,
    ]),
  ];
}

function guesses({ guesses: list }: Proposal, title: (text: string) => string): string[] {
  if (list.length === 0) return [];
  return [
    title("Taken for granted"),
    ...list.map(({ what, option }) => `  ${visible(what)}: else say it with ${option}`),
  ];
}

/** Without characters that a terminal would act on: names and lines of files can have any. The end of a line is no such thing. */
function visible(text: string): string {
  return text.replace(/\r$/gm, "").replace(/[^\P{C}\n\t]|[\u2028\u2029]/gu, "\ufffd");
}
