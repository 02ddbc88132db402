/** The parts of a comment that a reader opens: what changes in each application, as differences that can be read. */
import type { Detail } from "./difference";
import { code, collapsible, htmlText, prose } from "./markdown";
import { operations, type Change, type Operation, type StackReport } from "./model";
import { nameList, plainGroups, resourceText, shortened } from "./names";
import { differences, settings } from "./property-blocks";
import { shareChanges, type SharedChanges } from "./sharing";

export interface Section {
  /** What it is called where it is left out, without Markdown. */
  readonly title: string;
  /** The lower, the later it is left out. */
  readonly rank: number;
  readonly text: string;
}

/** In the order in which they are shown: what is replaced, the platform, then applications. */
export function changeSections(report: StackReport, detail: Detail): readonly Section[] {
  // What is deleted has nothing to be read but its name, which the call-outs have.
  const changes = report.changes.filter(({ operation }) => operation !== "delete");
  return shareChanges(changes)
    .map((shared) => sectionOf(shared, detail))
    .sort((left, right) => left.rank - right.rank);
}

function sectionOf(shared: SharedChanges, detail: Detail): Section {
  const { groups, changes } = shared;
  const title = plainGroups(groups);
  const same = groups.length > 1 ? "the same in all: " : "";
  const summary = `${htmlText(title)}: ${same}${countText(changes)}`;
  const blocks = ordered(changes).flatMap((change) => changeBlocks(change, detail));
  const first = groups[0];
  const example = groups.length === 1 || first === undefined ? [] : [`As ${code(shortened(first.name))} has it:`];
  const names = groups.length === 1 ? "" : `${groups.map(({ name }) => prose(shortened(name))).join(", ")}.`;
  // The change before the names: it is what a reader looks for, and hundreds of names would hide what comes next.
  const apart = groups.length > mostNames;
  const body = [...example, ...blocks, ...(names === "" || apart ? [] : [`In ${names}`])].join("\n\n");
  const further = apart ? [collapsible(htmlText(`names of these ${title}`), names)] : [];
  return { title, rank: rankOf(shared), text: [collapsible(summary, body), ...further].join("\n\n") };
}

/** Names that stand below the change itself; more of them are a part of their own. */
const mostNames = 25;

/** What an update does is more than what comes new; components are only a frame. */
function ordered(changes: readonly Change[]): readonly Change[] {
  const weight = ({ operation, component, file }: Change) =>
    operation === "replace" ? 0 : operation === "update" ? 1 : component ? 4 : file === undefined ? 3 : 2;
  return [...changes].sort((left, right) => weight(left) - weight(right));
}

function rankOf({ groups, changes }: SharedChanges): number {
  const has = (...wanted: Operation[]) => changes.some(({ operation }) => wanted.includes(operation));
  if (has("replace")) return 0;
  if (groups[0]?.kind === "platform") return 1;
  if (has("update", "drift")) return groups.length > 1 ? 2 : groups[0]?.kind === "base image" ? 3 : 4;
  return groups.length > 1 ? 5 : 6;
}

/** `1 update, 2 creations`, for a summary. */
function countText(changes: readonly Change[]): string {
  return operations
    .map((operation) => ({ operation, count: changes.filter((change) => change.operation === operation).length }))
    .filter(({ count }) => count > 0)
    .map(({ operation, count }) => `${count} × ${operation}`)
    .join(", ");
}

/** A line that names the resource, and what is to be read of it. */
function changeBlocks(change: Change, detail: Detail): string[] {
  const head = `**${change.operation}** ${resourceText(change)}${reasonText(change)}`;
  switch (change.operation) {
    case "create":
    case "import":
    case "read":
      return [head, ...settings(change.properties, detail)];
    case "update":
    case "replace":
    case "drift":
      return [head, ...differences(change.properties, detail, change.file === undefined ? undefined : "content")];
    case "delete":
      return [head];
  }
}

function reasonText({ replacedBy, operation }: Change): string {
  if (operation === "drift") return ": changed by others, and not by this program";
  if (operation === "replace" && replacedBy.length === 0) return ", as what it depends on is replaced";
  return replacedBy.length === 0
    ? ""
    : `, because of ${nameList(
        replacedBy.map((path) => code(shortened(path))),
        10,
      )}`;
}
