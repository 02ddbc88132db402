/** Runs jobs for tests: a folder of their own, a sink that remembers, and steps in few words. */
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runJob, type JobContext, type JobLimits, type JobOutcome } from "../../../../sandbox/agent/job";
import type { CheckoutStep, Issue, Job, Result, ScriptStep, Step, TaskStep } from "../../../../sandbox/agent/model";

export const token =
  "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJuYW1laWQiOiJidWlsZCIsImp0aSI6IjQyIn0.c2lnbmF0dXJlLW9mLXRoZS1qb2I";

const common = {
  condition: "succeeded()",
  continueOnError: false,
  enabled: true,
  timeoutInMinutes: 0,
  env: {},
};

export function script(text: string, parts: Partial<ScriptStep> = {}): ScriptStep {
  return { ...common, kind: "script", shell: "sh", displayName: "step", script: text, failOnStderr: false, ...parts };
}

export function task(name: string, inputs: Record<string, string>, parts: Partial<TaskStep> = {}): TaskStep {
  return { ...common, kind: "task", displayName: name, task: name, inputs, ...parts };
}

export function checkout(repository: string, parts: Partial<CheckoutStep> = {}): CheckoutStep {
  return {
    ...common,
    kind: "checkout",
    displayName: `Checkout ${repository}`,
    repository,
    fetchDepth: 1,
    persistCredentials: false,
    clean: false,
    ...parts,
  };
}

export function job(steps: readonly Step[], parts: Partial<Job> = {}): Job {
  return {
    name: "image",
    displayName: "Image",
    pool: { vmImage: "ubuntu-24.04" },
    timeoutInMinutes: 60,
    cancelTimeoutInMinutes: 5,
    condition: "succeeded()",
    dependsOn: [],
    variables: {},
    steps,
    ...parts,
  };
}

/** What a job told. */
export class Told {
  readonly lines: string[][] = [];
  readonly results: Result[] = [];
  readonly issues: (Issue & { index: number })[] = [];
  readonly tags: string[] = [];
  readonly numbers: string[] = [];
  readonly summaries: string[] = [];
  readonly artifacts: { name: string; container: string; folder: string }[] = [];
  /** Called at each line. */
  onLine: (text: string) => void = () => undefined;
  result: Result | undefined;
  outputs: JobOutcome["outputs"] = new Map();

  constructor(private readonly folder: string) {}

  /** The log of one step, or of all. */
  log(index?: number): string {
    return (index === undefined ? this.lines.flat() : (this.lines[index] ?? [])).join("\n");
  }

  /** All that could be kept of the run. */
  get everything(): string {
    return [this.log(), JSON.stringify(this.issues), this.tags.join(), this.numbers.join(), ...this.summaries].join(
      "\n",
    );
  }

  readonly sink: JobContext["sink"] = {
    stepStarted: (index) => void (this.lines[index] = []),
    line: (index, text) => {
      this.lines[index]!.push(text);
      this.onLine(text);
    },
    stepEnded: (index, result) => void (this.results[index] = result),
    issue: (index, issue) => void this.issues.push({ ...issue, index }),
    tag: (text) => void this.tags.push(text),
    buildNumber: (text) => void this.numbers.push(text),
    summary: (file) => void this.summaries.push(readFileSync(file, "utf8")),
    artifact: (name, source, container) => {
      const folder = join(this.folder, `artifact-${this.artifacts.length}`);
      cpSync(source, folder, { recursive: true });
      this.artifacts.push({ name, container, folder });
    },
  };
}

/** Short times: what takes seconds on an agent takes parts of one here. */
export const quick: Partial<JobLimits> = {
  interruptSeconds: 0.4,
  terminateSeconds: 0.3,
  streamSeconds: 0.5,
  fetchPauses: [0.05, 0.05],
};

export class Machine {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "wheelhouse-job-")));
  readonly workFolder = join(this.folder, "agent");

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  context(told: Told, parts: Partial<JobContext> = {}): JobContext {
    const none = (what: string) => () => Promise.reject(new Error(`this test has no ${what}`));
    return {
      folder: this.workFolder,
      variables: new Map([
        ["Build.BuildId", { value: "7", secret: false }],
        ["Build.Reason", { value: "Manual", secret: false }],
      ]),
      jobToken: token,
      environment: { PATH: process.env.PATH },
      repository: none("repository"),
      feedIndex: none("feed"),
      registry: none("registry"),
      azure: none("connection to Azure"),
      makeBuilder: none("builder"),
      signal: new AbortController().signal,
      clockOffsetSeconds: 0,
      sink: told.sink,
      ...parts,
    };
  }

  /** Runs a job to its end. */
  async run(
    steps: readonly Step[],
    parts: {
      job?: Partial<Job>;
      context?: Partial<JobContext>;
      limits?: Partial<JobLimits>;
      onLine?: (text: string) => void;
    } = {},
  ): Promise<Told> {
    const told = new Told(this.folder);
    if (parts.onLine !== undefined) told.onLine = parts.onLine;
    const { result, outputs } = await runJob(job(steps, parts.job), this.context(told, parts.context), {
      ...quick,
      ...parts.limits,
    });
    told.result = result;
    told.outputs = outputs;
    return told;
  }
}
