/** The part of the Azure Pipelines YAML that Wheelhouse writes, as types: what is not here cannot be rendered. */

/** Branches or paths. */
export interface Filter {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
}

/** Pushes that start a run: none, those to the listed branches, or by filters. Without the key, every push does. */
export type Trigger =
  "none" | readonly string[] | { readonly batch?: boolean; readonly branches: Filter; readonly paths?: Filter };

/** A scheduled run: UTC, only in a main file. `always` is required here: its default skips days without a commit. */
export interface Schedule {
  readonly cron: string;
  readonly displayName: string;
  readonly branches: Filter;
  readonly always: boolean;
}

export interface RepositoryResource {
  readonly repository: string;
  readonly type: "git";
  /** `Project/repository`, a literal. */
  readonly name: string;
  readonly ref: string;
}

export interface PipelineResource {
  readonly pipeline: string;
  /** Folder and name of the definition, such as `\wheelhouse\python-web`. */
  readonly source: string;
  readonly trigger: { readonly tags: readonly string[] };
}

export interface Resources {
  readonly repositories?: readonly RepositoryResource[];
  readonly pipelines?: readonly PipelineResource[];
}

/** A typed parameter of a template; without `default` it must be given. */
export interface Parameter {
  readonly name: string;
  readonly displayName?: string;
  readonly type: "string" | "object";
  readonly default?: string | PoolReference | readonly string[];
  /** What alone it may be. Default: anything of its type. */
  readonly values?: readonly string[];
}

/** A pool in YAML. */
export type PoolReference =
  { readonly vmImage: string } | { readonly name: string; readonly demands?: readonly string[] };

/** A template expression as a whole value: known before the run starts. */
export type Expression = `\${{ ${string} }}`;

interface StepOptions {
  /** By which later steps know what it puts out. */
  readonly name?: string;
  readonly displayName?: string;
  /** A run-time condition. Default: all steps before have succeeded. */
  readonly condition?: string;
  readonly timeoutInMinutes?: number;
  /** Variables for the step's process; a secret variable is only there when mapped here. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface CheckoutStep {
  readonly checkout: string;
  /** Relative to `$(Pipeline.Workspace)`. */
  readonly path?: string;
  readonly fetchDepth?: number;
  /** Whether git keeps the job's token for later steps: never. */
  readonly persistCredentials: false;
}

export interface TaskStep extends StepOptions {
  readonly task: string;
  readonly inputs: Readonly<Record<string, string | boolean>>;
}

/** A POSIX shell script. */
export interface ScriptStep extends StepOptions {
  readonly script: string;
  readonly workingDirectory?: string;
}

export type Step = CheckoutStep | TaskStep | ScriptStep;

/** Steps that are chosen while templates are expanded, so that the others are not even in the run. */
export interface CompileTimeChoice {
  /** A template expression without its braces. */
  readonly when: string;
  readonly then: readonly Step[];
  /** Default: none. */
  readonly otherwise?: readonly Step[];
}

export interface Job {
  readonly job: string;
  readonly displayName: string;
  /** A pool, or the parameter that holds one. */
  readonly pool: PoolReference | Expression;
  readonly timeoutInMinutes: number;
  /** What is removed from an agent that was used before. */
  readonly workspace: { readonly clean: "all" };
  readonly steps: readonly (Step | CompileTimeChoice)[];
}

/** A template that pipelines extend. */
export interface Template {
  readonly parameters: readonly Parameter[];
  readonly jobs: readonly Job[];
}

/** The main file of a pipeline with jobs of its own. */
export interface Pipeline {
  readonly trigger: Trigger;
  readonly pr: "none";
  readonly jobs: readonly Job[];
}

/** The main file of a pipeline that extends a template. */
export interface ExtendingPipeline {
  readonly trigger: Trigger;
  readonly pr: "none";
  readonly schedules?: readonly Schedule[];
  readonly resources: Resources;
  readonly extends: {
    readonly template: string;
    readonly parameters: Readonly<Record<string, string | PoolReference | readonly string[]>>;
  };
}
