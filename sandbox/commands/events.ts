/** Reads the engine's event log while it is written: how far it is, what changed, and what went wrong. */
import { closeSync, existsSync, openSync, readSync } from "node:fs";

/** One line of the event log: what is used of it here. */
export interface EngineEvent {
  readonly diagnosticEvent?: { readonly urn?: string; readonly severity: string; readonly message: string };
  readonly resourcePreEvent?: { readonly metadata: StepMetadata };
  readonly resOutputsEvent?: { readonly metadata: StepMetadata };
  readonly resOpFailedEvent?: { readonly metadata: StepMetadata };
  readonly summaryEvent?: {
    readonly durationSeconds: number;
    readonly resourceChanges: Readonly<Record<string, number>>;
  };
}

interface StepMetadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly diffs?: readonly string[] | null;
  readonly old?: { readonly retainOnDelete?: boolean } | null;
}

/** A resource that the engine changed, or tried to. */
export interface Change {
  /** The engine's word, but `retain` for a resource that leaves the stack and stays where it is. */
  readonly operation: string;
  readonly name: string;
  readonly type: string;
  /** Input properties that differ, for an update or a replacement. */
  readonly properties: readonly string[];
}

/** An error that the engine reported, and the resource it is about. */
export interface Diagnostic {
  readonly resource: string | undefined;
  readonly message: string;
}

/** Name and short type of a resource, from the URN's own parts. */
export function describeUrn(urn: string): { readonly name: string; readonly type: string } {
  const [, , types = "", ...name] = urn.replace(/^urn:pulumi:/, "").split("::");
  return { name: name.join("::"), type: shortType(types.split("$").at(-1) ?? "") };
}

/** The last part of a type token, such as `BuildDefinition`; a provider is named with its package. */
export function shortType(token: string): string {
  if (token.startsWith("pulumi:providers:")) return `provider ${token.slice("pulumi:providers:".length)}`;
  return token.split(":").at(-1) ?? token;
}

/** What has been learned from the events so far. */
export class EngineProgress {
  public done = 0;
  public latest: string | undefined;
  public readonly changes: Change[] = [];
  public readonly errors: Diagnostic[] = [];
  /** Numbers of resources by operation, once the engine has ended. */
  public summary: Readonly<Record<string, number>> | undefined;

  public add(event: EngineEvent): void {
    const { diagnosticEvent: diagnostic, summaryEvent: summary } = event;
    if (diagnostic?.severity === "error") {
      const resource = diagnostic.urn === undefined || diagnostic.urn === "" ? undefined : describeUrn(diagnostic.urn);
      this.errors.push({
        resource: resource === undefined ? undefined : `${resource.name} (${resource.type})`,
        message: diagnostic.message.trim(),
      });
    }
    if (summary !== undefined) this.summary = summary.resourceChanges;
    if (event.resourcePreEvent !== undefined) this.begin(event.resourcePreEvent.metadata);
    if (event.resOutputsEvent !== undefined || event.resOpFailedEvent !== undefined) this.done += 1;
  }

  /** One line on where it is. */
  public describe(): string {
    return this.latest === undefined ? "starting" : `${this.done} resources done, ${this.latest}`;
  }

  private begin({ op, urn, diffs, old }: StepMetadata): void {
    const { name, type } = describeUrn(urn);
    const operation = op === "delete" && old?.retainOnDelete === true ? "retain" : op;
    this.latest = `${operation} ${name} (${type})`;
    if (op !== "same" && op !== "read") this.changes.push({ operation, name, type, properties: diffs ?? [] });
  }
}

/** Reads what was added to a file of JSON lines since the last time. A line that is not finished waits for the next time. */
export class EventLogReader {
  private position = 0;
  private rest = Buffer.alloc(0);

  public constructor(private readonly file: string) {}

  public readNew(): EngineEvent[] {
    if (!existsSync(this.file)) return [];
    const file = openSync(this.file, "r");
    const chunk = Buffer.alloc(65536);
    try {
      for (;;) {
        const size = readSync(file, chunk, 0, chunk.length, this.position);
        if (size === 0) break;
        this.position += size;
        this.rest = Buffer.concat([this.rest, chunk.subarray(0, size)]);
      }
    } finally {
      closeSync(file);
    }
    const end = this.rest.lastIndexOf("\n");
    if (end < 0) return [];
    const lines = this.rest.subarray(0, end).toString("utf8").split("\n");
    this.rest = this.rest.subarray(end + 1);
    return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as EngineEvent);
  }
}
