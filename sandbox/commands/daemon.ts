/** Starts, finds and stops a process of a sandbox that outlives the command which starts it. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { mayHaveOwnMounts } from "../files-in-memory";
import { checkout } from "../home.mjs";
import { lockVariable } from "../lock.mjs";
import {
  endProcesses,
  identify,
  isRunning,
  outermost,
  processesWith,
  type ProcessIdentity,
} from "../process-table.mjs";
import { startDetached } from "../process.mjs";
import { readSecrets, type Sandbox, type Secrets } from "./sandbox";

/** Seconds until a running one must answer. */
const answerSeconds = 5;

/** What is particular to one of a sandbox's daemons. */
export interface DaemonKind {
  /** As messages call it. */
  readonly called: string;
  /** Name of its log, without `.log`: what its process prints. */
  readonly log: string;
  /** It carries its sandbox's folder under this name in its environment, and is found and stopped by it. */
  readonly markVariable: string;
  /** The code that it runs and its options, as a hash: a daemon of older code or other options is replaced. */
  readonly codeVariable: string;
  /** Its options come by this variable, as JSON: arguments can be read by every user of the machine. */
  readonly optionsVariable: string;
  program(sandbox: Sandbox): string;
  /** Folders and files of its code. */
  code(sandbox: Sandbox): readonly string[];
  /** The file in which it writes down its port. */
  description(sandbox: Sandbox): string;
  /** Path, with a query, that only this sandbox's daemon answers when the personal access token is shown. */
  readonly probe: string;
  /** Seconds until a started daemon must answer. */
  readonly startSeconds: number;
  /** Is set where its mounts are its own and end with it; without this name it has none of its own. */
  readonly ownMountsVariable?: string;
}

/** A daemon did not come up. */
export class DaemonNotAnswering extends Error {
  public constructor(called: string, log: string) {
    const said = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").slice(-15) : ["(it said nothing)"];
    super(`${called} do not answer. The end of ${log}:\n  ${said.join("\n  ")}`);
    this.name = "DaemonNotAnswering";
  }
}

/** Value of an `Authorization` header with a name and a secret. */
export function basicAuthorization(name: string, secret: string): string {
  return `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`;
}

/** Value of an `Authorization` header that both daemons know their own user by. */
export function authorizationOf({ personalAccessToken }: Pick<Secrets, "personalAccessToken">): string {
  return basicAuthorization("", personalAccessToken);
}

function codeHash(paths: readonly string[], options: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify(options));
  for (const path of paths) {
    const files = statSync(path).isFile()
      ? [path]
      : readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort();
    for (const file of files) hash.update(file).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** One daemon of one sandbox. */
export class Daemon {
  public constructor(
    private readonly kind: DaemonKind,
    private readonly sandbox: Sandbox,
  ) {}

  private get log(): string {
    return join(this.sandbox.logs, `${this.kind.log}.log`);
  }

  /** Its process, if it runs. */
  public process(): ProcessIdentity | undefined {
    return outermost(this.processes())[0];
  }

  /** It and what it started, such as git. */
  private processes(): ProcessIdentity[] {
    return processesWith(this.kind.markVariable, this.sandbox.folder);
  }

  /** The address that it last said it listens at. */
  private lastAddress(): string | undefined {
    try {
      const { port } = JSON.parse(readFileSync(this.kind.description(this.sandbox), "utf8")) as { port?: unknown };
      return typeof port === "number" ? `http://127.0.0.1:${port}` : undefined;
    } catch {
      return undefined; // Not written yet, or by a daemon that is gone.
    }
  }

  /** Whether what listens there is this sandbox's: it knows the token, which no other server does. */
  private async answers(address: string, secrets: Secrets): Promise<boolean> {
    try {
      const response = await fetch(`${address}${this.kind.probe}`, {
        headers: { authorization: authorizationOf(secrets) },
        redirect: "error",
        signal: AbortSignal.timeout(2000),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  private async waitForAnswer(secrets: Secrets, seconds: number, goesOn: () => boolean): Promise<string | undefined> {
    const deadline = Date.now() + seconds * 1000;
    while (Date.now() < deadline && goesOn()) {
      const address = this.lastAddress();
      if (address !== undefined && (await this.answers(address, secrets))) return address;
      await sleep(50);
    }
    return undefined;
  }

  /** `http://127.0.0.1:<port>`, if it runs and answers. */
  public async address(): Promise<string | undefined> {
    const secrets = readSecrets(this.sandbox);
    if (secrets === undefined || this.processes().length === 0) return undefined;
    return this.waitForAnswer(secrets, answerSeconds, () => this.processes().length > 0);
  }

  /** Stops it. @returns whether it ran */
  public async stop(): Promise<boolean> {
    return (await endProcesses(() => this.processes(), { graceSeconds: 10 })) > 0;
  }

  /**
   * Makes sure that it runs with today's code and these options, and answers.
   * @param options Handed to its process by environment.
   * @returns `http://127.0.0.1:<port>`
   * @throws DaemonNotAnswering with the end of its log
   */
  public async ensure(
    secrets: Secrets,
    options: Readonly<Record<string, unknown>>,
    inherited: NodeJS.ProcessEnv,
  ): Promise<string> {
    const { kind, sandbox } = this;
    const code = codeHash(kind.code(sandbox), options);
    const current = processesWith(kind.codeVariable, code).map(({ pid }) => pid);
    if (this.processes().some(({ pid }) => current.includes(pid))) {
      const address = await this.address();
      if (address !== undefined) return address;
    }
    await this.stop();
    const environment: NodeJS.ProcessEnv = {
      ...inherited,
      [kind.optionsVariable]: JSON.stringify(options),
      [kind.markVariable]: sandbox.folder,
      [kind.codeVariable]: code,
      // It outlives the run that starts it, whose leftovers are found by this.
      [lockVariable]: undefined,
    };
    const command = [process.execPath, "--require", "tsx/cjs", kind.program(sandbox)];
    if (kind.ownMountsVariable !== undefined && (await mayHaveOwnMounts(inherited))) {
      environment[kind.ownMountsVariable] = "1";
      command.unshift("unshare", "--mount");
    }
    const [program = "", ...args] = command;
    const started = identify(startDetached(program, args, { cwd: checkout, env: environment, log: this.log }));
    const address = await this.waitForAnswer(secrets, kind.startSeconds, () => isRunning(started));
    if (address === undefined) {
      await this.stop();
      throw new DaemonNotAnswering(kind.called, this.log);
    }
    return address;
  }
}
