/** Runs one job as the agent of the service does: its steps in order, each by its condition, within its time. */
import { randomUUID } from "node:crypto";

import type { Job, Result, Step } from "../model";
import { evaluateCondition, replaceMacros } from "../yaml";
import { firstEnvironment, firstVariables } from "./agent-variables";
import { runCheckout } from "./checkout-step";
import { usualLimits, type JobContext, type JobLimits, type JobOutcome } from "./context";
import { endLeftProcesses, StepSessions } from "./left-processes";
import { MachineBuilders } from "./machine/builders";
import { writeLaunchers } from "./machine/launchers";
import { SecretMasker } from "./masking";
import { jobStatusName, merged } from "./results";
import { runScript, type ScriptValues } from "./script-step";
import { StepScope, type JobScope } from "./step-scope";
import { runTask } from "./task-step";
import { makeEmptyFolder, makeWorkspace } from "./workspace";

const minute = 60_000;

/** Why a step is ended before its end. */
type Ending = "canceled" | "timedOut";

/**
 * Runs a job to its end; nothing that it started is left then.
 * @throws WorkspaceError where its folder cannot be made
 */
export async function runJob(job: Job, context: JobContext, limits: Partial<JobLimits> = {}): Promise<JobOutcome> {
  const workspace = await makeWorkspace(context.folder);
  const masker = new SecretMasker();
  const lookup = `vsts_${randomUUID()}`;
  const builders = await MachineBuilders.start(workspace.machine, (name) => context.makeBuilder(name));
  const { environment, machineVariables, clockOffsetSeconds } = context;
  writeLaunchers({ folder: workspace.machine, environment, socket: builders.socket, clockOffsetSeconds });
  const sessions = new StepSessions();
  const scope: JobScope = {
    context,
    limits: { ...usualLimits, ...limits },
    workspace,
    masker,
    sessions,
    variables: firstVariables(job, context, { workspace, masker, lookup }),
    environment: { ...machineVariables, ...firstEnvironment(environment.PATH ?? "", workspace) },
    prependedPaths: [],
    checkouts: job.steps.filter((step) => step.kind === "checkout" && step.repository !== "none").length,
  };
  const cleanUp = async (): Promise<Notes> => {
    const left = await endLeftProcesses(lookup, sessions);
    const warnings = await builders.close();
    await makeEmptyFolder(workspace, workspace.temp).catch((error: unknown) => warnings.push(messageOf(error)));
    return { lines: left.map(({ pid, name }) => `Terminate orphan process: pid (${pid}) (${name})`), warnings };
  };
  try {
    const result = await new JobRun(job, scope, cleanUp).run();
    return { result, outputs: scope.variables.outputs() };
  } finally {
    await cleanUp();
  }
}

interface Notes {
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
}

class JobRun {
  private result: Result = "succeeded";
  /** Why the job was canceled, in words for people. */
  private canceled: string | undefined;
  /** Whether the time that canceled jobs get is over, too. */
  private over = false;
  private running: { readonly scope: StepScope; readonly end: (why: Ending) => void } | undefined;
  private readonly timers: NodeJS.Timeout[] = [];

  public constructor(
    private readonly job: Job,
    private readonly scope: JobScope,
    private readonly cleanUp: () => Promise<Notes>,
  ) {}

  public async run(): Promise<Result> {
    const { signal } = this.scope.context;
    const cancel = (): void => this.cancel("The job was canceled.");
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
    const { timeoutInMinutes } = this.job;
    if (timeoutInMinutes > 0) {
      this.after(timeoutInMinutes, () =>
        this.cancel(
          `The job ran longer than the maximum time of ${timeoutInMinutes} minutes. Set a longer timeoutInMinutes for the job, or make it do less.`,
        ),
      );
    }
    try {
      const names = referenceNames(this.job.steps);
      for (const [index, step] of this.job.steps.entries()) await this.runStep(step, index, names[index] ?? step.kind);
      return this.result;
    } finally {
      for (const timer of this.timers) clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    }
  }

  private after(minutes: number, act: () => void): void {
    // A longer time than a timer can count is longer than any agent lives.
    if (minutes * minute < 2 ** 31) this.timers.push(setTimeout(act, minutes * minute));
  }

  private cancel(why: string): void {
    if (this.canceled !== undefined) return;
    this.canceled = why;
    this.setResult("canceled");
    this.after(this.job.cancelTimeoutInMinutes, () => this.stop());
    const { running } = this;
    if (running === undefined) return;
    if (this.goesOn(running.scope)) return;
    running.scope.error(why);
    running.scope.error("The Operation will be canceled. The next steps may not contain expected logs.");
    running.end("canceled");
  }

  /** Whether a step runs on after the job was canceled: where its condition still holds. */
  private goesOn(scope: StepScope): boolean {
    try {
      return this.holds(scope);
    } catch (error) {
      scope.error(messageOf(error));
      return false;
    }
  }

  /** Ends what still runs after a cancellation. */
  private stop(): void {
    this.over = true;
    this.running?.scope.error(
      `The steps that run after a cancellation did not end within cancelTimeoutInMinutes, ${this.job.cancelTimeoutInMinutes} minutes.`,
    );
    this.running?.end("canceled");
  }

  private setResult(result: Result): void {
    this.result = result;
    this.scope.variables.set("Agent.JobStatus", jobStatusName(result));
  }

  private async runStep(step: Step, index: number, name: string): Promise<void> {
    const { sink } = this.scope.context;
    const ending = new AbortController();
    let why: Ending | undefined;
    const end = (reason: Ending): void => {
      why ??= reason;
      ending.abort();
    };
    const scope = new StepScope(this.scope, index, step, name, ending.signal);
    sink.stepStarted(index);
    this.running = { scope, end };
    let result: Result;
    try {
      result = this.skipped(scope) ? "skipped" : await this.carryOut(scope, end, () => why);
    } catch (error) {
      scope.error(messageOf(error));
      result = "failed";
    }
    this.running = undefined;
    if (result === "failed" && step.continueOnError) result = "succeededWithIssues";
    if (result === "succeededWithIssues" || result === "failed") this.setResult(merged(this.result, result));
    if (index === this.job.steps.length - 1) await this.finish(scope);
    scope.output.end();
    scope.requireKept();
    sink.stepEnded(index, result);
  }

  private holds({ step }: StepScope): boolean {
    const status = this.result === "skipped" ? "succeeded" : this.result;
    try {
      return evaluateCondition(step.condition, { status, variables: this.scope.variables.values() });
    } catch (cause) {
      throw new Error(`The condition ${step.condition} cannot be evaluated: ${messageOf(cause)}`, { cause });
    }
  }

  private skipped(scope: StepScope): boolean {
    for (const warning of this.scope.variables.expand()) scope.warning(warning);
    if (!scope.step.enabled) {
      scope.output.line("Skipping step: it is not enabled.");
      return true;
    }
    if (this.over) {
      scope.output.line("Skipping step: the time that a canceled job gets is over.");
      return true;
    }
    if (this.holds(scope)) return false;
    scope.output.line("Skipping step due to condition evaluation.");
    scope.output.line(`Evaluating: ${scope.step.condition}`);
    scope.output.line("Result: False");
    return true;
  }

  private async carryOut(scope: StepScope, end: (why: Ending) => void, why: () => Ending | undefined): Promise<Result> {
    const { step } = scope;
    const values = this.valuesOf(step);
    const title = values.replace(step.displayName);
    scope.output.line(`##[section]Starting: ${title}`);
    const { timeoutInMinutes } = step;
    const timer =
      timeoutInMinutes > 0 && timeoutInMinutes * minute < 2 ** 31
        ? setTimeout(() => end("timedOut"), timeoutInMinutes * minute)
        : undefined;
    let result: Result;
    try {
      result = await runKind(scope, values);
    } catch (error) {
      if (why() === undefined) scope.error(messageOf(error));
      result = "failed";
    } finally {
      clearTimeout(timer);
    }
    if (why() === "timedOut") {
      scope.error(`The task has timed out: it ran longer than timeoutInMinutes, ${timeoutInMinutes} minutes.`);
      result = "failed";
    } else if (why() === "canceled") result = "canceled";
    if (scope.commandResult !== undefined) result = merged(result, scope.commandResult);
    scope.output.line(`##[section]Finishing: ${title}`);
    return result;
  }

  /** Macros are replaced by variables, and then by what the agent's own environment has. */
  private valuesOf(step: Step): ScriptValues {
    const variables = this.scope.variables.values();
    const replace = (text: string): string => this.replaceHostMacros(replaceMacros(text, variables));
    const env = Object.entries(step.env).map(([name, value]) => [name.trim(), replace(value.trim())]);
    return { replace, env: Object.fromEntries(env) as Record<string, string> };
  }

  /** Names in just this case: `$(logname)` is the shell's, `$(LOGNAME)` a macro. */
  private replaceHostMacros(text: string): string {
    return text.replace(/\$\(([A-Z]+)\)/g, (macro, name: string) => this.scope.environment[name] ?? macro);
  }

  /** Tells in the last step's log what had to be ended. */
  private async finish(scope: StepScope): Promise<void> {
    const { lines, warnings } = await this.cleanUp();
    for (const line of lines) scope.output.line(line);
    for (const warning of warnings) scope.warning(warning);
  }
}

async function runKind(scope: StepScope, values: ScriptValues): Promise<Result> {
  const { step } = scope;
  switch (step.kind) {
    case "checkout":
      return runCheckout(scope, step);
    case "script":
      return runScript(scope, step, values);
    case "task":
      return runTask(scope, step, values);
  }
}

/** The names under which steps' output variables are known: `name:`, or the task's with a number where it comes again. */
function referenceNames(steps: readonly Step[]): string[] {
  const counts = new Map<string, number>();
  return steps.map((step) => {
    if (step.name !== undefined) return step.name;
    const name =
      step.kind === "task"
        ? (step.task.split("@")[0] ?? "")
        : step.kind === "checkout"
          ? "checkout"
          : shellTask(step.shell);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? name : `${name}${count}`;
  });
}

function shellTask(shell: "sh" | "bash"): string {
  return shell === "sh" ? "CmdLine" : "Bash";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
