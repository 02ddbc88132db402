/** Values that hold at a place of a Dockerfile: its working folder, and texts with the variables that the file itself sets. */
import type { Instruction, Stage } from "../lint/dockerfile";
import type { Subject } from "../lint/subject";
import { chainOf } from "./start-command";

/** The working folder before an instruction, as it is written; `/` where none is set. */
export function workingFolder(stage: Stage, before: Instruction): string {
  const all = chainOf(stage).flatMap(({ instructions }) => instructions);
  const last = all.findLast(({ keyword, start }) => keyword === "WORKDIR" && start < before.start);
  return last?.arguments.text.trim().replace(/^["']|["']$|\/+$/g, "") ?? "/";
}

/** The text with the values that ARG and ENV have by themselves; what only a build knows stays as it is. */
export function substituted(subject: Subject, text: string, stage: Stage, at: Instruction): string {
  const scope = at.keyword === "FROM" ? undefined : stage;
  const variable = /\$(?:\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|([A-Za-z_]\w*))/g;
  return text.replace(variable, (whole: string, braced?: string, otherwise?: string, bare?: string) => {
    const definition = subject.variables.visible(braced ?? bare ?? "", scope, at.start);
    return (definition === undefined ? undefined : subject.variables.valueOf(definition)) ?? otherwise ?? whole;
  });
}
