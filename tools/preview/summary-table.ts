/** The table of a comment: how many resources each part of the platform would get, change, replace and lose. */
import { groupKey } from "./groups";
import { cell } from "./markdown";
import { operations, type Change, type Counts, type Group, type Operation, type StackReport } from "./model";
import { nameOfGroups } from "./names";

/** Rows of applications; beyond it those with the same numbers share one. */
const mostRows = 12;
/** Rows that there are at most, whatever the report. */
const hardLimit = 40;

/** These have a column in any case. */
const always: readonly Operation[] = ["create", "update", "replace", "delete"];

interface Row {
  readonly groups: readonly Group[];
  readonly counts: Counts;
}

/** @returns "" where nothing changes */
export function summaryTable({ changes, counts }: StackReport): string {
  if (changes.length === 0) return "";
  const columns = operations.filter((operation) => always.includes(operation) || counts[operation] > 0);
  const rows = rowsOf(changes);
  const line = (name: string, of: Counts) =>
    `| ${cell(name)} |${columns.map((operation) => (of[operation] === 0 ? "  |" : ` ${of[operation]} |`)).join("")}`;
  const shown = rows.slice(0, hardLimit);
  return [
    `| |${columns.map((operation) => ` ${operation} |`).join("")}`,
    `|:--|${columns.map(() => "--:|").join("")}`,
    ...shown.map((row) => line(nameOfGroups(row.groups, 3), row.counts)),
    ...(rows.length > shown.length
      ? [line(`${rows.length - shown.length} more`, added(rows.slice(shown.length)))]
      : []),
    ...(rows.length > 1 ? [line("**all**", counts)] : []),
  ].join("\n");
}

function rowsOf(changes: readonly Change[]): readonly Row[] {
  const groups = new Map<string, { group: Group; counts: Record<Operation, number> }>();
  for (const { group, operation } of changes) {
    const known = groups.get(groupKey(group)) ?? { group, counts: { ...none } };
    known.counts[operation] += 1;
    groups.set(groupKey(group), known);
  }
  const rows = [...groups.values()].map(({ group, counts }): Row => ({ groups: [group], counts }));
  return rows.length <= mostRows ? rows : joined(rows);
}

const none = Object.fromEntries(operations.map((operation) => [operation, 0])) as Counts;

/** Rows with the same numbers as one, with their sum. */
function joined(rows: readonly Row[]): readonly Row[] {
  const alike = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.groups[0]?.kind, row.counts]);
    alike.set(key, [...(alike.get(key) ?? []), row]);
  }
  return [...alike.values()].map((same) => ({ groups: same.flatMap(({ groups }) => groups), counts: added(same) }));
}

function added(rows: readonly Row[]): Counts {
  const counts = { ...none } as Record<Operation, number>;
  for (const row of rows) for (const operation of operations) counts[operation] += row.counts[operation];
  return counts;
}
