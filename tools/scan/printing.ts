/** Writes a scan's report for people. */
import { describeSize } from "../size";
import { type Finding, type LayerUse, type ScanReport } from "./report";

/** Characters of a command that are shown. */
const commandLength = 100;

const kinds: Readonly<Record<Finding["kind"], string>> = {
  literal: "given secret",
  "url-credentials": "URL with credentials",
  "index-url": "index URL with credentials",
  netrc: "netrc entry",
  pypirc: "password of .pypirc",
  "pypi-token": "upload token",
  "docker-auth": "docker credential",
  "azure-devops-token": "Azure DevOps token",
  jwt: "JSON web token",
  "private-key": "private key",
};

/** The whole report: each finding, what counts as none, and a line on what was looked at. */
export function reportText(report: ScanReport): string {
  const lines = [...report.findings.flatMap((finding) => [...findingLines(finding), ""])];
  if (report.unlisted > 0) lines.push(`and ${report.unlisted} more`, "");
  for (const note of report.notes) lines.push(`note: ${note}`);
  const excluded = Object.entries(report.excludedCount);
  if (excluded.length > 0) {
    lines.push(
      `counts as no secret: ${excluded.map(([rule, count]) => `${count} ${rule}`).join(", ")} (--excluded shows them)`,
    );
  }
  lines.push(summaryLine(report));
  return lines.join("\n");
}

/** What counts as no secret, and by which rule. */
export function excludedText(report: ScanReport): string {
  return report.excluded
    .map(({ finding, rule }) => `${rule}: ${what(finding)}\n${placeLines(finding).join("\n")}`)
    .join("\n");
}

/** One line: what was looked at, and what was found. */
export function summaryLine({ name, findings, unlisted, scanned, lookedFor, patterns }: ScanReport): string {
  const parts = [
    ...(scanned.layers + scanned.skippedLayers > 0
      ? [
          `${counted(scanned.layers, "layer")}${scanned.skippedLayers > 0 ? ` (${scanned.skippedLayers} left out)` : ""}`,
        ]
      : []),
    ...(scanned.documents > 0 ? [counted(scanned.documents, "document")] : []),
    ...(scanned.files > 0 ? [counted(scanned.files, "file")] : []),
    describeSize(scanned.bytes),
    `${scanned.seconds.toFixed(1)} s`,
  ];
  const wanted = [
    ...(lookedFor.length > 0 ? [counted(lookedFor.length, "secret")] : []),
    ...(patterns ? ["credentials of any kind"] : []),
  ].join(" and ");
  const count = findings.length + unlisted;
  return `${name}: ${count === 0 ? "no leaks" : counted(count, "leak")}; looked for ${wanted} in ${parts.join(", ")}`;
}

function findingLines(finding: Finding): string[] {
  return [`LEAK  ${what(finding)}`, ...placeLines(finding)];
}

function what({ kind, alsoAs = [], encoding, secret, source, count }: Finding): string {
  const form = encoding === "raw" ? "" : `, ${encoding}`;
  const from = source === undefined ? "" : ` (${source})`;
  const also = alsoAs.length === 0 ? "" : `, as ${alsoAs.map((other) => kinds[other]).join(" and ")}`;
  return `${kinds[kind]}${from}${also}${form}, SHA-256 ${secret}…${count > 1 ? `, ${count} times` : ""}`;
}

function placeLines({ where }: Finding): string[] {
  switch (where.in) {
    case "file":
      return [`  ${where.part === "name" ? "name of " : ""}${where.path}`];
    case "document": {
      const platform = where.platform === undefined ? "" : `, ${where.platform}`;
      const pointer = where.pointer === undefined ? "" : ` ${where.pointer}`;
      const made = where.command === undefined ? [] : [`  which is ${shortened(where.command)}`];
      return [`  ${where.document}${pointer} (${where.digest.slice(0, 19)}${platform})`, ...made];
    }
    case "layer": {
      const place =
        where.path === ""
          ? partNames[where.part]
          : `/${where.path}${where.part === "header" ? " (in its tar header)" : ""}`;
      return [`  ${place}`, `  layer ${where.digest}`, ...where.images.flatMap(useLines)];
    }
  }
}

const partNames = {
  content: "(the layer itself)",
  header: "(a tar header)",
  padding: "(between two files)",
  trailer: "(after the end of the archive)",
  packed: "(the packed bytes themselves)",
} as const;

function useLines({ platform, layer, layers, state, byLayer, command }: LayerUse): string[] {
  const change = state === "present" ? "" : `, ${state} by layer ${byLayer ?? "?"}, and still there to read`;
  const made = command === undefined ? [] : [`  made by ${shortened(command)}`];
  return [`  number ${layer} of ${layers}${platform === undefined ? "" : ` of ${platform}`}${change}`, ...made];
}

function shortened(command: string): string {
  const line = command.replace(/\s+/g, " ").trim();
  return line.length > commandLength ? `${line.slice(0, commandLength)}…` : line;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
