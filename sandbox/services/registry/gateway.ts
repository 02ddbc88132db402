/** The door of the registry: asks for access tokens as Azure's registries do, counts bytes, and passes streams on unread. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

import { basicCredentials } from "../basic-credentials";
import { listen, type GatewayServer } from "../gateway-server";
import type { SocketClient } from "../socket-http";
import type { RegistryCounters } from "../types";
import { describeScope, neededFor, parseScope, type Access, type Need } from "./scopes";
import type { Users } from "./users";

/** Most bytes of the form that asks for a token. */
const mostFormBytes = 64 * 1024;

/** Headers that are about one connection and not about what is sent (RFC 9110), and what is for the gateway alone. */
const ofConnection = new Set([
  "authorization",
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export interface RegistryGateway extends GatewayServer {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  counters(): RegistryCounters;
}

interface Parts {
  readonly users: Users;
  readonly registry: SocketClient;
  readonly counters: { -readonly [Name in keyof RegistryCounters]: number };
  host: string;
}

/** @param failed Told of what goes wrong between the gateway and the registry. */
export async function openRegistryGateway(
  users: Users,
  registry: SocketClient,
  failed: (error: unknown) => void,
  port?: number,
): Promise<RegistryGateway> {
  const counters = { fetchedBytes: 0, pushedBytes: 0, requests: 0, refused: 0 };
  const parts: Parts = { users, registry, counters, host: "" };
  const server = await listen((request, response) => serve(parts, request, response), failed, port);
  parts.host = `127.0.0.1:${server.port}`;
  return { ...server, host: parts.host, counters: () => ({ ...counters }) };
}

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = request.url ?? "";
  const url = target.startsWith("/") ? new URL(`http://${parts.host}${target}`) : undefined;
  parts.counters.requests += 1;
  if (url === undefined) {
    refuse(response, 400, "UNSUPPORTED", "only paths are served here");
    return;
  }
  if (url.pathname === "/oauth2/token") return giveToken(parts, url, request, response);
  const need = neededFor(request.method ?? "", url.pathname, url.searchParams);
  // Without credentials not even the names that exist can be told.
  if (!isGranted(parts, request, need?.access ?? [], response)) return;
  if (need === undefined) {
    refuse(response, 404, "NAME_UNKNOWN", "there is nothing at this path");
    return;
  }
  return pass(parts, need, request, response);
}

function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: OutgoingHttpHeaders = {},
): void {
  const body = JSON.stringify({ errors: [{ code, message, detail: null }] });
  response.writeHead(status, { ...headers, "content-type": "application/json", connection: "close" }).end(body);
}

function isGranted(
  { users, host, counters }: Parts,
  { headers: { authorization } }: IncomingMessage,
  needed: readonly Access[],
  response: ServerResponse,
): boolean {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  const basic = basicCredentials(authorization);
  let verdict: string | undefined;
  if (token !== undefined) verdict = users.judgeToken(token, needed);
  else if (basic !== undefined) verdict = users.judgeBasic(basic, needed);
  if (verdict === "granted") return true;
  counters.refused += 1;
  const scope = needed.length === 0 ? "" : `,scope="${describeScope(needed)}"`;
  const error = verdict === undefined ? "" : `,error="${verdict}"`;
  refuse(response, 401, "UNAUTHORIZED", "authentication required, visit your registry's access control", {
    "www-authenticate": `Bearer realm="http://${host}/oauth2/token",service="${host}"${scope}${error}`,
    "docker-distribution-api-version": "registry/2.0",
  });
  return false;
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostFormBytes) break;
    chunks.push(chunk as Buffer);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}

/** `GET` with Basic credentials, or `POST` of a form with the grant `password`; both are in use by docker's clients. */
async function giveToken(parts: Parts, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { users, counters, host } = parts;
  const asForm = request.method === "POST";
  if (!asForm && request.method !== "GET") {
    refuse(response, 405, "UNSUPPORTED", "GET and POST ask for a token");
    return;
  }
  const form = asForm ? await readForm(request) : url.searchParams;
  if (asForm && form.get("grant_type") !== "password") {
    refuse(response, 400, "UNSUPPORTED", "the grant here is password");
    return;
  }
  if (form.get("service") !== host) {
    refuse(response, 400, "UNSUPPORTED", `the service here is ${host}`);
    return;
  }
  const credentials = asForm
    ? { user: form.get("username") ?? "", password: form.get("password") ?? "" }
    : basicCredentials(request.headers.authorization);
  const scopes = form.getAll("scope").flatMap((value) => value.split(" ").filter((scope) => scope !== ""));
  const asked = scopes.map(parseScope);
  const token = users.issue(
    credentials,
    asked.filter((access) => access !== undefined),
  );
  if (token === undefined) {
    counters.refused += 1;
    refuse(response, 401, "UNAUTHORIZED", "the user or the password is wrong", {
      "www-authenticate": `Basic realm="${host}"`,
    });
    return;
  }
  const body = JSON.stringify({ access_token: token, token, token_type: "Bearer", expires_in: users.tokenSeconds });
  response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" }).end(body);
}

/** Passes a request on, and its answer back, both as they come. */
async function pass(parts: Parts, need: Need, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { registry, counters, host } = parts;
  if (need.carriesContent) request.on("data", (chunk: Buffer) => (counters.pushedBytes += chunk.length));
  const answer = await registry.open({
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers: { ...withoutConnection(request.headers), host },
    body: request,
  });
  response.on("close", () => answer.destroy());
  response.writeHead(answer.statusCode ?? 502, withoutConnection(answer.headers));
  if (need.carriesContent && answer.statusCode === 200 && request.method === "GET") {
    answer.on("data", (chunk: Buffer) => (counters.fetchedBytes += chunk.length));
  }
  await pipeline(answer, response).catch(() => response.destroy());
}

function withoutConnection(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofConnection.has(name)));
}
