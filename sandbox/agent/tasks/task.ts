/** What a task is, and what it sees of the job that runs it. */
import type { Result } from "../model";

export interface TaskProcess {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Keeps what the program writes out of the log. */
  readonly quiet?: boolean;
  /** Whether its lines can be logging commands, as those of a script; then all it writes is one stream. Default `false`. */
  readonly commands?: boolean;
  readonly onOutput?: (chunk: Buffer) => void;
  readonly onErrors?: (chunk: Buffer) => void;
}

/** What a task that signs in to Azure gets for a service connection. */
export interface AzureLogin {
  /** Id of the connection. */
  readonly endpointId: string;
  readonly clientId: string;
  readonly tenantId: string;
  /** Absent for a connection to a management group. */
  readonly subscriptionId?: string | undefined;
  /** Whether the identity has a role in the subscription; without one Azure does not show it. */
  readonly seesSubscription: boolean;
  /** What Azure DevOps says of the connection, signed; good for minutes. */
  readonly idToken: string;
}

export interface TaskHost {
  /** `Agent.TempDirectory`. */
  readonly tempFolder: string;
  /** `System.DefaultWorkingDirectory`: where paths in inputs begin. */
  readonly defaultFolder: string;
  readonly jobToken: string;
  variable(name: string): string | undefined;
  /** `output`: known to other steps by this step's name, too. */
  setVariable(name: string, value: string, options?: { readonly secret?: boolean; readonly output?: boolean }): void;
  /** Nothing of this value is in a log from now on. */
  setSecret(value: string): void;
  line(text: string): void;
  warning(text: string): void;
  error(text: string): void;
  /** Shown where `System.Debug` is true. */
  debug(text: string): void;
  /** Throws where there is no such feed. */
  feedIndex(feed: string): Promise<string>;
  /** Throws where there is no such connection, or it is refused. */
  registry(
    connection: string,
  ): Promise<{ readonly host: string; readonly username: string; readonly password: string }>;
  /** Throws where there is no such connection, it is refused, or Azure does not let it in. */
  azure(connection: string): Promise<AzureLogin>;
  /** Puts a folder before `PATH` for the steps that follow. */
  prependPath(folder: string): void;
  /** Of the processes that the task starts. */
  environment(): NodeJS.ProcessEnv;
  /** Runs a program to its end; what it writes goes to the step's log. @returns its exit code */
  run(command: string, args: readonly string[], options: TaskProcess): Promise<number>;
}

export interface TaskInput {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Macros in it are replaced. Default: nothing. */
  readonly default?: string;
  /** Why the sandbox cannot do what this input asks for; a step that sets it is refused. */
  readonly notHere?: string;
}

/** Values by the inputs' names; those without a value are not in it. */
export type Inputs = ReadonlyMap<string, string>;

export interface Task {
  /** Such as `Docker@2`. */
  readonly name: string;
  readonly inputs: readonly TaskInput[];
  run(host: TaskHost, inputs: Inputs): Promise<Result>;
}
