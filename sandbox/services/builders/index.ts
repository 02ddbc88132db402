/** Builders: each a BuildKit daemon of its own that knows nothing yet, as on a fresh agent, and a buildx builder for it. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";

import { stringify } from "smol-toml";
import writeFileAtomic from "write-file-atomic";

import { memoryMountOptions } from "../../files-in-memory";
import { run } from "../../process.mjs";
import { findProgram } from "../../toolchain/path.mjs";
import { startServer, type ServerProcess } from "../server-process";
import { socketPath } from "../socket-http";
import type { Builder } from "../types";

/** What builders are started with. */
export interface BuilderParts {
  /** The services folder. */
  readonly folder: string;
  /** With the tools on its `PATH`. */
  readonly environment: NodeJS.ProcessEnv;
  readonly programs: { readonly buildkitd: string; readonly buildx: string };
  /** `127.0.0.1:<port>` of the registry, which speaks plain HTTP. */
  readonly registryHost: string;
  readonly dockerConfig: string;
}

const startSeconds = 30;
const buildxSeconds = 60;

/** Namespaces of its own: with its last process all of its mounts and containers are gone, however it ended. */
const ownNamespaces = ["--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"];

/** What runs a command with a folder's files in memory, where there is enough of it; goes before the command. */
function inMemory(folder: string): readonly string[] {
  const options = memoryMountOptions();
  if (options === undefined) return [];
  return ["sh", "-c", 'mount -t tmpfs -o "$0" tmpfs "$1" && shift && exec "$@"', options, folder];
}

/** This machine cannot run a builder. */
export class CannotBuild extends Error {
  public constructor(why: string) {
    super(`images cannot be built on this machine: ${why}`);
    this.name = "CannotBuild";
  }
}

/** Makes builders, and ends those that are left. */
export class Builders {
  private readonly running = new Map<string, RunningBuilder>();
  /** Files of ended builders that are being removed. */
  private readonly removals = new Set<Promise<void>>();
  private count = 0;

  public constructor(private readonly parts: BuilderParts) {
    // What a start that was killed left: daemons' files, and what buildx noted of them.
    rmSync(this.home, { recursive: true, force: true });
    rmSync(join(parts.dockerConfig, "buildx"), { recursive: true, force: true });
  }

  /**
   * @param name Of the buildx builder. Default: one not used yet.
   * @throws CannotBuild when this process may not, Error when the name is taken or none
   */
  public async start(name = this.freeName()): Promise<Builder> {
    if (process.getuid?.() !== 0)
      throw new CannotBuild("BuildKit needs root here. Run it as root, or in a container as root");
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) {
      throw new Error(
        `"${name}" is no name for a builder: take up to 31 small letters, digits and dashes, a letter first`,
      );
    }
    if (this.running.has(name))
      throw new Error(`a builder named ${name} runs already: dispose of it, or take another name`);
    const builder = new RunningBuilder(name, join(this.home, name), this.parts, {
      gone: () => this.running.delete(name),
      discard: (folder) => this.discard(folder),
    });
    this.running.set(name, builder);
    try {
      await builder.start();
      await builder.register();
    } catch (error) {
      await builder.dispose();
      throw error;
    }
    const { dockerConfig, environment } = this.parts;
    return {
      name,
      empty: () => builder.empty(),
      dispose: () => builder.dispose(),
      environment: { ...environment, DOCKER_CONFIG: dockerConfig, BUILDX_BUILDER: name, BUILDX_CONFIG: undefined },
    };
  }

  public async close(): Promise<void> {
    await Promise.all([...this.running.values()].map((builder) => builder.dispose()));
    await Promise.all(this.removals);
    for (const folder of [this.home, socketsFolder(this.parts.folder)])
      rmSync(folder, { recursive: true, force: true });
  }

  /** Moves a folder aside at once, and removes it while others go on: a builder's files take seconds. What stays is removed at the end. */
  private discard(folder: string): void {
    this.count += 1;
    const aside = join(this.home, `.ended-${this.count}`);
    try {
      renameSync(folder, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    const removal: Promise<void> = rm(aside, { recursive: true, force: true, maxRetries: 3 })
      .catch(() => undefined)
      .finally(() => this.removals.delete(removal));
    this.removals.add(removal);
  }

  private get home(): string {
    return join(this.parts.folder, "builders");
  }

  private freeName(): string {
    do this.count += 1;
    while (this.running.has(`wheelhouse-${this.count}`));
    return `wheelhouse-${this.count}`;
  }
}

/**
 * BuildKit takes no socket whose path has more than a hundred letters or so, and a sandbox in a home folder has that many: so its
 * sockets lie in the shortest folder that there is, under a name that belongs to the services' folder.
 */
function socketsFolder(folder: string): string {
  return `/tmp/wheelhouse-${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`;
}

/** Everybody may make folders there, so one that another user made first is not used. @throws CannotBuild */
function requireOwn(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid === process.getuid?.() && (mode & 0o170_077) === 0o040_000) return;
  throw new CannotBuild(`${folder} is not this user's alone: remove it, and start again`);
}

class RunningBuilder {
  private server: ServerProcess | undefined;
  private registered = false;

  public constructor(
    private readonly name: string,
    private readonly home: string,
    private readonly parts: BuilderParts,
    private readonly owner: { readonly gone: () => void; readonly discard: (folder: string) => void },
  ) {}

  /** Where its sockets are. */
  private get sockets(): string {
    return join(socketsFolder(this.parts.folder), this.name);
  }

  private get socket(): string {
    return socketPath(join(this.sockets, "s"));
  }

  public async start(): Promise<void> {
    const { environment, programs, folder, registryHost } = this.parts;
    const { socket } = this;
    mkdirSync(this.home, { recursive: true, mode: 0o700 });
    requireOwn(socketsFolder(folder));
    mkdirSync(this.sockets, { recursive: true, mode: 0o700 });
    const configuration = join(this.home, "buildkitd.toml");
    const runc = findProgram("runc", environment);
    if (runc === undefined) throw new CannotBuild("there is no program runc. Install Debian's package runc");
    writeFileAtomic.sync(configuration, settings(registryHost, runc), { mode: 0o600 });
    const unshare = findProgram("unshare", environment);
    if (unshare === undefined) throw new CannotBuild("there is no program unshare. Install util-linux");
    const root = join(this.home, "root");
    mkdirSync(root, { mode: 0o700 });
    // Ended by force, it leaves the places of its mounts behind.
    const temporary = join(this.home, "temporary");
    mkdirSync(temporary, { mode: 0o700 });
    const daemon = [
      programs.buildkitd,
      ...["--config", configuration, "--root", root, "--addr", `unix://${socket}`],
      // Several daemons would take the usual one from each other.
      ...["--otel-socket-path", socketPath(join(this.sockets, "t"))],
    ];
    this.server = await startServer({
      called: `the builder ${this.name}`,
      command: unshare,
      args: [...ownNamespaces, ...inMemory(root), ...daemon],
      environment: { ...environment, TMPDIR: temporary },
      folder,
      log: join(folder, `builder-${this.name}.log`),
      answers: () => isListening(socket),
      startSeconds,
      // Nothing of it is kept.
      graceSeconds: 0,
    });
  }

  /** Makes the buildx builder, in the folder that its clients use. */
  public async register(): Promise<void> {
    await this.buildx("create", "--name", this.name, "--driver", "remote", `unix://${this.socket}`);
    this.registered = true;
  }

  /** A new daemon in the place of the old one: what that remembered in its memory, such as tokens, is gone, too. */
  public async empty(): Promise<void> {
    await this.stop();
    await this.start();
  }

  public async dispose(): Promise<void> {
    if (this.registered) await this.buildx("rm", "--force", "--keep-daemon", this.name);
    this.registered = false;
    await this.stop();
    this.owner.gone();
  }

  private async stop(): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
    this.owner.discard(this.home);
    rmSync(this.sockets, { recursive: true, force: true });
  }

  private async buildx(...args: string[]): Promise<void> {
    const { environment, programs, dockerConfig } = this.parts;
    const env = { ...environment, DOCKER_CONFIG: dockerConfig, BUILDX_CONFIG: undefined, BUILDX_BUILDER: undefined };
    await run(programs.buildx, args, { env, timeoutSeconds: buildxSeconds });
  }
}

/** Whether somebody listens on a socket: BuildKit does as soon as it can build. */
async function isListening(socket: string): Promise<boolean> {
  const connection = connect(socket);
  try {
    await once(connection, "connect");
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}

/** BuildKit's own settings (its documentation, "buildkitd.toml"). */
function settings(registryHost: string, runc: string): string {
  return stringify({
    worker: {
      oci: {
        enabled: true,
        binary: runc,
        // The feed and the registry are on this machine's 127.0.0.1, and steps of a build have to reach them.
        networkMode: "host",
        gc: false,
      },
      containerd: { enabled: false },
    },
    registry: { [registryHost]: { http: true } },
  });
}
