/** A container that runs: the runtime that holds it, what it says, other commands in it, and its end. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { CommandFailed, run, type RunResult } from "../process.mjs";
import { processOf, runtimeConfiguration, type ContainerOptions, type ProcessOptions } from "./configuration";
import { ContainerError } from "./errors";
import { cgroupParent } from "./folders";
import { copyTree, type Layers } from "./layer-store";
import type { FoundImage } from "./layout";
import { enterNamespace, type Namespace } from "./namespace";

/** How a command ended. */
export interface Ended {
  /** 128 and more after a signal. */
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface Container {
  /** The process id of its first process, as this machine counts. */
  readonly pid: number;
  /** What it has said so far, both kinds; the last thousands of lines. */
  output(): string;
  /** Its end, by itself or by `stop`. */
  readonly ended: Promise<Ended>;
  /** Runs a command in it, as the container's user and with its variables unless told otherwise. */
  exec(command: readonly string[], options?: ExecOptions): Promise<Ended>;
  /** Whether the image's own health check passes; an image without one is healthy while it runs. */
  healthy(): Promise<boolean>;
  /**
   * Asks it to end, ends it by force after `graceSeconds` (default 10), and removes all that was made for it.
   * @returns its exit code
   */
  stop(graceSeconds?: number): Promise<number>;
}

export interface ExecOptions extends Omit<ProcessOptions, "command" | "entrypoint"> {
  /** Default 30. Then 124 is its exit code, and what it left running ends with the container. */
  readonly timeoutSeconds?: number;
  readonly input?: string;
}

interface Running {
  /** Folder of all that belongs to it. */
  readonly place: string;
  readonly options: ContainerOptions;
  readonly environment: NodeJS.ProcessEnv;
  /** Removes that folder. */
  readonly end: () => void;
}

/** Exit code of what SIGKILL ended. */
const KILLED = 137;
const NANOSECONDS = 1e9;
const HEALTH_SECONDS = 30;
/** For the runtime to start the first process, once the image is there. */
const START_SECONDS = 60;

/** Layers, mount and runtime; what is written for it before it starts waits for the mount, where its accounts are. */
export async function runContainer(image: FoundImage, layers: Layers, running: Running): Promise<Container> {
  const { place, options, environment, end } = running;
  const at = (name: string) => path.join(place, name);
  for (const name of ["rootfs", "upper", "work", "bundle", "state"]) mkdirSync(at(name));
  if (layers.union === "copy") await copyTree(path.join(layers.folder, layers.names[0] ?? ""), at("rootfs"));
  const id = path.basename(place);
  const runc = ["runc", "--root", at("state")];
  const namespace = await enterNamespace(
    ["sh", "-c", 'until test -e "$1"; do sleep 0.01; done; shift; exec "$@"', "sh", at("go"), ...runc, "run"].concat([
      "--bundle",
      at("bundle"),
      "--pid-file",
      at("pid"),
      id,
    ]),
    layers.union === "copy"
      ? undefined
      : { lower: layers.names, layers: layers.folder, upper: at("upper"), work: at("work"), merged: at("rootfs") },
    environment,
  );
  let watched = (): void => undefined;
  const watching = new Promise<void>((resolve) => (watched = resolve));
  // Its files go when nobody looks for them any more: a command that ends at once has started all the same.
  const ended = namespace.ended.then(async (result) => {
    await watching;
    end();
    return result;
  });
  try {
    const root = path.join("/proc", String(namespace.pid), "root", at("rootfs"));
    const cgroup = `/${cgroupParent}/${id}`;
    const configuration = runtimeConfiguration(root, at("rootfs"), cgroup, image.configuration, options);
    writeFileSync(at("bundle/config.json"), JSON.stringify(configuration), { mode: 0o600 });
    writeFileSync(at("go"), "");
    await startedOrFailed(at("pid"), namespace, configuration.process.args);
    watched();
    return handle({ image, running, namespace, ended, root, runc, id });
  } catch (error) {
    watched();
    namespace.signal("SIGKILL");
    await ended;
    throw error;
  }
}

async function startedOrFailed(pidFile: string, namespace: Namespace, args: readonly string[]): Promise<void> {
  let result: RunResult | undefined;
  void namespace.ended.then((final) => (result = final));
  const deadline = Date.now() + START_SECONDS * 1000;
  while (!existsSync(pidFile)) {
    if (result !== undefined) {
      throw new ContainerError(
        `the container could not be started: ${new CommandFailed(args.join(" "), [], result).message}`,
        "Mend what the runtime says, or the image's command.",
      );
    }
    if (Date.now() > deadline) {
      throw new ContainerError(`the container did not start within ${START_SECONDS} s`, "Try again with less load.");
    }
    await sleep(10);
  }
}

interface Handle {
  readonly image: FoundImage;
  readonly running: Running;
  readonly namespace: Namespace;
  readonly ended: Promise<RunResult>;
  readonly root: string;
  readonly runc: readonly string[];
  readonly id: string;
}

function handle({ image, running, namespace, ended, root, runc, id }: Handle): Container {
  let over = false;
  void ended.then(() => (over = true));
  let execs = 0;

  async function exec(command: readonly string[], options: ExecOptions = {}): Promise<Ended> {
    if (over) throw new ContainerError("the container has ended, so nothing runs in it", "Start it again.");
    const { timeoutSeconds = 30, input, ...more } = options;
    const environment = { ...running.options.environment, ...more.environment };
    const user = more.user ?? running.options.user;
    const wanted: ProcessOptions = {
      ...more,
      environment,
      ...(user === undefined ? {} : { user }),
      entrypoint: [],
      command,
    };
    const file = path.join(running.place, `exec-${execs++}.json`);
    writeFileSync(file, JSON.stringify(processOf(root, image.configuration, wanted)), { mode: 0o600 });
    const words = [...runc, "exec", "--process", file, id];
    // The runtime knows its processes by their ids in the namespace, and so must be in it too.
    const { code, output, errors } = await run(
      "nsenter",
      ["--target", String(namespace.pid), "--mount", "--pid", ...words],
      { env: running.environment, allowFailure: true, timeoutSeconds, ...(input === undefined ? {} : { input }) },
    );
    return { code, output, errors };
  }

  async function healthy(): Promise<boolean> {
    const check = image.configuration.config.Healthcheck;
    const [kind, ...words] = check?.Test ?? [];
    if (over) return false;
    if (kind === undefined || kind === "NONE") return true;
    const command = kind === "CMD-SHELL" ? ["/bin/sh", "-c", ...words] : words;
    const seconds = (check?.Timeout ?? 0) / NANOSECONDS;
    return (await exec(command, { timeoutSeconds: seconds === 0 ? HEALTH_SECONDS : seconds })).code === 0;
  }

  return {
    pid: firstChild(namespace.pid) ?? namespace.pid,
    output: () => namespace.lines.join("\n"),
    ended,
    exec,
    healthy,
    stop: async (graceSeconds = 10) => {
      const forced = { yes: false };
      namespace.signal("SIGTERM");
      const late = setTimeout(() => {
        forced.yes = true;
        namespace.signal("SIGKILL");
      }, graceSeconds * 1000);
      try {
        const { code } = await ended;
        // What stands between cannot tell by which signal the runtime ended.
        return forced.yes ? KILLED : code;
      } finally {
        clearTimeout(late);
      }
    },
  };
}

/** The process that the runtime started; each of its threads has a list of its own. */
function firstChild(pid: number): number | undefined {
  const threads = path.join("/proc", String(pid), "task");
  try {
    for (const thread of readdirSync(threads)) {
      const [child] = readFileSync(path.join(threads, thread, "children"), "utf8")
        .trim()
        .split(" ");
      if (child !== undefined && child !== "") return Number(child);
    }
  } catch {
    // It has ended already.
  }
  return undefined;
}
