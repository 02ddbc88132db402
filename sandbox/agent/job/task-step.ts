/** Runs a task of the service, of which only a few are here: any other is an error that names it. */
import type { Result, TaskStep } from "../model";
import { findTask, readInputs, type TaskHost } from "../tasks";
import type { ScriptValues } from "./script-step";
import { prependPath } from "./prepended-paths";
import type { StepScope } from "./step-scope";
import { untilAborted } from "./until-aborted";

/** @throws UnsupportedTask, InvalidInputs */
export async function runTask(scope: StepScope, step: TaskStep, { replace, env }: ScriptValues): Promise<Result> {
  const task = findTask(step.task);
  const inputs = readInputs(task, step.inputs, replace);
  const result = await task.run(hostOf(scope, env), inputs);
  return scope.signal.aborted ? "canceled" : result;
}

function hostOf(scope: StepScope, env: Readonly<Record<string, string>>): TaskHost {
  const { variables, masker, context, workspace } = scope.job;
  return {
    tempFolder: workspace.temp,
    defaultFolder: variables.get("System.DefaultWorkingDirectory") ?? workspace.sources,
    jobToken: context.jobToken,
    variable: (name) => variables.get(name),
    setVariable: (name, value, { secret = false, output = false } = {}) => {
      if (output) variables.setOutput(`${scope.referenceName}.${name}`, value, { secret });
      else variables.set(name, value, { secret });
    },
    setSecret: (value) => masker.add(value, { token: true }),
    line: (text) => scope.output.line(text),
    warning: (text) => scope.warning(text),
    error: (text) => scope.error(text),
    debug: (text) => scope.debug(text),
    feedIndex: (feed) => untilAborted(context.feedIndex(feed), scope.signal),
    registry: (connection) => untilAborted(context.registry(connection), scope.signal),
    azure: (connection) => untilAborted(context.azure(connection), scope.signal),
    prependPath: (folder) => prependPath(scope.job, folder),
    environment: () => scope.environment(env),
    run: (command, args, options) => scope.run(command, args, { ...options, commands: options.commands ?? false }),
  };
}
