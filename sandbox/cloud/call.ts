/** One HTTP call to the stand-in cloud, and its answer, apart from the server that carries them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { JobReach } from "../services/types";
import type { Principal } from "./azure/principal";
import type { Cloud } from "./cloud";
import { invalid, ServiceError } from "./errors";
import type { Entity, Properties } from "./state";

/** Most bytes of a JSON body. */
const mostBytes = 32 * 1024 * 1024;

export interface Call {
  readonly cloud: Cloud;
  readonly method: string;
  /** The path's parts after the service and the organization, decoded. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  /** The person who calls. Absent: the owner. */
  readonly person?: Entity | undefined;
  /** Set where a pipeline's job calls, with what it may fetch. */
  readonly job?: JobReach | undefined;
  /** Whose token calls Azure. Absent: the account that the sandbox was made with. */
  readonly principal?: Principal | undefined;
  readonly request: IncomingMessage;
  /** For answers that are streamed; others are returned. */
  readonly response: ServerResponse;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, where there is no `json`. */
  readonly text?: string;
}

/** What answers a call; undefined where it has streamed the answer itself. */
export type Handler = (call: Call) => Answer | Promise<Answer | undefined>;

export function ok(json: unknown): Answer {
  return { status: 200, json };
}

/** A list in the form in which Azure DevOps answers all of its lists. */
export function list(value: readonly unknown[]): Answer {
  return ok({ count: value.length, value });
}

/** The body as a JSON object, or a refusal. */
export async function jsonBody({ request }: Call): Promise<Properties> {
  if (request.headers["content-type"]?.toLowerCase().startsWith("application/json") !== true) {
    throw new ServiceError(
      415,
      "UnsupportedMediaType",
      "the body must be JSON, with the header content-type: application/json",
    );
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) {
      throw new ServiceError(413, "RequestTooLarge", `the body has more than ${mostBytes} bytes`);
    }
    chunks.push(chunk as Buffer);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new ServiceError(400, "InvalidJson", "the body is no JSON", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid("InvalidJson", "the body must be a JSON object");
  }
  return value as Properties;
}
