/** Turns BuildKit's stream of events (`--progress rawjson`) into a few lines, and keeps what a failed step said. */
import type { CommandContext } from "../context";

interface Vertex {
  readonly digest: string;
  readonly name?: string;
  readonly started?: string;
  readonly completed?: string;
  readonly cached?: boolean;
  readonly error?: string;
}

interface Event {
  readonly vertexes?: readonly Vertex[];
  readonly logs?: readonly { readonly vertex: string; readonly data: string }[];
}

export interface BuildFailure {
  /** What buildx said at its end. */
  readonly summary: string;
  /** Name of the step that failed; "" where no step did. */
  readonly step: string;
  /** The end of that step's log. */
  readonly log: readonly string[];
}

/** Lines of a failed step's log that are shown. */
const shownLines = 40;
/** Lines of its place in the Dockerfile. */
const shownExcerpt = 4;
/** Characters of a step's log that are kept. */
const keptCharacters = 200_000;
const longestName = 100;
/** Seconds that a step takes to be worth a line. */
const longSeconds = 1;
/** Seconds after which what still runs is named. */
const silenceSeconds = 10;

/** Receives the lines of one run of bake. */
export class BuildProgress {
  private readonly running = new Map<string, { readonly name: string; readonly since: number }>();
  private readonly logs = new Map<string, string>();
  private readonly names = new Map<string, string>();
  private readonly plain: string[] = [];
  private failed: Vertex | undefined;
  private lastShown = Date.now();
  private readonly shown = new Set<string>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly context: CommandContext,
    private readonly redact: (text: string) => string,
  ) {
    this.timer = setInterval(() => this.showRunning(), 1000);
    this.timer.unref();
  }

  line(text: string): void {
    const event = parseEvent(text);
    if (event === undefined) {
      if (text.trim() !== "") this.plain.push(text);
      return;
    }
    for (const vertex of event.vertexes ?? []) this.vertex(vertex);
    for (const { vertex, data } of event.logs ?? []) {
      const log = (this.logs.get(vertex) ?? "") + Buffer.from(data, "base64").toString("utf8");
      this.logs.set(vertex, log.slice(-keptCharacters));
    }
  }

  /** To be called once, whatever the end was. */
  end(): void {
    clearInterval(this.timer);
  }

  /** What to show of a run that failed. */
  failure(): BuildFailure {
    const step = this.failed === undefined ? "" : this.nameOf(this.failed);
    const log = this.failed === undefined ? "" : (this.logs.get(this.failed.digest) ?? "");
    const lines = log.split(/\r?\n|\r/).filter((line) => line.trim() !== "");
    const summary = (this.plain.length > 0 ? shortened(this.plain).join("\n") : this.failed?.error) ?? "";
    return {
      summary: this.redact(summary),
      step: this.redact(step),
      log: lines.slice(-shownLines).map(this.redact),
    };
  }

  private vertex(vertex: Vertex): void {
    if (vertex.name !== undefined) this.names.set(vertex.digest, vertex.name);
    const known = this.running.get(vertex.digest);
    if (vertex.error !== undefined && vertex.error !== "" && !vertex.error.includes("context canceled")) {
      this.failed ??= vertex;
    }
    if (vertex.completed !== undefined) {
      this.running.delete(vertex.digest);
      const seconds = duration(vertex);
      if (vertex.cached !== true && seconds >= longSeconds)
        this.show(`${this.nameOf(vertex)}  ${seconds.toFixed(1)} s`);
    } else if (vertex.started !== undefined && known === undefined) {
      this.running.set(vertex.digest, { name: this.nameOf(vertex), since: Date.now() });
    }
  }

  private nameOf(vertex: Vertex): string {
    return stepName(vertex.name ?? this.names.get(vertex.digest) ?? "");
  }

  private showRunning(): void {
    if (Date.now() - this.lastShown < silenceSeconds * 1000) return;
    const [oldest] = this.running.values();
    if (oldest !== undefined) {
      this.show(`${oldest.name}  ${Math.round((Date.now() - oldest.since) / 1000)} s so far`);
    }
  }

  private show(line: string): void {
    this.lastShown = Date.now();
    // A step that two targets share is told of twice, with the name of one and of the other.
    const bare = line.replace(/^\[\S+ (?=[^\]]* \d+\/\d+\])/, "[");
    if (this.shown.has(bare)) return;
    this.shown.add(bare);
    this.context.progress(`  ${this.redact(line)}`);
  }
}

/** Names of steps hold their whole command; without its flags and its script the rest tells which one it is. */
function stepName(name: string): string {
  const [first = ""] = name.split("\n");
  const bare = first
    .replace(/ --[a-z]+=\S+/g, "")
    .replace(/<<.*$/, "")
    .replace(/\s+/g, " ")
    .trim();
  return bare.length > longestName ? `${bare.slice(0, longestName - 1)}…` : bare;
}

function duration({ started, completed }: Vertex): number {
  return started === undefined || completed === undefined ? 0 : (Date.parse(completed) - Date.parse(started)) / 1000;
}

/** buildx shows the whole step in the Dockerfile, which can be a long script: its first lines tell which one it is. */
function shortened(lines: readonly string[]): string[] {
  let excerpt = 0;
  return lines
    .filter((line) => {
      if (!/^\s*\d+ \|/.test(line)) return true;
      excerpt += 1;
      return excerpt <= shownExcerpt;
    })
    .slice(-shownLines);
}

function parseEvent(text: string): Event | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as Event;
  } catch {
    return undefined;
  }
}
