/** Writes a report as the Markdown of a comment: what matters first, and never more than a comment has room for. */
import { calloutsOf, calloutText, type Callouts } from "./callouts";
import { code, counted, fenced, link, prose, sizeOf } from "./markdown";
import { operations, type Diagnostic, type Operation, type Report, type StackReport } from "./model";
import { nameList, shortened as shortName } from "./names";
import { commentDetail, start, wholeDetail, type Detail } from "./difference";
import { diagnosticText, findingText, furtherSections } from "./further-sections";
import { changeSections, type Section } from "./sections";
import { summaryTable } from "./summary-table";

export interface RenderOptions {
  /** Bytes of UTF-8, which are never less than what a service counts; at least {@link smallestLimit}. */
  readonly limit: number;
  /** Where the whole report is; named where something is left out. */
  readonly artifactUrl?: string | undefined;
  /** Which run this is, for the last line. */
  readonly run?:
    { readonly name: string; readonly url?: string | undefined; readonly commit?: string | undefined } | undefined;
}

/** Room for the verdict, the call-outs in their shortest form, and what is said of the rest. */
export const smallestLimit = 12_000;

/** @throws RangeError for a limit that has no room for the call-outs */
export function renderComment(report: Report, options: RenderOptions): string {
  const { limit } = options;
  if (!(limit >= smallestLimit)) throw new RangeError(`a comment needs a limit of at least ${smallestLimit} bytes`);
  const ending = runLine(options);
  let room = limit - sizeOf(ending) - 2;
  const parts: string[] = [];
  report.stacks.forEach((stack, index) => {
    const share = Math.max(smallestShare, Math.floor(room / (report.stacks.length - index)));
    const text = renderStack(stack, Math.min(share, room), options);
    // More stacks than there is room for: what is left of them is in the artifact.
    if (sizeOf(text) > room) return;
    room -= sizeOf(text) + 2;
    parts.push(text);
  });
  const left = report.stacks.length - parts.length;
  const all = left === 0 ? parts : [...parts, `${counted(left, "stack")} left out.`];
  return `${[...all, ending].filter((part) => part !== "").join("\n\n")}\n`;
}

/** Below it, the required part of one stack does not fit. */
const smallestShare = smallestLimit - 1_000;

/** How many entries and names the required part lists, from all of them down to a few. */
const measures = [Infinity, 1000, 300, 100, 30, 10, 3, 1] as const;

function renderStack(report: StackReport, room: number, options: RenderOptions): string {
  const reserved = 1_500;
  const detail = room === Infinity ? wholeDetail : commentDetail;
  const { text: head, cut } = headOf(report, (room - reserved) / 2, detail);
  const sections = [...changeSections(report, detail), ...furtherSections(report, detail)].sort(
    (left, right) => left.rank - right.rank,
  );
  const kept = fitting(sections, room - reserved - sizeOf(head));
  const left = sections.filter((section) => !kept.has(section));
  const shown = sections.filter((section) => kept.has(section)).map(({ text }) => text);
  return [head, ...shown, leftOut(left, cut, options)].filter((part) => part !== "").join("\n\n");
}

/** What must be said, in the longest form that leaves room for something to read beside it. */
function headOf(report: StackReport, room: number, detail: Detail): { readonly text: string; readonly cut: boolean } {
  const parts = { callouts: calloutsOf(report), table: summaryTable(report) };
  let text = "";
  for (const most of measures) {
    text = required(report, parts, most, detail);
    if (sizeOf(text) <= room) return { text, cut: most !== measures[0] };
  }
  return { text, cut: true };
}

/** The most important first; a large one that does not fit does not keep smaller ones out. */
function fitting(sections: readonly Section[], room: number): ReadonlySet<Section> {
  const kept = new Set<Section>();
  let left = room;
  for (const section of sections) {
    const size = sizeOf(section.text) + 2;
    if (size > left) continue;
    left -= size;
    kept.add(section);
  }
  return kept;
}

function leftOut(sections: readonly Section[], cut: boolean, { artifactUrl }: RenderOptions): string {
  if (sections.length === 0 && !cut) return "";
  const names = sections.map(({ title }) => prose(shortName(title)));
  const what = [
    ...(sections.length === 0 ? [] : [`${counted(sections.length, "section")} (${nameList(names, 5)})`]),
    ...(cut ? ["a part of the names above"] : []),
  ].join(" and ");
  const where =
    artifactUrl === undefined
      ? "`pulumi preview --diff` shows them."
      : `All of it is in ${link("the whole report", artifactUrl)}.`;
  return `**Left out**, as a comment has no room for more: ${what}. ${where}`;
}

/** What is there whatever the limit. */
function required(
  report: StackReport,
  { callouts, table }: { readonly callouts: Callouts; readonly table: string },
  most: number,
  detail: Detail,
): string {
  return [
    `### Preview of ${code(shortName(report.project))} / ${code(shortName(report.stack))}`,
    verdictText(report),
    ...callouts.guarded.map((one) => calloutText(one, most)),
    ...failureBlocks(report, most, detail),
    ...mandatoryFindings(report, most, detail),
    ...callouts.others.map((one) => calloutText(one, most)),
    table,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function verdictText(report: StackReport): string {
  const changes = countsText(report);
  const same =
    report.unchanged === 0
      ? ""
      : ` ${report.unchanged} ${report.unchanged === 1 ? "stays as it is" : "stay as they are"}.`;
  switch (report.verdict) {
    case "failed":
      return `❌ **The preview failed.**${changes === "" ? "" : ` What it had come to: ${changes}.`}`;
    case "refused": {
      const broken = report.findings.filter(({ level }) => level === "mandatory").length;
      return `❌ **Refused: ${counted(broken, "finding")} of mandatory policies.** ${changes === "" ? "Nothing else would change." : `It would be: ${changes}.`}`;
    }
    case "changes":
      return changes === ""
        ? `**No resource changes; ${counted(report.outputs.length, "output")} of the stack would.**${same}`
        : `**${changes}.**${same}`;
    case "unchanged":
      return `✅ **Nothing changes.**${same}`;
  }
}

const words: Readonly<Record<Operation, string>> = {
  create: "to create",
  update: "to update",
  replace: "to replace",
  delete: "to delete",
  import: "to import",
  read: "to read",
  drift: "changed by others",
};

function countsText({ counts }: StackReport): string {
  return operations
    .filter((operation) => counts[operation] > 0)
    .map((operation) => `${counts[operation]} ${words[operation]}`)
    .join(", ");
}

/** Characters of what the engine wrote, where no event says why it failed. */
const keptOutput = 3_000;

function failureBlocks({ failure, diagnostics }: StackReport, most: number, detail: Detail): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const shown = errors.slice(0, Math.min(most, detail.entries));
  const left = errors.length - shown.length;
  return [
    ...(failure === undefined ? [] : [prose([failure.what, failure.mend].filter((text) => text !== "").join(" "))]),
    ...(failure === undefined || failure.output === "" ? [] : [fenced(failure.output.slice(-keptOutput), "text")]),
    ...shown.map((error) => diagnosticText(shortened(error, most), detail)),
    ...(left === 0 ? [] : [`… and ${counted(left, "more error")}`]),
  ];
}

/** Long messages are the first that is cut. */
function shortened(diagnostic: Diagnostic, most: number): Diagnostic {
  const longest = most === Infinity ? Infinity : most >= 30 ? 8_000 : 1_500;
  const { message } = diagnostic;
  return message.length <= longest ? diagnostic : { ...diagnostic, message: `${start(message, longest)}\n…` };
}

function mandatoryFindings({ findings }: StackReport, most: number, detail: Detail): string[] {
  const mandatory = findings.filter(({ level }) => level === "mandatory");
  if (mandatory.length === 0) return [];
  const shown = mandatory.slice(0, most).map((finding) => findingText(finding, detail, Math.min(most, detail.entries)));
  const left = mandatory.length - shown.length;
  return [[...shown, ...(left === 0 ? [] : [`- … and ${counted(left, "more finding")}`])].join("\n")];
}

function runLine({ run }: RenderOptions): string {
  if (run === undefined) return "";
  const name = run.url === undefined ? prose(shortName(run.name)) : link(shortName(run.name), run.url);
  const of = run.commit === undefined ? "" : ` of commit ${code(run.commit.slice(0, 12))}`;
  return `Made by run ${name}${of}.`;
}
