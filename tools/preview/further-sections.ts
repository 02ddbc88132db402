/** What a comment has beside the changes: outputs, what policies advise, and what the engine and the program said. */
import { brokenLine, cutLines, start, type Detail } from "./difference";
import { code, collapsible, counted, fenced, htmlText, prose } from "./markdown";
import type { Diagnostic, Finding, StackReport } from "./model";
import { nameList, resourceText, shortened } from "./names";
import { differences } from "./property-blocks";
import type { Section } from "./sections";
import { readUrn, shortType } from "./urn";

/** Outputs, advice of policies and warnings. */
export function furtherSections(report: StackReport, detail: Detail): readonly Section[] {
  const { outputs, findings, diagnostics } = report;
  const advice = findings.filter(({ level }) => level === "advisory");
  const warnings = diagnostics.filter(({ severity }) => severity === "warning");
  const sections: Section[] = [];
  if (advice.length > 0) {
    const body = advice.map((finding) => findingText(finding, detail, detail.entries)).join("\n");
    sections.push(section("advice of policies", `${advice.length} × advice of policies`, body, 1.2));
  }
  if (warnings.length > 0) {
    const body = warnings.map((warning) => diagnosticText(warning, detail)).join("\n\n");
    sections.push(section("warnings", counted(warnings.length, "warning"), body, 1.3));
  }
  if (outputs.length > 0) {
    const summary = `${counted(outputs.length, "output")} of the stack`;
    sections.push(section("outputs of the stack", summary, differences(outputs, detail).join("\n\n"), 7));
  }
  return sections;
}

function section(title: string, summary: string, body: string, rank: number): Section {
  return { title, rank, text: collapsible(htmlText(summary), body) };
}

/** An entry of a list. */
export function findingText({ policy, pack, message, resources }: Finding, detail: Detail, most: number): string {
  const longest = 2 * detail.line;
  const text = message.length > longest ? `${start(message, longest)}…` : message;
  const about = resources.map(resourceText);
  const where = about.length === 0 ? "" : ` — in ${nameList(about, most)}`;
  return `- ${code(shortened(policy))} of ${code(shortened(pack))}: ${prose(text)}${where}`;
}

/** Where and how often it was said, and what. */
export function diagnosticText({ message, resource, times }: Diagnostic, detail: Detail): string {
  const where = [
    ...(resource === undefined ? [] : [resourceText(resource)]),
    ...(times > 1 ? [`${times} times`] : []),
  ].join(", ");
  const { messageWidth: width } = detail;
  const lines = (width === Infinity ? message : withoutUrns(message)).split("\n");
  const broken = lines.flatMap((line) => brokenLine(line, width));
  const block = fenced(cutLines(broken, detail.messageLines, detail.line), "text");
  return where === "" ? block : `${where}:\n\n${block}`;
}

/** Most of a URN says where the resource is in the program, over two lines of the comment. */
function withoutUrns(message: string): string {
  return message.replace(/\burn:pulumi:[^\s"'`,;]+/g, (urn) => {
    const { type, name } = readUrn(urn);
    return type === "" ? urn : `${shortType(type)} ${name}`;
  });
}
