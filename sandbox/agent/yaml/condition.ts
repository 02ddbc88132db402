/** Run-time conditions of jobs and steps. */
import type { Result } from "../model";
import { Budget } from "./budget";
import { PipelineFileError, type Place } from "./error";
import { evaluate } from "./evaluate";
import { parseExpression, type Expression } from "./expression";
import { ExpressionError } from "./expression-tokens";
import { functionTable, GENERAL_FUNCTIONS, type Arguments, type FunctionDefinition } from "./functions";
import { mapping, scalar, type MappingEntry, type MappingNode, type Node } from "./node";
import { booleanOf, textOf, ValueError, type Value } from "./value";

export type JobStatus = "succeeded" | "succeededWithIssues" | "failed" | "canceled";

/** A job that another one depends on. */
export interface Dependency {
  readonly result: Result;
  /** Output variables, by `step.name`. */
  readonly outputs: ReadonlyMap<string, string>;
}

export interface ConditionContext {
  /** Of the job so far, for a step; of the run, for a job. */
  readonly status: JobStatus;
  /** Of names that differ in letter case alone the last one counts. */
  readonly variables: ReadonlyMap<string, string>;
  /** For a job: those that it depends on, by their names. Without them, job names cannot be given to `succeeded()`. */
  readonly dependencies?: ReadonlyMap<string, Dependency>;
}

const NOWHERE: Place = { file: "condition", line: 0, column: 0 };

/** Whether the status is one of these; with job names, whether the jobs' results are. */
function status(
  name: string,
  holds: readonly Result[],
  together: "every" | "some",
  context: ConditionContext | undefined,
): FunctionDefinition {
  const run = (given: Arguments): boolean => {
    if (given.length > 0) return ofJobs(given, holds, together, context);
    if (context === undefined) return false;
    const dependencies = [...(context.dependencies?.values() ?? [])];
    if (context.status === "canceled" || dependencies.length === 0) return holds.includes(context.status);
    return dependencies[together](({ result }) => holds.includes(result));
  };
  return { name, least: 0, run };
}

function ofJobs(
  given: Arguments,
  holds: readonly Result[],
  together: "every" | "some",
  context: ConditionContext | undefined,
): boolean {
  const results = given.map((value) => {
    const name = textOf(value()).toLowerCase();
    const found = [...(context?.dependencies ?? [])].find(([job]) => job.toLowerCase() === name);
    if (found === undefined)
      throw new ValueError(`it does not depend on a job ${JSON.stringify(name)}`, "name jobs of dependsOn:");
    return found[1].result;
  });
  return results[together]((result) => holds.includes(result));
}

const FINE: readonly Result[] = ["succeeded", "succeededWithIssues"];

function functionsFor(context: ConditionContext | undefined): ReturnType<typeof functionTable> {
  const canceled = (): boolean => context?.status === "canceled";
  return functionTable([
    ...GENERAL_FUNCTIONS,
    status("succeeded", FINE, "every", context),
    status("failed", ["failed"], "some", context),
    { name: "always", least: 0, most: 0, run: () => true },
    { name: "canceled", least: 0, most: 0, run: canceled },
    { name: "succeededOrFailed", least: 0, most: 0, run: () => !canceled() },
  ]);
}

function parse(
  text: string,
  context: ConditionContext | undefined,
): { expression: Expression; functions: ReturnType<typeof functionTable> } {
  const functions = functionsFor(context);
  return {
    functions,
    expression: parseExpression(text, { functions, values: ["variables", "dependencies"], elsewhere }),
  };
}

function elsewhere(name: string): readonly [string, string] | undefined {
  switch (name.toLowerCase()) {
    case "parameters":
      return [
        "parameters are known only while templates are expanded",
        "write ${{ parameters.name }} in the condition",
      ];
    case "counter":
      return ["counter() cannot stand in a condition", "use $(Rev:r) in the pipeline's name:"];
    case "stagedependencies":
      return ["stageDependencies are not supported: pipelines here have one stage", "use dependencies"];
    case "null":
      return ["null cannot be written in an expression", "compare with the empty text: ''"];
    default:
      return undefined;
  }
}

/** Says of a condition that it can be evaluated. @throws PipelineFileError where it cannot. */
export function checkCondition(text: string, place: Place): void {
  try {
    parse(text, undefined);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new PipelineFileError(
      place,
      `the condition is wrong at its character ${error.offset + 1}: ${error.message}`,
      error.mend,
      { cause: error },
    );
  }
}

/**
 * Whether a step or job with this condition runs.
 * @param condition as in a file, such as `and(succeeded(), eq(variables['a'], 'b'))`
 * @throws PipelineFileError where it cannot be parsed, or a function refuses its arguments.
 */
export function evaluateCondition(condition: string, context: ConditionContext): boolean {
  try {
    const { expression, functions } = parse(condition, context);
    const named = (name: string): Value => (name === "variables" ? texts(context.variables) : dependencies(context));
    return booleanOf(evaluate(expression, { functions, budget: new Budget(), place: NOWHERE, named }));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new PipelineFileError(
      NOWHERE,
      `it is wrong at its character ${error.offset + 1}: ${error.message}`,
      error.mend,
      { cause: error },
    );
  }
}

function texts(values: ReadonlyMap<string, string>): MappingNode {
  return mapOf([...values].map(([name, value]) => [name, scalar(value, NOWHERE)]));
}

function mapOf(pairs: readonly (readonly [string, Node])[]): MappingNode {
  const entries: MappingEntry[] = pairs.map(([name, value]) => ({ key: scalar(name, NOWHERE), value }));
  return mapping(entries, NOWHERE);
}

/** Results are written as the service writes them: `Succeeded`, `SucceededWithIssues`, … */
function dependencies(context: ConditionContext): MappingNode {
  return mapOf(
    [...(context.dependencies ?? [])].map(([name, { result, outputs }]) => {
      const shown = result.charAt(0).toUpperCase() + result.slice(1);
      return [
        name,
        mapOf([
          ["result", scalar(shown, NOWHERE)],
          ["outputs", texts(outputs)],
        ]),
      ];
    }),
  );
}
