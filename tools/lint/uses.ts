/** Where a variable of a Dockerfile is used, and as what: an index, a part of an address, the value of another variable. */
import { soleVariable, userParts, variablesIn } from "./addresses";
import type { Instruction } from "./dockerfile";
import { indexOptions, installerOf, type IndexOption, type Installer } from "./installers";
import type { Script } from "./scripts";
import type { Command } from "./shell";
import { commandsOf, expandedWords, type Run, type Subject } from "./subject";
import type { Definition } from "./variables";

export type Use =
  /** Read by an install tool out of its environment. */
  | { readonly as: "environment"; readonly run: Run; readonly tool: Installer }
  /** The whole value of `--index-url` or the like. */
  | {
      readonly as: "index";
      readonly run: Run;
      readonly script: Script;
      readonly command: Command;
      readonly option: IndexOption;
    }
  /** In the user part of an address of a RUN; offsets are into the file. */
  | { readonly as: "user part"; readonly run: Run; readonly start: number; readonly end: number }
  /** Anything else in a RUN. */
  | { readonly as: "other"; readonly run: Run | undefined; readonly instruction: Instruction }
  /** The whole value of another variable. */
  | { readonly as: "value"; readonly definition: Definition }
  /** In the user part of an address that is another variable's value. */
  | { readonly as: "user part of value"; readonly definition: Definition };

const TOOL_VARIABLES: readonly (readonly [RegExp, readonly Installer[]])[] = [
  [/^PIP_(?:EXTRA_)?INDEX_URL$/, ["pip"]],
  [/^UV_(?:DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL)$/, ["uv"]],
  [/^PIPENV_PYPI_MIRROR$/, ["pipenv"]],
];

/** The tools that read a variable of this name. */
export function readersOf(name: string): readonly Installer[] {
  return TOOL_VARIABLES.find(([pattern]) => pattern.test(name))?.[1] ?? [];
}

export function usesOf(subject: Subject, definition: Definition): Use[] {
  return [
    ...usesInRuns(subject, definition),
    ...usesInValues(subject, definition),
    ...usesElsewhere(subject, definition),
  ];
}

function sees(subject: Subject, definition: Definition, run: Run): boolean {
  return subject.variables.visible(definition.name, run.stage, run.instruction.start) === definition;
}

function usesInRuns(subject: Subject, definition: Definition): Use[] {
  return subject.runs
    .filter((run) => sees(subject, definition, run))
    .flatMap((run) => {
      const readers = readersOf(definition.name);
      const commands = commandsOf(run);
      const tool = commands
        .map(({ command }) => installerOf(command))
        .find((found) => found !== undefined && readers.includes(found));
      const uses: Use[] = tool === undefined ? [] : [{ as: "environment", run, tool }];
      for (const { script, command } of commands) uses.push(...usesInCommand(run, script, command, definition.name));
      return uses;
    });
}

function usesInCommand(run: Run, script: Script, command: Command, name: string): Use[] {
  const options = indexOptions(command);
  const uses: Use[] = [];
  const document = command.redirections.map((redirection) => redirection.document?.text ?? "").join("\n");
  if (variablesIn(document).includes(name)) uses.push({ as: "other", run, instruction: run.instruction });
  for (const word of expandedWords(command)) {
    if (!word.variables.some((variable) => variable.name === name)) continue;
    const option = options.find((candidate) => candidate.value.end === word.end);
    const raw = script.joined.text.slice(word.start, word.end);
    const parts = userParts(raw).filter((part) => variablesIn(part.text).includes(name));
    const outside = parts.reduceRight((text, part) => text.slice(0, part.start) + text.slice(part.end), raw);
    if (option !== undefined && option.kind !== "trusted-host" && soleVariable(option.value.text) === name) {
      uses.push({ as: "index", run, script, command, option });
    } else if (parts.length > 0 && !variablesIn(outside).includes(name)) {
      for (const part of parts) {
        const start = script.joined.toFile(word.start + part.start);
        uses.push({ as: "user part", run, start, end: script.joined.toFileEnd(word.start + part.end) });
      }
    } else uses.push({ as: "other", run, instruction: run.instruction });
  }
  return uses;
}

function usesInValues(subject: Subject, definition: Definition): Use[] {
  return subject.variables.definitions
    .filter((other) => other !== definition && subject.variables.references(other).includes(definition))
    .map((other): Use => {
      const value = other.value ?? "";
      const outside = userParts(value).reduceRight(
        (text, part) => text.slice(0, part.start) + text.slice(part.end),
        value,
      );
      if (soleVariable(value) === definition.name) return { as: "value", definition: other };
      return variablesIn(outside).includes(definition.name)
        ? { as: "other", run: undefined, instruction: other.instruction }
        : { as: "user part of value", definition: other };
    });
}

/** In FROM, COPY, LABEL and the like. */
function usesElsewhere(subject: Subject, definition: Definition): Use[] {
  const uses: Use[] = [];
  for (const stage of subject.dockerfile.stages) {
    for (const instruction of stage.instructions) {
      if (["RUN", "ARG", "ENV"].includes(instruction.keyword)) continue;
      if (!variablesIn(instruction.whole.text).includes(definition.name)) continue;
      if (subject.variables.visible(definition.name, stage, instruction.start) !== definition) continue;
      uses.push({ as: "other", run: undefined, instruction });
    }
    const global =
      definition.stage === undefined &&
      variablesIn(subject.dockerfile.source.text.slice(stage.from.start, stage.from.end)).includes(definition.name);
    if (global) uses.push({ as: "other", run: undefined, instruction: stage.from });
  }
  return uses;
}
