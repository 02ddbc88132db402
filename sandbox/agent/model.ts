/** What the parts of the sandbox's Azure Pipelines hand to each other: expanded pipelines, jobs, and the records of runs. */

/** A branch or path filter: patterns with `*`; what is excluded wins. Empty `include` means everything. */
export interface Filter {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Pushes that start a run. */
export interface PushTrigger {
  readonly branches: Filter;
  readonly paths: Filter;
  /** Whether pushes that come while a run goes on are put together into one run after it. */
  readonly batch: boolean;
}

export interface Schedule {
  /** Five fields, UTC. */
  readonly cron: string;
  readonly displayName: string;
  readonly branches: Filter;
  /** Whether it runs without a change since the last scheduled run. */
  readonly always: boolean;
}

export interface RepositoryResource {
  readonly alias: string;
  /** `Project/repository`; `repository` alone lies in the pipeline's own project. */
  readonly name: string;
  /** Full name of a branch or tag. */
  readonly ref: string;
}

export interface PipelineResource {
  readonly alias: string;
  /** Folder and name of a definition, such as `\wheelhouse\python-web`, or its name alone. */
  readonly source: string;
  /** Runs of it that start this pipeline; absent: none do. */
  readonly trigger?: {
    readonly branches: Filter;
    readonly tags: readonly string[];
    readonly stages: readonly string[];
  };
}

/** The part of a pipeline's main file that says when it runs: read without expanding its template. */
export interface MainFile {
  /** `undefined`: the key is missing, which starts a run at every push. `"none"`: no push does. */
  readonly trigger: PushTrigger | "none" | undefined;
  readonly schedules: readonly Schedule[];
  readonly repositories: readonly RepositoryResource[];
  readonly pipelines: readonly PipelineResource[];
  /** `name:`, the form of the run's number; default `$(Date:yyyyMMdd)$(Rev:.r)`. */
  readonly numberFormat: string;
}

/** Where a file came from: the pipeline's own repository, or one of its resources. */
export interface TemplatePlace {
  /** `self`, or the alias of a repository resource. */
  readonly repository: string;
  readonly path: string;
}

export type PoolReference =
  { readonly vmImage: string } | { readonly name: string; readonly demands: readonly string[] };

interface StepCommon {
  /** `name:` of the step, for output variables. */
  readonly name?: string;
  readonly displayName: string;
  /** A run-time condition. Default `succeeded()`. */
  readonly condition: string;
  readonly continueOnError: boolean;
  readonly enabled: boolean;
  /** Minutes; 0 means no limit of its own. */
  readonly timeoutInMinutes: number;
  /** Macros are not replaced yet. */
  readonly env: Readonly<Record<string, string>>;
}

export interface CheckoutStep extends StepCommon {
  readonly kind: "checkout";
  /** `self`, `none`, an alias, or `git://Project/repository@refs/heads/branch`. */
  readonly repository: string;
  /** Relative to `$(Pipeline.Workspace)`. Default: `s`, or `s/<repository>` where the job has several checkouts. */
  readonly path?: string;
  /** 0: all history. */
  readonly fetchDepth: number;
  readonly persistCredentials: boolean;
  readonly clean: boolean;
}

/** `script:` and `bash:`. */
export interface ScriptStep extends StepCommon {
  readonly kind: "script";
  readonly shell: "sh" | "bash";
  readonly script: string;
  readonly workingDirectory?: string;
  readonly failOnStderr: boolean;
}

export interface TaskStep extends StepCommon {
  readonly kind: "task";
  /** Such as `PipAuthenticate@1`. */
  readonly task: string;
  /** Booleans and numbers as text; macros are not replaced yet. */
  readonly inputs: Readonly<Record<string, string>>;
}

export type Step = CheckoutStep | ScriptStep | TaskStep;

export interface Job {
  readonly name: string;
  readonly displayName: string;
  readonly pool: PoolReference;
  readonly timeoutInMinutes: number;
  /** Minutes that steps with `always()` get after a cancellation. Default 5. */
  readonly cancelTimeoutInMinutes: number;
  readonly condition: string;
  readonly dependsOn: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** A pipeline for one run: no template expression is left in it. */
export interface ExpandedPipeline {
  readonly main: MainFile;
  /** The template that the main file extends, if it does. */
  readonly extends?: TemplatePlace;
  /** Every template file that took part, `extends` first. */
  readonly templates: readonly TemplatePlace[];
  readonly variables: Readonly<Record<string, string>>;
  readonly jobs: readonly Job[];
  /** All of it as one YAML text, as the service shows it. */
  readonly text: string;
}

/** Why a run started; these are the values of `Build.Reason`. */
export type Reason = "Manual" | "IndividualCI" | "BatchedCI" | "Schedule" | "PullRequest" | "ResourceTrigger";

export type RunState = "queued" | "running" | "completed";

export type Result = "succeeded" | "succeededWithIssues" | "failed" | "canceled" | "skipped";

export interface Issue {
  readonly type: "error" | "warning";
  readonly message: string;
}

export interface StepRecord {
  readonly displayName: string;
  state: "pending" | "running" | "completed";
  result?: Result;
  /** ISO 8601, real time. */
  startedAt?: string;
  endedAt?: string;
  /** Of the step's log, relative to the run's folder. */
  log?: string;
  issues: Issue[];
}

/** All that is known of a run; lies as `run.json` in a folder of its own, and holds no secret. */
export interface RunRecord {
  readonly id: number;
  /** The build number, such as `20261121.3`. */
  number: string;
  readonly pipeline: { readonly id: number; readonly name: string; readonly folder: string; readonly project: string };
  readonly repository: { readonly id: string; readonly name: string };
  readonly reason: Reason;
  /** In words: `push of 3f2a91c to main`, `python-web 20261121.1 was published`, `schedule "Daily refresh"`. */
  readonly because: string;
  /** Full name; `refs/pull/<id>/merge` for a pull request. */
  readonly branch: string;
  readonly commit: string;
  /** For a pull request. */
  readonly pullRequest?: number;
  state: RunState;
  result?: Result;
  /** ISO 8601, on the sandbox's clock, which can be set forward. */
  readonly queuedAt: string;
  /** ISO 8601, real time. */
  startedAt?: string;
  endedAt?: string;
  /** Number of the agent that ran it. */
  agent?: number;
  tags: string[];
  /** Of the run as a whole: what was refused before any step ran. */
  issues: Issue[];
  steps: StepRecord[];
  /** Names; each is a folder `artifacts/<name>` in the run's folder. */
  artifacts: string[];
  /** Markdown files in the run's folder, in the order in which they were uploaded. */
  summaries: string[];
}
