/** The part of a comment that nobody may miss: what would be deleted or replaced, above all of what is protected. */
import { code, counted } from "./markdown";
import type { Change, StackReport } from "./model";
import { kindText, nameList, nameOfGroups, resourceText, shortened } from "./names";
import { shareChanges, type SharedChanges } from "./sharing";

/** What would go, in the order in which it is said. */
export interface Callouts {
  /** Protected, and would go all the same. */
  readonly guarded: readonly Callout[];
  readonly others: readonly Callout[];
}

interface Callout {
  readonly title: string;
  readonly more: string;
  readonly shared: readonly SharedChanges[];
}

export function calloutsOf({ changes }: StackReport): Callouts {
  const guarded = changes.filter(isGuarded);
  const replaced = changes.filter((change) => change.operation === "replace" && !isGuarded(change));
  const deleted = changes.filter((change) => change.operation === "delete" && !isGuarded(change));
  const resources = (of: readonly Change[]) => counted(of.length, "resource");
  return {
    guarded: callout(
      guarded,
      `${counted(guarded.length, "protected resource")} would be deleted or replaced.`,
      " `pulumi up` refuses it: take back the change, or take off the protection first, in a change of its own.",
    ),
    others: [
      ...callout(replaced, `${resources(replaced)} would be replaced: deleted and made anew.`),
      ...callout(deleted, `${resources(deleted)} would be deleted${retainedText(deleted)}.`),
    ],
  };
}

function callout(changes: readonly Change[], title: string, more = ""): Callout[] {
  return changes.length === 0 ? [] : [{ title, more, shared: shareChanges(changes) }];
}

/** Names at most `most` entries, and names in each of them, and says how many more there are. */
export function calloutText({ title, more, shared }: Callout, most: number): string {
  const lines = shared.flatMap((one) => entriesOf(one, most));
  const shown = lines.slice(0, most);
  const left = lines.length - shown.length;
  const rest = left === 0 ? [] : [`- … and ${left} more`];
  return [`⚠ **${title}**${more}`, "", ...shown, ...rest].join("\n");
}

function isGuarded(change: Change): boolean {
  return change.protected && (change.operation === "delete" || change.operation === "replace");
}

function retainedText(deleted: readonly Change[]): string {
  const retained = deleted.filter((change) => change.retained).length;
  if (retained === 0) return "";
  return retained === deleted.length
    ? " from the stack alone, and stay where they are"
    : `, ${retained} of them from the stack alone: they stay where they are`;
}

/** An application that goes as a whole is one entry, and so are all applications of which the same goes. */
function entriesOf({ groups, changes }: SharedChanges, most: number): string[] {
  const first = groups[0];
  if (first === undefined) return [];
  const whole = changes.some(
    ({ component, operation, group }) => component && operation === "delete" && group.kind !== "platform",
  );
  const who = nameOfGroups(groups, most);
  const kindOf = (change: Change) => kindText(groups.length === 1 ? change : { ...change, file: generalFile(change) });
  if (whole) {
    const kinds = changes.filter(({ component }) => !component).map((change) => kindOf(change) + notesText(change));
    const named = kinds.length === 0 ? "" : `: ${nameList(kinds, most)}`;
    return [`- ${who}, ${groups.length === 1 ? "all of it" : "all of each"}${named}`];
  }
  const owner = first.kind === "platform" ? "" : `${who}: `;
  return changes.map((change) => {
    const what = groups.length === 1 ? resourceText(change) : kindOf(change);
    return `- ${owner}${what}${reasonText(change)}${notesText(change)}`;
  });
}

/** The path of a file, for all applications that have one like it: `apps/<name>/Dockerfile`. */
function generalFile({ file, group }: Change): string | undefined {
  return file
    ?.split("/")
    .map((part) => (part === group.name ? "<name>" : part))
    .join("/");
}

function reasonText({ operation, replacedBy }: Change): string {
  if (operation !== "replace") return "";
  if (replacedBy.length === 0) return ", as what it depends on is";
  return ` because of ${nameList(
    replacedBy.map((property) => code(shortened(property))),
    5,
  )}`;
}

function notesText({ operation, protected: guarded, retained, leftover }: Change): string {
  const notes = [
    ...(guarded ? [operation === "delete" ? "to be deleted" : "to be replaced"] : []),
    ...(retained && operation === "delete" ? ["stays where it is"] : []),
    ...(leftover ? ["left of an earlier replacement"] : []),
  ];
  return notes.length === 0 ? "" : ` (${notes.join(", ")})`;
}
