/** Writes problems for people, for Azure Pipelines and for GitHub, each in the form that shows them at their line. */
import { formatProblem, type Problem } from "../../spec/problem";

export const FORMATS = ["text", "json", "azure-pipelines", "github"] as const;
export type Format = (typeof FORMATS)[number];

/** One entry a problem. `json` has none: the whole report is one document. */
export function printed(problem: Problem, format: Exclude<Format, "json">): string {
  switch (format) {
    case "text":
      return formatProblem(problem);
    case "azure-pipelines":
      return azurePipelines(problem);
    case "github":
      return github(problem);
  }
}

function words({ path, message, mend }: Problem, between: string): string {
  return `${path === "" ? "" : `${path}: `}${message}${mend === "" ? "" : `${between}${mend}`}`;
}

/**
 * A logging command; its values have `%`, `;`, `]` and line ends written as codes.
 * Source: https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands#logissue-log-an-error-or-warning
 */
function azurePipelines(problem: Problem): string {
  const escaped = (text: string) =>
    text
      .replaceAll("%", "%AZP25")
      .replaceAll(";", "%3B")
      .replaceAll("]", "%5D")
      .replaceAll("\r", "%0D")
      .replaceAll("\n", "%0A");
  const message = words(problem, ": ").replaceAll("%", "%AZP25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const place = `sourcepath=${escaped(problem.file)};linenumber=${problem.line};columnnumber=${problem.column};`;
  const shown = `${problem.file}:${problem.line}:${problem.column}  ${message}`;
  // An agent looks for commands anywhere in a line.
  return `##vso[task.logissue type=error;${place}]${shown.replaceAll("##", "# #")}`;
}

/**
 * A workflow command; its properties have `:` and `,` written as codes, too.
 * Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
 */
function github(problem: Problem): string {
  const data = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const property = (text: string) => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  const place = `file=${property(problem.file)},line=${problem.line},col=${problem.column},title=wheelhouse check`;
  return `::error ${place}::${data(words(problem, "\n"))}`;
}
