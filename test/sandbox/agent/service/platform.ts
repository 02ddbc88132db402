/** A stand-in cloud with a project, and the agents' service over it with jobs that tests can hold and look into. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import type { JobContext } from "../../../../sandbox/agent/job";
import type { Job, Result, RunRecord } from "../../../../sandbox/agent/model";
import { startAgents, type Agents, type AgentsOptions, type CloudAccess } from "../../../../sandbox/agent/service";
import { FeedTokens } from "../../../../sandbox/services/feed/tokens";
import type { RegistryRole, Services } from "../../../../sandbox/services/types";
import { account, signIn, TestCloud } from "../../cloud/client";
import { declareConnection } from "./connection";

export const feed = { organization: account.organization, project: "Platform", name: "python" } as const;
export const registryHost = "127.0.0.1:5999";
export const jobTokenKey = "a key that signs the tokens of jobs in tests";
/** Seconds for which a test waits for the service. */
const patience = 30;

/** A job that runs now; the test lets it end. */
export interface HeldJob {
  readonly job: Job;
  readonly context: JobContext;
  readonly end: (result?: Result) => void;
}

type Behaviour = (job: Job, context: JobContext) => Promise<Result>;

/** Runs no step, and tells of each that it went well. */
const passes: Behaviour = (job, { sink }) => {
  job.steps.forEach((_, index) => {
    sink.stepStarted(index);
    sink.stepEnded(index, "succeeded");
  });
  return Promise.resolve("succeeded");
};

/** Passes connections on to a port, while it is open. */
export class Gate {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly target: number,
    private port: number,
  ) {}

  static async open(target: number): Promise<Gate> {
    const gate = new Gate(target, 0);
    await gate.reopen();
    return gate;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async reopen(): Promise<void> {
    const server = createServer((socket) => {
      const onward = connect(this.target, "127.0.0.1");
      for (const each of [socket, onward]) {
        this.sockets.add(each);
        each
          .on("error", () => undefined)
          .on("close", () => {
            socket.destroy();
            onward.destroy();
            this.sockets.delete(each);
          });
      }
      socket.pipe(onward).pipe(socket);
    });
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  async shut(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

export class Platform {
  readonly lines: string[] = [];
  /** Jobs that were run, by the number of their run. */
  readonly ran: number[] = [];
  readonly tokens = new FeedTokens(Date.now, jobTokenKey);
  private behaviour: Behaviour = passes;
  private running: Agents | undefined;
  private readonly gates: Gate[] = [];
  private waiting: ((held: HeldJob) => void)[] = [];
  private readonly held: HeldJob[] = [];

  private constructor(
    readonly cloud: TestCloud,
    readonly folder: string,
    readonly projectId: string,
  ) {}

  static async make(): Promise<Platform> {
    const cloud = await TestCloud.start({ jobTokenKey, registryHost });
    const folder = mkdtempSync(join(tmpdir(), "wheelhouse-agents-"));
    const { id } = await cloud.make("Project", { name: feed.project });
    await cloud.make("Feed", { name: feed.name, projectId: id });
    return new Platform(cloud, folder, id);
  }

  get agents(): Agents {
    if (this.running === undefined) throw new Error("the agents are not started");
    return this.running;
  }

  /** A way to the clouds that can be closed and opened again. */
  async gate(): Promise<Gate> {
    const gate = await Gate.open(this.cloud.port);
    this.gates.push(gate);
    return gate;
  }

  get access(): CloudAccess {
    const { organization, personalAccessToken, clientId, clientSecret, subscriptionId, tenantId } = account;
    const azure = { clientId, clientSecret, subscriptionId, tenantId };
    return { address: this.cloud.address, organization, token: personalAccessToken, azure };
  }

  /** What the real services are to the agents, as strict: unknown things throw. */
  get services(): Services {
    const { tokens, folder } = this;
    const no = (what: string) => (): never => {
      throw new Error(`these services have no ${what}`);
    };
    const user = (role: RegistryRole) => {
      const passwordFile = join(folder, `password-${role}`);
      writeFileSync(passwordFile, `password-of-${role}`, { mode: 0o600 });
      return { name: `sandbox-${role}`, passwordFile, dockerConfig: folder };
    };
    return {
      registry: { host: registryHost, dockerConfig: folder, user, rotate: user, counters: no("counters") },
      feed: {
        indexUrl: "http://127.0.0.1:5998/acme/Platform/_packaging/python/pypi/simple/",
        uploadUrl: "http://127.0.0.1:5998/acme/Platform/_packaging/python/pypi/upload/",
        issueToken: (options) => tokens.issue(options),
        revoke: (token) => tokens.revoke(token),
        writeSecrets: no("secrets"),
        counters: no("counters"),
        holdBack: no("upstream"),
        release: no("upstream"),
        versions: no("upstream"),
      },
      builder: no("builders"),
      upstreamImage: no("upstream image"),
      close: () => Promise.resolve(),
    };
  }

  async start(options: Partial<AgentsOptions> = {}): Promise<Agents> {
    this.running = await startAgents({
      folder: join(this.folder, "agents"),
      cloud: this.access,
      services: this.services,
      feed,
      environment: process.env,
      write: (line) => this.lines.push(line),
      runJob: async (job, context) => {
        this.ran.push(Number(context.variables.get("Build.BuildId")?.value));
        return { result: await this.behaviour(job, context), outputs: new Map() };
      },
      ...options,
    });
    return this.running;
  }

  /** What jobs do from now on. */
  jobs(behaviour: Behaviour): void {
    this.behaviour = behaviour;
  }

  /** Jobs go on until the test ends them, or they are cancelled. */
  holdJobs(): void {
    this.jobs(
      (job, context) =>
        new Promise((resolve) => {
          const one = { job, context, end: (result: Result = "succeeded") => resolve(result) };
          context.signal.addEventListener("abort", () => resolve("canceled"), { once: true });
          const taker = this.waiting.shift();
          if (taker === undefined) this.held.push(one);
          else taker(one);
        }),
    );
  }

  /** The next job that began and was not asked for yet. */
  heldJob(): Promise<HeldJob> {
    const known = this.held.shift();
    return known === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(known);
  }

  get heldCount(): number {
    return this.held.length;
  }

  async settle(): Promise<void> {
    if (!(await this.agents.wait(patience))) {
      throw new Error(
        `the agents are not idle after ${patience} s: ${JSON.stringify(this.agents.agents())}\n${this.lines.join("\n")}`,
      );
    }
  }

  /** A repository with these files on `main`. */
  async repository(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    const { id } = await this.cloud.make("Git", {
      projectId: this.projectId,
      name,
      defaultBranch: "refs/heads/main",
      initialization: { initType: "Clean" },
    });
    for (const [file, content] of Object.entries(files)) await this.push(id, file, content);
    return id;
  }

  async push(repositoryId: string, file: string, content: string, branch = "refs/heads/main"): Promise<void> {
    const inputs = { repositoryId, branch, file, content, commitMessage: `Write ${file}`, overwriteOnCreate: true };
    await this.cloud.make("GitRepositoryFile", inputs);
  }

  /** Starts a branch where `main` is. */
  async branch(repository: string, name: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "wheelhouse-clone-"));
    const git = (...args: string[]) =>
      promisify(execFile)("git", args, {
        cwd: folder,
        timeout: 30_000,
        env: {
          PATH: process.env.PATH,
          GIT_CONFIG_GLOBAL: "/dev/null",
          GIT_CONFIG_NOSYSTEM: "1",
          GIT_CONFIG_COUNT: "1",
          GIT_CONFIG_KEY_0: "http.extraHeader",
          GIT_CONFIG_VALUE_0: `Authorization: ${signIn.devops}`,
        },
      });
    try {
      await git("clone", "--quiet", `${this.cloud.address}/devops/acme/${feed.project}/_git/${repository}`, ".");
      await git("push", "--quiet", "origin", `HEAD:refs/heads/${name}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** A pipeline from `azure-pipelines.yml`. */
  async pipeline(name: string, repositoryId: string, changes: Readonly<Record<string, unknown>> = {}): Promise<number> {
    const { id } = await this.cloud.make("BuildDefinition", {
      projectId: this.projectId,
      name,
      path: "\\wheelhouse",
      jobAuthorizationScope: "project",
      repository: {
        repoType: "TfsGit",
        repoId: repositoryId,
        branchName: "refs/heads/main",
        ymlPath: "azure-pipelines.yml",
      },
      ...changes,
    });
    return Number(id);
  }

  /** Queues a run over REST, as people and programs do. */
  async queue(definition: number, body: Readonly<Record<string, unknown>> = {}): Promise<number> {
    const path = `/devops/acme/${this.projectId}/_apis/build/builds?api-version=7.1`;
    const { status, json } = await this.cloud.call("POST", path, { definition: { id: definition }, ...body });
    if (status !== 200) throw new Error(`the run was refused: ${status} ${json.message ?? ""}`);
    return Number(json.id);
  }

  /** The clouds' view of a run. */
  async build(id: number): Promise<Record<string, unknown>> {
    const path = `/devops/acme/${this.projectId}/_apis/build/builds/${id}?api-version=7.1`;
    return (await this.cloud.call("GET", path)).json;
  }

  /** Records, the oldest first. */
  records(): RunRecord[] {
    return [...this.agents.runs.list()].reverse();
  }

  connection(name: string, role: string): Promise<string> {
    return declareConnection(this.cloud, this.projectId, name, role);
  }

  async end(): Promise<void> {
    await this.running?.close();
    for (const gate of this.gates) await gate.shut();
    await this.cloud.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
