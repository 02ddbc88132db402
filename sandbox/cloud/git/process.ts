/** Starts the git processes of the stand-in cloud: no other file of it starts one. */
// git's HTTP side streams in both directions, which the sandbox's own gateway for commands does not do.
// eslint-disable-next-line @typescript-eslint/no-restricted-imports
import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/** What git needs of the environment, and nothing of what the person who runs the sandbox has set up for git. */
function environment(configuration: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const pairs = Object.entries({
    "core.logAllRefUpdates": "true",
    "gc.auto": "0",
    "receive.autogc": "false",
    "safe.directory": "*",
    ...configuration,
  });
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_COUNT: String(pairs.length),
  };
  pairs.forEach(([key, value], index) => {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return environment;
}

export interface GitResult {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** A git command that failed where it should not. */
export class GitError extends Error {
  public constructor(args: readonly string[], result: GitResult) {
    super(`git ${args[0] ?? ""} ended with exit code ${result.code}: ${result.errors.trim()}`);
    this.name = "GitError";
  }
}

export interface GitOptions {
  /** The bare repository. Default: none, for commands that make one. */
  readonly repository?: string;
  /** Standard input, UTF-8. Default: empty. */
  readonly input?: string;
  /** Settings for this command alone; they may hold credentials, since they are not arguments. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** Whether an exit code other than 0 is a result and no error. Default false. */
  readonly allowFailure?: boolean;
}

/** Runs git to its end. Throws a `GitError` when it fails. */
export async function git(args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  const place = options.repository === undefined ? [] : [`--git-dir=${options.repository}`];
  const child = spawn("git", ["--literal-pathspecs", ...place, ...args], {
    env: environment(options.configuration ?? {}),
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A command that ends without reading its input is no failure of its own: its exit code tells.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const [code, output, errors] = await Promise.all([exitCode(child), text(child.stdout), text(child.stderr)]);
  const result = { code, output, errors };
  if (code !== 0 && options.allowFailure !== true) {
    throw new GitError(args, result);
  }
  return result;
}

/** Starts git's own HTTP server side for one request, as a CGI program. */
export function startHttpBackend(
  variables: Readonly<Record<string, string>>,
  configuration: Readonly<Record<string, string>>,
): ChildProcessByStdio<Writable, Readable, Readable> {
  return spawn("git", ["http-backend"], {
    env: { ...environment(configuration), ...variables },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

function exitCode(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => reject(new Error("git cannot be started: install git", { cause })));
    child.on("close", (code) => resolve(code ?? 128));
  });
}

async function text(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
