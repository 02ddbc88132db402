/** The parts of a comment that a reader opens: what changes in each application, as differences that can be read. */
import { cutLines, differenceLines, valueText } from "./difference";
import { code, collapsible, counted, fenced, htmlText, prose } from "./markdown";
import { operations, type Change, type Operation, type PropertyChange, type StackReport } from "./model";
import { nameList, plainGroups, resourceText, shortened } from "./names";
import { shareChanges, type SharedChanges } from "./sharing";

export interface Section {
  /** What it is called where it is left out, without Markdown. */
  readonly title: string;
  /** The lower, the later it is left out. */
  readonly rank: number;
  readonly text: string;
}

/** Lines of a text that is new as a whole: what it says can be read in the pull request's own files, too. */
const newTextLines = 150;

/** In the order in which they are shown: what is replaced, the platform, then applications. */
export function changeSections(report: StackReport): readonly Section[] {
  // What is deleted has nothing to be read but its name, which the call-outs have.
  const changes = report.changes.filter(({ operation }) => operation !== "delete");
  return shareChanges(changes)
    .map((shared) => sectionOf(shared))
    .sort((left, right) => left.rank - right.rank);
}

function sectionOf(shared: SharedChanges): Section {
  const { groups, changes } = shared;
  const title = plainGroups(groups);
  const same = groups.length > 1 ? "the same in all: " : "";
  const summary = `${htmlText(title)}: ${same}${countText(changes)}`;
  const names =
    groups.length > 1
      ? [
          nameList(
            groups.map(({ name }) => code(shortened(name))),
            1000,
          ),
        ]
      : [];
  const example = groups.length > 1 && groups[0] !== undefined ? [`As ${code(shortened(groups[0].name))} has it:`] : [];
  const body = [...names, ...example, ...ordered(changes).flatMap(changeBlocks)].join("\n\n");
  return { title, rank: rankOf(shared), text: collapsible(summary, body) };
}

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
function changeBlocks(change: Change): string[] {
  const head = `**${change.operation}** ${resourceText(change, true)}${reasonText(change)}`;
  switch (change.operation) {
    case "create":
    case "import":
    case "read":
      return [head, ...settings(change.properties)];
    case "update":
    case "replace":
    case "drift":
      return [head, ...differences(change.properties, change.file === undefined ? undefined : "content")];
    case "delete":
      return [head];
  }
}

function reasonText({ replacedBy, operation }: Change): string {
  if (operation === "drift") return ": changed by others, and not by this program";
  return replacedBy.length === 0 ? "" : `, because of ${nameList(replacedBy.map(code), 10)}`;
}

/** Values one a line, then each text as it is. */
function settings(properties: readonly PropertyChange[]): string[] {
  const shown = properties.flatMap(({ path, after }) => (after === undefined ? [] : [{ path, after }]));
  const texts = shown.flatMap(({ path, after }) => (after.kind === "text" ? [{ path, after }] : []));
  const values = shown.filter(({ after }) => after.kind !== "text");
  const lines = cutLines(values.map(({ path, after }) => `${path}: ${valueText(after)}`));
  return [
    ...(values.length === 0 ? [] : [fenced(lines.join("\n"), "yaml")]),
    ...texts.flatMap(({ path, after }) => [
      ...(texts.length > 1 ? [code(path)] : []),
      fenced(cutLines(after.text.replace(/\n$/, "").split("\n"), newTextLines).join("\n"), after.language),
    ]),
  ];
}

/**
 * One block: values first, then the parts of each text.
 * @param plain path of the property that needs no name, as the resource is nothing but its text
 */
function differences(properties: readonly PropertyChange[], plain?: string): string[] {
  if (properties.length === 0) return ["Nothing of what the program sets differs; the provider sees a change."];
  const isText = ({ before, after }: PropertyChange) => before?.kind === "text" || after?.kind === "text";
  const ordered = [...properties.filter((property) => !isText(property)), ...properties.filter(isText)];
  const lines = ordered.flatMap((property) =>
    differenceLines(property).map((line) =>
      line.startsWith("@@") && property.path !== plain ? `${line} ${property.path}` : line,
    ),
  );
  return [fenced(cutLines(lines).join("\n"), "diff")];
}

/** Outputs, advice of policies and warnings. */
export function furtherSections(report: StackReport): readonly Section[] {
  const { outputs, findings, diagnostics } = report;
  const advice = findings.filter(({ level }) => level === "advisory");
  const warnings = diagnostics.filter(({ severity }) => severity === "warning");
  const sections: Section[] = [];
  if (advice.length > 0) {
    const body = advice.map((finding) => findingText(finding, 20)).join("\n");
    sections.push(
      section("advice of policies", `${counted(advice.length, "advice").replace(/s$/, "")} of policies`, body, 1.2),
    );
  }
  if (warnings.length > 0) {
    const body = warnings.map(diagnosticText).join("\n\n");
    sections.push(section("warnings", counted(warnings.length, "warning"), body, 1.3));
  }
  if (outputs.length > 0) {
    const summary = `${counted(outputs.length, "output")} of the stack`;
    sections.push(section("outputs of the stack", summary, differences(outputs).join("\n\n"), 5.5));
  }
  return sections;
}

function section(title: string, summary: string, body: string, rank: number): Section {
  return { title, rank, text: collapsible(htmlText(summary), body) };
}

/** An entry of a list. */
export function findingText(
  { policy, pack, message, resources }: StackReport["findings"][number],
  most: number,
): string {
  const text = message.length > 1000 ? `${message.slice(0, 1000).replace(/[\ud800-\udbff]$/, "")}…` : message;
  const about =
    resources.length === 0
      ? ""
      : ` In ${nameList(
          resources.map((resource) => resourceText(resource, true)),
          most,
        )}.`;
  return `- ${code(shortened(policy))} of ${code(shortened(pack))}: ${prose(text)}${about}`;
}

/** Lines of one diagnostic that are shown. */
const diagnosticLines = 40;

export function diagnosticText({ message, resource, times }: StackReport["diagnostics"][number]): string {
  const where = [
    ...(resource === undefined ? [] : [resourceText(resource, true)]),
    ...(times > 1 ? [`${times} times`] : []),
  ].join(", ");
  const block = fenced(cutLines(message.split("\n"), diagnosticLines).join("\n"), "text");
  return where === "" ? block : `${where}:\n\n${block}`;
}
