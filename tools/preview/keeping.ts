/**
 * Keeps one comment for each project and stack in a pull request, whatever runs at the same time: the newest run's report
 * stays, and of two comments that were made at once one does.
 */
import { setTimeout as sleep } from "node:timers/promises";

/** Orders the runs of one pipeline: its number, and how often it was run again. */
export interface RunNumber {
  readonly number: number;
  readonly attempt: number;
}

/** What a run has to say. */
export interface Entry {
  readonly content: string;
  readonly run: RunNumber;
  /** Equal for reports that say the same; the content also names the run. */
  readonly digest: string;
  /** False where nothing changes: the thread is closed then. */
  readonly open: boolean;
}

/** A comment of this program in the pull request. */
export interface KeptComment {
  /** Grows with each comment that the service makes. */
  readonly id: number;
  readonly content: string;
  readonly run: RunNumber;
  readonly digest: string;
  readonly open: boolean;
  /** Where people look at it. */
  readonly url?: string | undefined;
}

/** A pull request, as one service keeps its comments, for one key. */
export interface CommentStore {
  /** Those with this key, and of this account. */
  list(): Promise<readonly KeptComment[]>;
  create(entry: Entry): Promise<void>;
  /** First says whose it is, then what it says: a run that comes to it later can tell. */
  update(known: KeptComment, entry: Entry, change: { readonly reopen: boolean }): Promise<void>;
  /** Deletes it, or closes it where somebody answered. */
  remove(known: KeptComment): Promise<void>;
}

export interface Kept {
  readonly action: "created" | "edited" | "left to a newer run";
  readonly url?: string | undefined;
}

export interface KeepOptions {
  readonly signal: AbortSignal;
  /** Milliseconds after which it is looked at again, in case another run wrote at the same moment. Default 1,000. */
  readonly settle?: number;
}

/** Rounds of writing and looking again; with as many runs at once, the newest one's own rounds come last. */
const mostRounds = 6;

export async function keepComment(store: CommentStore, entry: Entry, options: KeepOptions): Promise<Kept> {
  let action: "created" | "edited" = "edited";
  for (let round = 1; ; round++) {
    options.signal.throwIfAborted();
    // The oldest stays: every run that sees the same comments comes to the same.
    const [first, ...others] = [...(await store.list())].sort((left, right) => left.id - right.id);
    if ([first, ...others].some((known) => known !== undefined && compareRuns(known.run, entry.run) > 0)) {
      // The newer run may have looked for the last time before this one's own came to be.
      for (const other of others) if (compareRuns(other.run, entry.run) === 0) await store.remove(other);
      return { action: "left to a newer run", url: first?.url };
    }
    for (const other of others) await store.remove(other);
    if (first !== undefined && others.length === 0 && isSaid(first, entry)) return { action, url: first.url };
    if (round > mostRounds) return { action, url: first?.url };
    if (first === undefined) {
      await store.create(entry);
      action = "created";
    } else if (!isSaid(first, entry)) {
      // What somebody has read and closed stays closed until there is something new.
      const reopen = first.open !== entry.open && first.digest !== entry.digest;
      await store.update(first, entry, { reopen });
    }
    await sleep(options.settle ?? 1000, undefined, { signal: options.signal });
  }
}

function isSaid(known: KeptComment, entry: Entry): boolean {
  return (
    compareRuns(known.run, entry.run) === 0 && known.digest === entry.digest && sameText(known.content, entry.content)
  );
}

/** Services take blanks at the end away, and one writes lines as Windows does. */
function sameText(left: string, right: string): boolean {
  return left.replace(/\r\n/g, "\n").trim() === right.replace(/\r\n/g, "\n").trim();
}

export function compareRuns(left: RunNumber, right: RunNumber): number {
  return left.number - right.number || left.attempt - right.attempt;
}

/** `123.1`; a text that is none is the oldest run of all. */
export function readRun(text: string): RunNumber {
  const match = /^(\d{1,15})\.(\d{1,9})$/.exec(text);
  return { number: Number(match?.[1] ?? 0), attempt: Number(match?.[2] ?? 0) };
}

export function writeRun({ number, attempt }: RunNumber): string {
  return `${number}.${attempt}`;
}
