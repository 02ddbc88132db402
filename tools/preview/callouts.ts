/** The part of a comment that nobody may miss: what would be deleted or replaced, above all of what is protected. */
import { code, counted, prose } from "./markdown";
import type { Change, StackReport } from "./model";
import { nameList, nameOfGroups, resourceText } from "./names";
import { shareChanges, type SharedChanges } from "./sharing";

/**
 * Always says how many there are; names at most `most` entries and names in each list, and how many more there are.
 * @returns "" where there is nothing to call out
 */
export function callouts({ changes }: StackReport, most: number): string {
  const guarded = changes.filter(
    (change) => change.protected && (change.operation === "delete" || change.operation === "replace"),
  );
  const replaced = changes.filter((change) => change.operation === "replace" && !guarded.includes(change));
  const deleted = changes.filter((change) => change.operation === "delete" && !guarded.includes(change));
  return [
    callout(
      guarded,
      `${counted(guarded.length, "protected resource")} would be deleted or replaced.`,
      " `pulumi up` refuses it: take back the change, or take off the protection first, in a change of its own.",
      most,
    ),
    callout(replaced, `${counted(replaced.length, "resource")} would be replaced: deleted and made anew.`, "", most),
    callout(deleted, `${counted(deleted.length, "resource")} would be deleted${retainedText(deleted)}.`, "", most),
  ]
    .filter((text) => text !== "")
    .join("\n\n");
}

function retainedText(deleted: readonly Change[]): string {
  const retained = deleted.filter((change) => change.retained).length;
  if (retained === 0) return "";
  return retained === deleted.length
    ? " from the stack alone, and stay where they are"
    : `, ${retained} of them from the stack alone: they stay where they are`;
}

function callout(changes: readonly Change[], title: string, more: string, most: number): string {
  if (changes.length === 0) return "";
  const shared = shareChanges(changes);
  const lines = shared.flatMap((one) => entriesOf(one, most));
  const shown = lines.slice(0, most);
  const left = lines.length - shown.length;
  const rest = left === 0 ? [] : [`- … and ${left} more`];
  return [`⚠ **${title}**${more}`, "", ...shown, ...rest].join("\n").trimEnd();
}

/** An application that goes as a whole is one entry, and so are all applications of which the same goes. */
function entriesOf({ groups, changes }: SharedChanges, most: number): string[] {
  const first = groups[0];
  if (first === undefined) return [];
  const whole = changes.some(
    ({ component, operation, group }) => component && operation === "delete" && group.kind !== "platform",
  );
  if (whole || groups.length > 1) {
    const resources = changes
      .filter(({ component }) => !component)
      .map((change) => entryText(change, !whole && groups.length === 1));
    const named = resources.length === 0 ? "" : `: ${nameList(resources, most)}`;
    const who = nameOfGroups(groups, most);
    return [`- ${whole ? `${who}, ${groups.length === 1 ? "all of it" : "all of each"}` : who}${named}`];
  }
  const owner = first.kind === "platform" ? "" : `${nameOfGroups(groups, most)}: `;
  return changes.map((change) => `- ${owner}${entryText(change, true)}`);
}

function entryText(change: Change, withName: boolean): string {
  const because =
    change.operation !== "replace"
      ? ""
      : change.replacedBy.length === 0
        ? ""
        : ` because of ${nameList(change.replacedBy.map(code), 5)}`;
  const notes = [
    ...(change.protected && change.operation === "delete" ? ["to be deleted"] : []),
    ...(change.protected && change.operation === "replace" ? ["to be replaced"] : []),
    ...(change.retained && change.operation === "delete" ? ["stays where it is"] : []),
    ...(change.leftover ? ["left of an earlier replacement"] : []),
  ];
  return `${resourceText(change, withName || change.file !== undefined)}${because}${notes.length === 0 ? "" : ` (${prose(notes.join(", "))})`}`;
}
