/** The agents' service while it runs: its parts, the clouds that it watches, and what can be asked of it. */
import { setTimeout as sleep } from "node:timers/promises";

import type { RunStore } from "../records";
import type { Capability } from "./checks";
import type { Clock } from "./clock";
import { Dispatcher, type AgentState, type DispatcherParts } from "./dispatcher";
import type { MemoryFile } from "./memory";
import { Reporter } from "./reporter";
import { Watcher } from "./watcher";
import { CloudAway, CloudClient, type CloudAccess } from "./world";

/** Milliseconds between two looks whether all is done. */
const waitPause = 50;
/** How long an ending service waits for the clouds to hear of the last runs; the next start tells them, too. */
const reportMilliseconds = 2000;

interface Watching {
  readonly access: CloudAccess;
  readonly cloud: CloudClient;
  readonly reporter: Reporter;
  readonly watcher: Watcher;
  readonly stop: AbortController;
}

export interface ServiceParts extends Omit<DispatcherParts, "changed"> {
  readonly memory: MemoryFile;
  readonly clock: Clock;
  readonly capability: Capability;
  readonly write: (line: string) => void;
  /** Lets the folder go. */
  readonly release: () => void;
}

export class Service {
  public readonly runs: RunStore;
  private readonly dispatcher: Dispatcher;
  private watching: Watching | undefined;

  public constructor(private readonly parts: ServiceParts) {
    this.runs = parts.runs;
    this.dispatcher = new Dispatcher({ ...parts, changed: (id) => this.watching?.reporter.report(id) });
  }

  public clock(): Date {
    return this.parts.clock.now();
  }

  public clockOffsetSeconds(): number {
    return this.parts.clock.offsetSeconds;
  }

  public setForward(seconds: number): void {
    this.parts.clock.setForward(seconds);
    this.watching?.watcher.hurry();
  }

  public agents(): readonly AgentState[] {
    return this.dispatcher.agents;
  }

  public queue(): readonly number[] {
    return this.dispatcher.queue;
  }

  public cloudAddress(): string | undefined {
    return this.watching?.access.address;
  }

  public trouble(): string | undefined {
    return this.watching?.watcher.trouble;
  }

  public async setCloud(access: CloudAccess): Promise<void> {
    if (JSON.stringify(access) === JSON.stringify(this.watching?.access)) return;
    await this.unwatch();
    const { runs, memory, clock, capability, write } = this.parts;
    const cloud = new CloudClient(access);
    const stop = new AbortController();
    const reporter = new Reporter(runs, cloud, stop.signal, write);
    const { dispatcher } = this;
    const watcher = new Watcher({ cloud, runs, memory, clock, dispatcher, reporter, capability, write });
    this.watching = { access, cloud, reporter, watcher, stop };
  }

  /** Without clouds there is nothing to look at, so only what runs counts. */
  public isIdle(): boolean {
    return this.watching?.watcher.isIdle ?? this.dispatcher.agents.every(({ run }) => run === undefined);
  }

  public async wait(seconds: number): Promise<boolean> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      if (await this.isDone()) return true;
      if (Date.now() >= deadline) return false;
      await sleep(waitPause);
    }
  }

  public cancel(id: number): void {
    this.runs.require(id);
    this.dispatcher.cancel(id);
  }

  public async close(): Promise<void> {
    try {
      await this.dispatcher.close();
      await this.watching?.reporter.settle(reportMilliseconds);
      await this.unwatch();
      this.runs.close();
    } finally {
      this.parts.release();
    }
  }

  /** Whether the clouds, too, say that nothing has changed since the last look. */
  private async isDone(): Promise<boolean> {
    const { watching } = this;
    if (!this.isIdle()) return false;
    if (watching === undefined) return true;
    try {
      const revision = await watching.cloud.revision();
      return revision === watching.watcher.looked && this.isIdle();
    } catch (error) {
      if (error instanceof CloudAway) return false;
      throw error;
    }
  }

  private async unwatch(): Promise<void> {
    const { watching } = this;
    this.watching = undefined;
    watching?.stop.abort();
    await watching?.watcher.close();
  }
}
