/** Calls a service again after answers that say "later": within bounds, and no sooner than the service asks for. */
import { setTimeout as sleep } from "node:timers/promises";

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Told before each wait. */
  readonly note: (line: string) => void;
  /** Milliseconds before the second call; doubled for each further one. Default 1,000. */
  readonly firstPause?: number;
}

/** Calls in all. */
const mostCalls = 5;
/** Longest wait that a service can ask for, in seconds: a run does not stand still for an hour's quota. */
const longestWait = 60;

/** @throws what the last call threw, and at once what does not go away by waiting */
export async function withRetries<T>(what: string, work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let call = 1; ; call++) {
    options.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const asked = retryAfter(error);
      if (call === mostCalls || !isPassing(error, asked) || (asked ?? 0) > longestWait) throw error;
      const pause = Math.max((options.firstPause ?? 1000) * 2 ** (call - 1), (asked ?? 0) * 1000);
      options.note(`${what}: ${reasonOf(error)}; again in ${Math.ceil(pause / 1000)} s`);
      await sleep(pause, undefined, { signal: options.signal });
    }
  }
}

/** HTTP status of an answer that a client library threw; `undefined` where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const { status, statusCode } = error as { readonly status?: unknown; readonly statusCode?: unknown };
  return typeof statusCode === "number" ? statusCode : typeof status === "number" ? status : undefined;
}

/** Seconds; both clients keep the headers, each in its own place. */
function retryAfter(error: unknown): number | undefined {
  const { responseHeaders, response } = error as {
    readonly responseHeaders?: Readonly<Record<string, unknown>>;
    readonly response?: { readonly headers?: Readonly<Record<string, unknown>> };
  };
  const value = (responseHeaders ?? response?.headers)?.["retry-after"];
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const seconds = Number(value);
  if (!Number.isNaN(seconds)) return Math.max(0, seconds);
  const date = Date.parse(String(value));
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

const passingStatuses = new Set([408, 429, 500, 502, 503, 504]);
const passingCodes = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function isPassing(error: unknown, asked: number | undefined): boolean {
  const status = statusOf(error);
  if (networkCode(error) !== undefined) return true;
  if (status === undefined) return /socket hang up|fetch failed|Request timeout/i.test(reasonOf(error));
  // GitHub's secondary limits are a 403 that says when to come back.
  return passingStatuses.has(status) || (status === 403 && asked !== undefined);
}

function networkCode(error: unknown): string | undefined {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  if (typeof code === "string" && passingCodes.has(code)) return code;
  return typeof cause === "object" && cause !== null ? networkCode(cause) : undefined;
}

function reasonOf(error: unknown): string {
  const status = statusOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return status === undefined ? message : `${status} ${message.split("\n")[0] ?? ""}`;
}
