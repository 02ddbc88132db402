/** Numbers, times and results in the words that people read. */
import type { Result, RunRecord, StepRecord } from "../model";
import { html, type Html } from "./html";

/** What is shown of how far something is: one word, which is the name of its sign and colour, too. */
export type Status = "queued" | "running" | "succeeded" | "issues" | "failed" | "canceled" | "skipped" | "pending";

const ofResult: Readonly<Record<Result, Status>> = {
  succeeded: "succeeded",
  succeededWithIssues: "issues",
  failed: "failed",
  canceled: "canceled",
  skipped: "skipped",
};

const said: Readonly<Record<Status, string>> = {
  queued: "Queued",
  running: "Running",
  succeeded: "Succeeded",
  issues: "Succeeded with issues",
  failed: "Failed",
  canceled: "Canceled",
  skipped: "Skipped",
  pending: "Not started",
};

export function statusOf({ state, result }: Pick<RunRecord | StepRecord, "state" | "result">): Status {
  if (state === "completed") return result === undefined ? "failed" : ofResult[result];
  return state;
}

export function describeStatus(status: Status): string {
  return said[status];
}

/** Bytes in decimal units: `12 kB`, `3.4 MB`, `61 MB`, `1.2 GB`. */
export function describeSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  const [unit, name] = bytes < 1e9 ? [1e6, "MB"] : [1e9, "GB"];
  return `${(bytes / unit).toFixed(bytes / unit < 9.95 ? 1 : 0)} ${name}`;
}

/** `0.4 s`, `12 s`, `3 min 5 s`, `1 h 4 min`. */
export function describeSpan(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 run`, `12 runs`, `1,204 lines`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

/** With a comma between thousands. */
export function grouped(number: number): string {
  return number.toLocaleString("en-US");
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function two(number: number): string {
  return String(number).padStart(2, "0");
}

/** `21 Nov 2026`, in UTC as schedules are. */
export function describeDay(date: Date): string {
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ""} ${date.getUTCFullYear()}`;
}

/** `09:05`, in UTC. */
export function clockTime(date: Date): string {
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

/** `just now`, `5 min ago`, `3 h ago`, `2 days ago`; the page's script says it in the same words. */
export function ago(date: Date, now: Date): string {
  const minutes = Math.floor((now.getTime() - date.getTime()) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

function valid(iso: string | undefined): Date | undefined {
  const date = iso === undefined ? undefined : new Date(iso);
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

/** How long ago; the script keeps it right. Nothing for what is no time. */
export function relativeTime(iso: string | undefined, now: Date): Html | undefined {
  const date = valid(iso);
  if (date === undefined) return undefined;
  const exact = `${describeDay(date)} ${clockTime(date)} UTC`;
  return html`<time datetime="${date.toISOString()}" title="${exact}" data-ago>${ago(date, now)}</time>`;
}

/** The day and the time of it, to the second. */
export function exactTime(iso: string | undefined): Html | undefined {
  const date = valid(iso);
  if (date === undefined) return undefined;
  const time = `${clockTime(date)}:${two(date.getUTCSeconds())}`;
  return html`<time datetime="${date.toISOString()}">${describeDay(date)} ${time} UTC</time>`;
}

/** Milliseconds of what began and has ended or goes on; nothing before it began. */
export function spanOf({
  startedAt,
  endedAt,
}: Pick<RunRecord | StepRecord, "startedAt" | "endedAt">): number | undefined {
  const [from, to] = [valid(startedAt), valid(endedAt) ?? new Date()];
  return from === undefined ? undefined : Math.max(0, to.getTime() - from.getTime());
}

/** How long something took; while it goes on, the script counts. */
export function duration(record: Pick<RunRecord | StepRecord, "startedAt" | "endedAt" | "state">): Html | undefined {
  const span = spanOf(record);
  if (span === undefined) return undefined;
  const goesOn = record.endedAt === undefined && record.state !== "completed";
  if (!goesOn) return record.endedAt === undefined ? undefined : html`<span class="span">${describeSpan(span)}</span>`;
  // What the page is compared by must not change each time: the script fills it in at once.
  return html`<span class="span" data-since="${record.startedAt}"></span>`;
}

/** `main`, `pull request 12`, `tag v1`: what a full name of a branch is called. */
export function describeBranch(branch: string): string {
  const pull = /^refs\/pull\/(\d+)\/merge$/.exec(branch);
  if (pull?.[1] !== undefined) return `pull request ${pull[1]}`;
  if (branch.startsWith("refs/tags/")) return `tag ${branch.slice("refs/tags/".length)}`;
  return branch.replace(/^refs\/heads\//, "");
}
