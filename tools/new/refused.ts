/** Says why a new specification is not written: each mistake by its property, as there is no file to jump to yet. */
import * as path from "node:path";
import type { Problem } from "../../spec/problem";
import type { Project } from "../check/project";
import type { CommandContext } from "../context";
import { UsageError } from "../errors";

export function refusedBy(
  problems: readonly Problem[],
  { folder }: Project,
  { workingFolder }: Pick<CommandContext, "workingFolder">,
): UsageError {
  const inside = path.relative(workingFolder, folder);
  const shown = (text: string) => text.replaceAll(`${folder}${path.sep}`, inside === "" ? "" : `${inside}${path.sep}`);
  const [first, ...others] = problems.map(({ path: property, message, mend }) => ({
    what: shown(property === "" ? message : `${property}: ${message}`),
    mend: shown(mend),
  }));
  const more = others.flatMap(({ what, mend }) => [what, `  ${mend}`]);
  return new UsageError(first?.what ?? "", [first?.mend ?? "", ...more, "Nothing was written."].join("\n"));
}
