/** Starts every process of the tools: the only file that may. An interrupt ends what it started before the tool ends. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, statSync } from "node:fs";
import * as path from "node:path";
import { StringDecoder } from "node:string_decoder";
import { InterruptedError } from "./errors";
import { feed } from "./feed";

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment of the program. */
  readonly environment: NodeJS.ProcessEnv;
  /** When aborted, the program and its children are ended, and `run` throws {@link InterruptedError}. */
  readonly signal: AbortSignal;
  /** Called for each line, without its end. Default: lines are kept in the result only. */
  readonly onLine?: (line: string, stream: "output" | "errors") => void;
}

export interface RunResult {
  /** 127 when the program is not there, 128 and more after a signal. */
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Seconds that a program has to end by itself after an interrupt: buildx takes its time to cancel a build. */
const graceSeconds = 10;

/** Characters kept of each stream: the end of a long log is what tells why it failed. */
const kept = 4_000_000;

const running = new Set<ChildProcess>();

process.on("exit", () => {
  for (const child of running) send(child, "SIGKILL");
});

/** To the program's whole process group, so that its own children end too. */
function send(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}

/**
 * Runs a program to its end. Every exit code is a result; what it means is for the caller to say.
 * @param args never secrets: every user of the machine can read them.
 * @throws InterruptedError when the signal is aborted, after the program has ended.
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const interrupted = () => options.signal.aborted;
  if (interrupted()) throw new InterruptedError();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const output = collect(child.stdout, (line) => options.onLine?.(line, "output"));
  const errors = collect(child.stderr, (line) => options.onLine?.(line, "errors"));
  let force: NodeJS.Timeout | undefined;
  const end = () => {
    send(child, "SIGTERM");
    force = setTimeout(() => send(child, "SIGKILL"), graceSeconds * 1000);
  };
  options.signal.addEventListener("abort", end, { once: true });
  let code = 127;
  let notStarted = "";
  try {
    const [status, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    code = status ?? (signal === "SIGKILL" ? 137 : 143);
  } catch (error) {
    notStarted = error instanceof Error ? error.message : String(error);
  } finally {
    running.delete(child);
    clearTimeout(force);
    options.signal.removeEventListener("abort", end);
  }
  if (interrupted()) throw new InterruptedError();
  return { code, output: output(), errors: errors() + notStarted };
}

/** A program did not make anything whole of what it was given. */
export class FilterError extends Error {
  public constructor(program: string, code: number, errors: string) {
    const last = errors.trim().split("\n").at(-1) ?? "";
    super(`${program}: ${last === "" ? `exit code ${code}` : last}`);
    this.name = "FilterError";
  }
}

/**
 * What a program writes to its output for what it is given on its input, piece by piece, while more is given. It has no environment.
 * It is ended when the caller wants no more.
 * @throws FilterError when it ends with another code than 0, 127 when it could not be started, and when it ends before the input does.
 */
export async function* filtered(
  program: string,
  args: readonly string[],
  input: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  const child = spawn(program, args, { env: {}, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  running.add(child);
  const errors = collect(child.stderr, () => undefined);
  const ended = once(child, "close").then(
    ([status]) => (status as number | null) ?? 137,
    () => 127,
  );
  // One that ends early leaves input behind; its exit code says more than the broken pipe.
  child.stdin.on("error", () => undefined);
  let inputFailure: Error | undefined;
  const feeding = feed(child.stdin, input).catch((error: unknown) => {
    inputFailure = error instanceof Error ? error : new Error(String(error));
    send(child, "SIGKILL");
    return false;
  });
  try {
    try {
      yield* child.stdout as AsyncIterable<Buffer>;
    } catch (error) {
      // The output of what could not be started breaks off; the code says why.
      if ((await ended) === 0) throw error;
    }
    const code = await ended;
    const tookAll = await feeding;
    if (inputFailure !== undefined) throw inputFailure;
    if (code !== 0) throw new FilterError(program, code, errors());
    if (!tookAll) throw new FilterError(program, code, "it ended before it had taken everything");
  } finally {
    if (child.exitCode === null && child.signalCode === null) send(child, "SIGKILL");
    await ended;
    running.delete(child);
    await feeding;
  }
}

/** Splits a stream into lines and keeps its end. */
function collect(stream: NodeJS.ReadableStream, onLine: (line: string) => void): () => string {
  const decoder = new StringDecoder("utf8");
  let all = "";
  let rest = "";
  const add = (text: string) => {
    all = all.length + text.length > 2 * kept ? (all + text).slice(-kept) : all + text;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line.replace(/\r$/, ""));
  };
  stream.on("data", (chunk: Buffer) => add(decoder.write(chunk)));
  stream.on("end", () => {
    add(decoder.end());
    if (rest !== "") onLine(rest);
    rest = "";
  });
  return () => all;
}

/** Absolute path of a program on the environment's PATH. A name with a `/` is taken as a path. */
export function findProgram(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const candidates = name.includes("/")
    ? [path.resolve(name)]
    : (environment.PATH ?? "")
        .split(path.delimiter)
        .filter((folder) => folder !== "")
        .map((folder) => path.join(folder, name));
  return candidates.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
