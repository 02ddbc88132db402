/** Writes what an image's configuration says as the configuration of an OCI runtime, and nothing that it does not need. */
import { existsSync, realpathSync } from "node:fs";
import * as path from "node:path";

import { accountOf, type Account } from "./accounts";
import { ContainerError } from "./errors";
import type { ImageConfiguration } from "./image";

/** A folder or file of this machine that a container sees. */
export interface ContainerMount {
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
  /** Default `true`. */
  readonly readOnly?: boolean;
}

export interface ProcessOptions {
  /** In place of the image's command; the entry point stays. */
  readonly command?: readonly string[];
  /** In place of the image's entry point; the image's command then does not count. */
  readonly entrypoint?: readonly string[];
  /** Beside the image's variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** In place of the image's user. */
  readonly user?: string;
  readonly workingFolder?: string;
}

export interface ContainerOptions extends ProcessOptions {
  /** Whether nothing but `/tmp` and mounts can be written to. Default `false`. */
  readonly readOnlyRoot?: boolean;
  readonly mounts?: readonly ContainerMount[];
  /** Bytes. Default 512 MiB. */
  readonly memory?: number;
  /** Default 512. */
  readonly processes?: number;
}

/** The part of the runtime's configuration for one process. */
export interface RuntimeProcess {
  readonly terminal: false;
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids: readonly number[] };
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly noNewPrivileges: true;
  readonly capabilities: Readonly<Record<"bounding" | "effective" | "permitted", readonly string[]>>;
}

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const DEFAULT_MEMORY = 512 * 1024 * 1024;
const DEFAULT_PROCESSES = 512;

/** What root may still do: what a service needs that begins as root and becomes somebody else. */
const ROOT_CAPABILITIES = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_KILL",
  "CAP_NET_BIND_SERVICE",
  "CAP_SETGID",
  "CAP_SETUID",
];

/**
 * The first process of a container, or another one in it.
 * @param root Folder with the image's files, where its accounts are.
 */
export function processOf(root: string, image: ImageConfiguration, options: ProcessOptions): RuntimeProcess {
  const { config } = image;
  const account = accountOf(root, options.user ?? config.User ?? "");
  const entrypoint = options.entrypoint ?? config.Entrypoint ?? [];
  const command = options.command ?? (options.entrypoint === undefined ? (config.Cmd ?? []) : []);
  const args = [...entrypoint, ...command];
  if (args.length === 0) {
    throw new ContainerError(
      "the image names no command",
      "Give one when you start it, or build it with an ENTRYPOINT or CMD.",
    );
  }
  const capabilities = account.uid === 0 ? ROOT_CAPABILITIES : [];
  return {
    terminal: false,
    user: { uid: account.uid, gid: account.gid, additionalGids: account.additionalGids },
    args,
    env: environmentOf(config.Env ?? [], account, options.environment ?? {}),
    cwd: absolute(options.workingFolder ?? config.WorkingDir ?? "/", "working folder"),
    noNewPrivileges: true,
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
  };
}

function environmentOf(written: readonly string[], account: Account, more: Readonly<Record<string, string>>): string[] {
  const variables = new Map<string, string>([
    ["PATH", DEFAULT_PATH],
    ["HOME", account.home],
  ]);
  for (const line of written) {
    const at = line.indexOf("=");
    if (at > 0) variables.set(line.slice(0, at), line.slice(at + 1));
  }
  for (const [name, value] of Object.entries(more)) variables.set(name, value);
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

function absolute(folder: string, what: string): string {
  if (folder === "") return "/";
  if (!folder.startsWith("/") || folder.includes("\0")) {
    throw new ContainerError(`the ${what} ${JSON.stringify(folder)} is not absolute`, "Begin it with a /.");
  }
  return path.posix.normalize(folder);
}

interface RuntimeMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

function bind({ source, target, readOnly = true }: ContainerMount): RuntimeMount {
  if (!existsSync(source)) {
    throw new ContainerError(`${source} is not there, so the container cannot see it`, "Make it first.");
  }
  const options = ["bind", "nosuid", "nodev", readOnly ? "ro" : "rw"];
  return { destination: absolute(target, "mount"), type: "bind", source: realpathSync(source), options };
}

function mounts(options: ContainerOptions): RuntimeMount[] {
  const quiet = ["nosuid", "noexec", "nodev"];
  const temporary = ["nosuid", "nodev", "mode=1777", "size=64m"];
  // The network is this machine's, so its names are too.
  const names = ["/etc/hosts", "/etc/resolv.conf"].filter((file) => existsSync(file));
  return [
    { destination: "/proc", type: "proc", source: "proc", options: quiet },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
    },
    { destination: "/dev/shm", type: "tmpfs", source: "shm", options: [...quiet, "mode=1777", "size=65536k"] },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: [...quiet, "ro"] },
    ...(options.readOnlyRoot === true
      ? [{ destination: "/tmp", type: "tmpfs", source: "tmpfs", options: temporary }]
      : []),
    ...names.map((file) => bind({ source: file, target: file })),
    ...(options.mounts ?? []).map(bind),
  ];
}

/**
 * The whole configuration (`config.json` of a bundle).
 * @param root Folder with the image's files now, where its accounts are looked up.
 * @param rootfs Folder that the runtime will find them in.
 * @param cgroup Absolute path of the control group, below the machine's own.
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config.md
 */
export function runtimeConfiguration(
  root: string,
  rootfs: string,
  cgroup: string,
  image: ImageConfiguration,
  options: ContainerOptions,
): { readonly process: RuntimeProcess } & Record<string, unknown> {
  const memory = options.memory ?? DEFAULT_MEMORY;
  return {
    ociVersion: "1.0.2",
    process: processOf(root, image, options),
    root: { path: rootfs, readonly: options.readOnlyRoot === true },
    mounts: mounts(options),
    linux: {
      // No network of its own: a service is asked at this machine's own loopback address.
      namespaces: ["pid", "ipc", "uts", "mount"].map((type) => ({ type })),
      cgroupsPath: cgroup,
      resources: {
        devices: [{ allow: false, access: "rwm" }],
        memory: { limit: memory },
        pids: { limit: options.processes ?? DEFAULT_PROCESSES },
      },
      maskedPaths: [
        "/proc/acpi",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/timer_list",
        "/sys/firmware",
      ],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    },
  };
}
