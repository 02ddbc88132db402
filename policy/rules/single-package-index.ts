/** Packages come from the feed alone; an index beside it is a mode that is left again. */
import { z } from "zod";
import { readBakeFile } from "../bake-file";
import { LineNumbers } from "../credentials";
import { readDockerfile } from "../dockerfile";
import { givenVariables, readPipeline } from "../pipeline-yaml";
import { fileKind, placeInFile, showLines } from "../repository-file";
import { resourceRule } from "../resource-rule";
import { GIT_REPOSITORY_FILE } from "../resource-types";
import { textOf } from "../values";

const EXTRA_INDEX_NAME = /^(?:PIP|UV)_EXTRA_INDEX_URL$/i;
/** How the platform's own recipes mark it; those for a team's Dockerfile have it among their facts. */
const MARK = /^# Compatibility mode: /m;

export const singlePackageIndex = resourceRule({
  name: "single-package-index",
  description: "Packages come from the feed alone, without an extra index beside it.",
  level: "advisory",
  severity: "medium",
  mend: "Make the other index an upstream source of the feed, and take it out of the application's indexes.",
  parameters: z.strictObject({
    compatibilityMode: z
      .enum(["tell", "allow"])
      .default("tell")
      .describe("Whether applications that are in compatibility mode, and marked so, are told of as well."),
  }),
  types: [GIT_REPOSITORY_FILE],
  check: ({ inputs }, { compatibilityMode }) => {
    const content = textOf(inputs.content);
    const path = textOf(inputs.file);
    if (content === undefined) return [];
    const lines = extraIndexLines(content, path);
    const brings = fileKind(path ?? "") === "bake" && readBakeFile(content)?.bringsIndexes === true;
    const marked = brings || MARK.test(content);
    if ((lines.length === 0 && !brings) || (marked && compatibilityMode === "allow")) return [];
    return [
      {
        where: lines.length === 0 ? placeInFile(path) : `${placeInFile(path)}, ${showLines(lines)}`,
        what: marked
          ? "the application is in compatibility mode"
          : "there is an extra index, without compatibility mode",
        why: "pip takes the highest version of any index, so a stranger's package can replace a private one",
        mend: "Make the index an upstream source of the feed, and take it out of the application's indexes",
      },
    ];
  },
});

/** Options for an installer, and variables that an installer reads. Scripts that unset or test them add nothing. */
function extraIndexLines(content: string, path = ""): number[] {
  if (!/extra[-_]index[-_]url/i.test(content)) return [];
  const numbers = new LineNumbers(content);
  const options = Array.from(
    content.matchAll(/(?:--extra-index-url(?:=|[ \t])|^[ \t]*extra-index-url[ \t]*=|\bPIP_EXTRA_INDEX_URL=\S)/gm),
    ({ index }) => numbers.at(index),
  );
  return [...options, ...variableLines(content, fileKind(path))].toSorted((left, right) => left - right);
}

function variableLines(content: string, kind: ReturnType<typeof fileKind>): number[] {
  if (kind === "dockerfile") {
    return readDockerfile(content)
      .variables.filter(({ name }) => EXTRA_INDEX_NAME.test(name))
      .map(({ line }) => line);
  }
  const pipeline = kind === "pipeline" ? readPipeline(content) : undefined;
  return pipeline === undefined
    ? []
    : givenVariables(pipeline)
        .filter(({ name, value }) => EXTRA_INDEX_NAME.test(name) && value !== "")
        .map(({ line }) => line);
}
