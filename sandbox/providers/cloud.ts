/** Calls of the stand-in cloud: JSON over HTTP with a time limit, and errors that say what to do. */
import type { PlainMap } from "./properties";
import type { Entity, ResourceService } from "./resource-service";

/** Where a service is and who asks. */
export interface Connection {
  /** The service's name, for messages. */
  readonly service: string;
  /** Address that the verbs are appended to. */
  readonly address: string;
  /** Value of the `Authorization` header; never part of a message. */
  readonly authorization: string | Assertion;
  /** What goes into every request beside the verb's own fields. */
  readonly context: Readonly<Record<string, string>>;
}

/** Somebody else's word for who asks: what is exchanged for a token of the service, once, at the first call. */
export interface Assertion {
  readonly clientId: string;
  readonly tenantId: string;
  readonly assertion: string;
}

/** A refusal of the service, or a failure to reach it. `status` is 0 where there was no answer. */
export class CloudError extends Error {
  public constructor(
    message: string,
    public readonly status: number,
    public readonly code: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "CloudError";
  }
}

const defaultSeconds = 60;

/** One service of the stand-in cloud, as the provider plugins use it. */
export class Cloud implements ResourceService {
  private readonly inFlight = new Set<AbortController>();
  private cancelled = false;
  private signedIn: Promise<string> | undefined;

  public constructor(private readonly connection: Connection) {}

  public async create(token: string, inputs: PlainMap, seconds?: number): Promise<Entity> {
    return entity(await this.call("create", { token, inputs }, seconds));
  }

  /** Nothing where the service has no such resource any more. */
  public async read(token: string, id: string, seconds?: number): Promise<Entity | undefined> {
    const answer = await this.unlessMissing(this.call("read", { token, id }, seconds));
    return answer === undefined ? undefined : entity({ id, ...answer });
  }

  public async update(token: string, id: string, olds: PlainMap, news: PlainMap, seconds?: number): Promise<Entity> {
    return entity({ id, ...(await this.call("update", { token, id, olds, news }, seconds)) });
  }

  /** A resource that is gone already is no error. */
  public async delete(token: string, id: string, seconds?: number): Promise<void> {
    await this.unlessMissing(this.call("delete", { token, id }, seconds));
  }

  public async invoke(token: string, args: PlainMap): Promise<PlainMap> {
    const answer = await this.call("invoke", { token, args });
    return (answer.result ?? {}) as PlainMap;
  }

  /** The id of what these inputs would clash with, if anything. */
  public async find(token: string, inputs: PlainMap): Promise<string | undefined> {
    const answer = await this.unlessMissing(this.call("find", { token, inputs }));
    return answer === undefined ? undefined : String(answer.id);
  }

  /** Refuses further calls, and gives the running ones a few seconds: what was created must not be forgotten. */
  public cancel(graceMilliseconds = 5000): void {
    this.cancelled = true;
    setTimeout(() => this.inFlight.forEach((controller) => controller.abort()), graceMilliseconds).unref();
  }

  private async unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof CloudError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  private async call(verb: string, body: object, seconds = defaultSeconds): Promise<Record<string, unknown>> {
    const { service, authorization, context } = this.connection;
    // Here alone: a call that waits for its sign-in is one of those that run.
    if (this.cancelled) {
      throw new CloudError(`${service}: the operation was cancelled`, 0, "Cancelled");
    }
    this.signedIn ??= typeof authorization === "string" ? Promise.resolve(authorization) : this.signIn(authorization);
    return this.send(verb, { ...context, ...body }, seconds, await this.signedIn);
  }

  private async signIn(assertion: Assertion): Promise<string> {
    try {
      const { accessToken } = await this.send("sign-in", assertion, defaultSeconds, undefined);
      return `Bearer ${String(accessToken)}`;
    } catch (error) {
      // A failure to reach the service is not for ever.
      this.signedIn = undefined;
      throw error;
    }
  }

  private async send(
    verb: string,
    body: object,
    seconds: number,
    authorization: string | undefined,
  ): Promise<Record<string, unknown>> {
    const { service, address } = this.connection;
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort("timeout"), seconds * 1000);
    this.inFlight.add(controller);
    try {
      const response = await fetch(`${address}/_sandbox/${verb}`, {
        method: "POST",
        headers: { ...(authorization === undefined ? {} : { authorization }), "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: controller.signal,
        redirect: "error",
      });
      const text = await response.text();
      if (!response.ok) {
        throw refusal(service, response.status, text);
      }
      return parse(service, text);
    } catch (error) {
      throw error instanceof CloudError ? error : this.unreachable(error, controller.signal, seconds);
    } finally {
      clearTimeout(timer);
      this.inFlight.delete(controller);
    }
  }

  private unreachable(cause: unknown, signal: AbortSignal, seconds: number): CloudError {
    const { service, address } = this.connection;
    if (!signal.aborted) {
      const message = `cannot reach ${service} at ${address}: is the sandbox up? npm run sandbox -- up`;
      return new CloudError(message, 0, "Unreachable", { cause });
    }
    const outcome =
      signal.reason === "timeout"
        ? `${service} at ${address} did not answer within ${seconds} s`
        : `${service}: the operation was cancelled before an answer came`;
    return new CloudError(`${outcome}; run "pulumi refresh" to learn what it did`, 0, "NoAnswer", { cause });
  }
}

function parse(service: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) {
      return value as Record<string, unknown>;
    }
  } catch (cause) {
    throw new CloudError(`${service} answered with something that is not JSON`, 0, "NotJson", { cause });
  }
  throw new CloudError(`${service} answered with something that is not an object`, 0, "NotJson");
}

function refusal(service: string, status: number, text: string): CloudError {
  let code = `HTTP ${status}`;
  let message = "no reason given";
  try {
    const answer = JSON.parse(text) as { code?: unknown; message?: unknown };
    code = typeof answer.code === "string" ? answer.code : code;
    message = typeof answer.message === "string" ? answer.message : message;
  } catch {
    // Not the service's own error: its status is all there is to say.
  }
  return new CloudError(`${service} refused (${status} ${code}): ${message}`, status, code);
}

function entity(answer: Record<string, unknown>): Entity {
  const { id, properties } = answer;
  if ((typeof id !== "string" && typeof id !== "number") || typeof properties !== "object" || properties === null) {
    throw new CloudError("the service's answer holds no id or no properties", 0, "NotAnEntity");
  }
  return { id: String(id), properties: properties as PlainMap };
}
