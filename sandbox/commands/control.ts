/** Asks the agents' daemon: what runs, to wait until all is done, to set the clock forward. */
import { z } from "zod";

import { packagesFolder } from "../samples/publish";
import type { RunRecord } from "../agent/model";
import { authorizationOf } from "./daemon";
import type { Secrets } from "./sandbox";

/** Seconds for an answer of a question that is not for waiting. */
const usualSeconds = 120;
/** Seconds for what is made once on a machine: the Python image, the samples' packages. */
const makingSeconds = 600;

const refusal = z.object({ message: z.string() });

const counters = z.object({
  registry: z.object({ fetchedBytes: z.number(), pushedBytes: z.number(), requests: z.number() }),
  feed: z.object({ requests: z.number(), refused: z.number(), upstreamRequests: z.number(), fetchedBytes: z.number() }),
});

const state = z.object({
  /** Whether nothing runs or waits, and all that the clouds hold was looked at. */
  idle: z.boolean(),
  /** ISO 8601, of the clock that can be set forward. */
  clock: z.string(),
});

/** Bytes and requests since the daemon started. */
export type Counters = z.infer<typeof counters>;

/** The agents' daemon did not do what it was asked. */
export class ControlRefused extends Error {
  public constructor(path: string, status: number, message: string) {
    super(`the agents refuse ${path} (${status}): ${message}\n  npm run sandbox -- logs agents   says more`);
    this.name = "ControlRefused";
  }
}

/** The control interface of one sandbox's agents. */
export class Control {
  public constructor(
    /** `http://127.0.0.1:<port>`; people see their page there. */
    public readonly address: string,
    private readonly secrets: Pick<Secrets, "personalAccessToken">,
  ) {}

  private async ask(path: string, body?: unknown, seconds = usualSeconds): Promise<unknown> {
    const response = await fetch(`${this.address}/control/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: authorizationOf(this.secrets), "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(seconds * 1000),
    });
    const text = await response.text();
    if (response.ok) return text === "" ? undefined : (JSON.parse(text) as unknown);
    const said = refusal.safeParse(jsonOf(text));
    throw new ControlRefused(path, response.status, said.success ? said.data.message : text.slice(0, 500));
  }

  /** Tells where the clouds answer: they are started after the services, whose ports they must know. */
  public async setCloud(address: string): Promise<void> {
    await this.ask("cloud", { address });
  }

  public async state(): Promise<z.infer<typeof state>> {
    return state.parse(await this.ask("state"));
  }

  /** Every run that is kept, the newest first. */
  public async runs(): Promise<readonly RunRecord[]> {
    return (await this.ask("runs")) as readonly RunRecord[];
  }

  public async counters(): Promise<Counters> {
    return counters.parse(await this.ask("counters"));
  }

  /** Waits until nothing runs or waits, and every change up to now was looked at. @returns whether it came to that */
  public async wait(seconds: number): Promise<boolean> {
    return z.object({ idle: z.boolean() }).parse(await this.ask("wait", { seconds }, seconds + usualSeconds)).idle;
  }

  /** Sets the clock of schedules and of jobs forward. */
  public async setForward(seconds: number): Promise<void> {
    await this.ask("clock", { seconds });
  }

  /** Makes all passwords of the registry others. Tokens of jobs are new for each anyway. */
  public async rotate(): Promise<void> {
    await this.ask("rotate", {});
  }

  /** Hides versions of an upstream package at or above this one, as if they were not out yet. */
  public async holdBack(name: string, version: string): Promise<void> {
    await this.ask("hold-back", { name, version });
  }

  /** Lets an upstream package have all of its versions again. */
  public async release(name: string): Promise<void> {
    await this.ask("release", { name });
  }

  /** Versions of a package as the feed shows them, the newest first. */
  public async versions(name: string): Promise<readonly string[]> {
    return z.array(z.string()).parse(await this.ask(`versions/${encodeURIComponent(name)}`));
  }

  /** Publishes the samples' private packages, where the feed lacks them. */
  public async publishSamples(): Promise<void> {
    await this.ask("publish", { folder: packagesFolder }, makingSeconds);
  }

  /** Makes and pushes the image that stands for the public Python image, where it is not there. */
  public async upstreamImage(): Promise<void> {
    await this.ask("upstream-image", undefined, makingSeconds);
  }
}

/** What a text says as JSON; nothing where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
