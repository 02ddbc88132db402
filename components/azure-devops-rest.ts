/** Sends JSON requests to Azure DevOps' REST services, and tries again what may succeed later. */
import { redact, type Credential } from "./azure-devops-credential";

/** The time, so that a test can have its own. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export interface RestOptions {
  /** Asked before every attempt, so that a rotated token is picked up. */
  readonly credential: () => Credential;
  /** Default: Node's own. */
  readonly fetch?: typeof fetch;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** A number from 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number;
  /** Milliseconds that a request and all its repetitions may take together. Default 120,000. */
  readonly totalMilliseconds?: number;
  /** Milliseconds that one attempt may take. Default 30,000. */
  readonly attemptMilliseconds?: number;
}

export interface RestRequest {
  readonly method: "GET" | "PATCH" | "POST";
  readonly url: string;
  readonly body?: unknown;
  /** What the request is about, as the subject of an error: `feed "python"`. */
  readonly subject: string;
  /** What the token needs, for the error where it lacks it: a scope, and a role of its user. */
  readonly rights: string;
  /** What of the address may be wrong where nothing is there: `organization, project and feed`. */
  readonly parts: string;
  /** Sent once, whatever comes of it: for what must not happen twice. Default `false`. */
  readonly once?: boolean;
}

/** A request that failed for good. The text never holds the token. */
export class RestError extends Error {
  constructor(
    message: string,
    /** HTTP status; `undefined` when no answer came. */
    readonly status: number | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "RestError";
  }
}

/** Whether the same request may succeed later: no answer, or one that says so. */
export function mayPass(error: unknown): boolean {
  return error instanceof RestError && (error.status === undefined || isPassing(error.status));
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

export const machineClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

const FIRST_DELAY = 500;
const LONGEST_DELAY = 20_000;

/** One attempt's end: an answer to hand on, or a reason to try again. */
type Outcome =
  | { readonly kind: "answer"; readonly value: unknown }
  | { readonly kind: "again"; readonly error: RestError; readonly retryAfter: number | undefined };

/**
 * Sends the request and returns the answer's JSON.
 * Status 408, 429 and 5xx and broken connections are tried again, after 0.5, 1, 2, … 20 seconds (the half of it random),
 * or after what `Retry-After` says where that is longer, until `totalMilliseconds` are over;
 * not so for a request that is sent {@link RestRequest.once once}.
 * @throws RestError for every other status, and when the time is over.
 */
export async function sendJson(request: RestRequest, options: RestOptions): Promise<unknown> {
  checkAddress(request);
  const clock = options.clock ?? machineClock;
  const random = options.random ?? Math.random;
  const deadline = clock.now() + (options.totalMilliseconds ?? 120_000);
  for (let attempt = 0; ; attempt++) {
    const left = deadline - clock.now();
    const outcome = await attemptOnce(request, options, Math.min(left, options.attemptMilliseconds ?? 30_000), clock);
    if (outcome.kind === "answer") {
      return outcome.value;
    }
    if (request.once === true) {
      throw outcome.error;
    }
    const ceiling = Math.min(FIRST_DELAY * 2 ** attempt, LONGEST_DELAY);
    const delay = Math.max((ceiling / 2) * (1 + random()), outcome.retryAfter ?? 0);
    if (clock.now() + delay >= deadline) {
      throw new RestError(
        `${outcome.error.message}; gave up after ${String(attempt + 1)} attempt${attempt === 0 ? "" : "s"}: ` +
          "run pulumi again when the service answers",
        outcome.error.status,
        { cause: outcome.error },
      );
    }
    await clock.sleep(delay);
  }
}

async function attemptOnce(
  request: RestRequest,
  options: RestOptions,
  milliseconds: number,
  clock: Clock,
): Promise<Outcome> {
  const credential = options.credential();
  const send = options.fetch ?? fetch;
  let response: Response;
  let text: string;
  try {
    response = await send(request.url, {
      method: request.method,
      headers: {
        accept: "application/json",
        authorization: credential.authorization,
        ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      // A sign-in page is where Azure DevOps sends requests that it does not know; following would hide that.
      redirect: "manual",
      signal: AbortSignal.timeout(Math.max(milliseconds, 1)),
    });
    text = await response.text();
  } catch (error) {
    const reason = redact(reasonOf(error), credential);
    const message = `${request.subject}: no answer from ${hostOf(request.url)} (${reason})`;
    return { kind: "again", error: new RestError(message, undefined), retryAfter: undefined };
  }
  if (response.ok && response.status !== 203) {
    return { kind: "answer", value: parseAnswer(request, text) };
  }
  const error = new RestError(redact(explain(request, response.status, text), credential), response.status);
  if (isPassing(response.status)) {
    return { kind: "again", error, retryAfter: retryAfter(response.headers.get("retry-after"), clock) };
  }
  throw error;
}

/** What went wrong, and how to mend it. */
function explain(request: RestRequest, status: number, text: string): string {
  const said = serviceMessage(text);
  const answer = `${request.subject}: ${hostOf(request.url)} answered ${String(status)}${said}`;
  // 203 and redirects are how Azure DevOps answers a token that it cannot read: with its sign-in page.
  if (status === 401 || status === 203 || (status >= 300 && status < 400)) {
    return `${answer}; the token is missing, wrong or expired: renew AZDO_PERSONAL_ACCESS_TOKEN`;
  }
  if (status === 403) {
    return `${answer}; the token lacks the right: it needs ${request.rights}`;
  }
  if (status === 404) {
    return `${answer}; it does not exist there, or the token's user cannot see it: check ${request.parts}`;
  }
  return answer;
}

/** The service's own words, from the `message` of its JSON; nothing of an HTML page. */
function serviceMessage(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed && typeof parsed.message === "string") {
      return ` (${parsed.message.slice(0, 300)})`;
    }
  } catch {
    // Not JSON, so a page or a proxy's text: it explains nothing here.
  }
  return "";
}

function parseAnswer(request: RestRequest, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RestError(`${request.subject}: ${hostOf(request.url)} answered something that is not JSON`, 200, {
      cause: error,
    });
  }
}

/** `Retry-After` in milliseconds: seconds, or a date (RFC 9110, 10.2.3). */
function retryAfter(value: string | null, clock: Clock): number | undefined {
  if (value === null) {
    return undefined;
  }
  const milliseconds = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - clock.now();
  return Number.isFinite(milliseconds) ? Math.max(milliseconds, 0) : undefined;
}

/** A token goes over an encrypted connection, or does not leave the machine. */
function checkAddress(request: RestRequest): void {
  const url = new URL(request.url);
  if (url.username !== "" || url.password !== "") {
    throw new RestError(`${request.subject}: the address of the service holds credentials: remove them`, undefined);
  }
  const local = ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url.protocol !== "https:" && !local) {
    throw new RestError(
      `${request.subject}: ${url.protocol}//${url.host} would send the token unencrypted: use https`,
      undefined,
    );
  }
}

function hostOf(url: string): string {
  return new URL(url).host;
}

/** fetch hides why a connection broke in its error's cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const cause = error.cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
  return code ?? error.message;
}
