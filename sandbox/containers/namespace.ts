/**
 * Runs a program in mount and process namespaces of its own. Whatever ends the program, or this process, by whatever
 * signal: the kernel then ends all that runs in there and takes its mounts away, so nothing is ever left behind.
 */
import { CommandFailed, run, type RunResult } from "../process.mjs";
import { ContainerError } from "./errors";

/** A union of folders, seen only within the namespace. */
export interface Overlay {
  /** The topmost first; relative to `layers`. */
  readonly lower: readonly string[];
  readonly layers: string;
  readonly upper: string;
  readonly work: string;
  readonly merged: string;
}

export interface Namespace {
  /** The program's process id, as this machine counts. */
  readonly pid: number;
  /** Lines that it has said, of either kind: the last ones, where there are many. */
  readonly lines: readonly string[];
  /** Exit code, 128 and more after a signal, and what it said by kind. */
  readonly ended: Promise<RunResult>;
  /** Sends a signal; nothing where it has ended. */
  signal(name: NodeJS.Signals): void;
}

const READY = "wheelhouse-namespace";
const MOST_LINES = 10_000;

/**
 * The shell reads its own process id where the machine's process list is still the one it sees. Paths of layers are
 * relative: the kernel takes one page of mount options, and no more.
 */
const script = `
set -eu
read -r pid rest < /proc/self/stat
mount -t proc proc /proc
if test -n "$1"; then
  cd "$2"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$3,workdir=$4" "$5"
  cd /
fi
echo "${READY} $pid"
shift 5
exec "$@"
`;

/** What is missing for containers to run, in words; nothing where nothing is. */
export function whyNot(): string | undefined {
  if (process.platform !== "linux") return "containers run on Linux only";
  return process.getuid?.() === 0 ? undefined : "containers need root, to mount and to make namespaces";
}

/**
 * @param command A program and its arguments; never secrets.
 * @param overlay Mounted before the program starts, where it is given.
 * @returns as soon as the program is about to start
 * @throws ContainerError where the machine cannot do that.
 */
export async function enterNamespace(
  command: readonly string[],
  overlay: Overlay | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Namespace> {
  const reason = whyNot();
  if (reason !== undefined) throw new ContainerError(reason, "Run this on Linux as root.");
  const place =
    overlay === undefined
      ? ["", "", "", "", ""]
      : [overlay.lower.join(":"), overlay.layers, overlay.upper, overlay.work, overlay.merged];
  const lines: string[] = [];
  let ready: (pid: number) => void = () => undefined;
  const started = new Promise<number>((resolve) => (ready = resolve));
  const ending = run(
    "setpriv",
    [
      ...["--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private"],
      ...["--pid", "--fork", "--kill-child=KILL", "sh", "-c", script, "sh", ...place, ...command],
    ],
    {
      env: { PATH: environment.PATH, LC_ALL: "C" },
      allowFailure: true,
      stop: { signal: "SIGTERM", wholeGroup: true, graceSeconds: 10 },
      onLine: (line: string) => {
        const pid = new RegExp(`^${READY} (\\d+)$`).exec(line)?.[1];
        if (pid !== undefined && lines.length === 0) ready(Number(pid));
        else if (lines.push(line) > MOST_LINES) lines.splice(0, MOST_LINES / 2);
      },
    },
  );
  const first = await Promise.race([started, ending]);
  if (typeof first !== "number") {
    throw new ContainerError(
      `the namespaces for a container cannot be made: ${new CommandFailed("unshare", [], first).message}`,
      "It needs root with all its rights, util-linux, and a kernel with overlay; in a container of its own, a privileged one.",
    );
  }
  let over = false;
  const ended = ending.then((result) => {
    over = true;
    return { ...result, output: result.output.replace(new RegExp(`^${READY} \\d+\n`), "") };
  });
  return {
    pid: first,
    lines,
    ended,
    signal: (name) => {
      if (over) return;
      try {
        process.kill(first, name);
      } catch {
        // It ended meanwhile.
      }
    },
  };
}
