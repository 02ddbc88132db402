/** The agents' control interface over HTTP: what the sandbox's commands ask of the daemon. Everything else is the page's. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { z } from "zod";

import { basicCredentials, isSameSecret } from "../../services/basic-credentials";
import type { RegistryRole, Services } from "../../services/types";
import type { Page } from "../page";
import { RunNotFound } from "../records";
import { ClockError, type Agents } from "../service";
import { ControlError, readBody, sendJson, sendText } from "./answer";

export interface ControlParts {
  readonly agents: Agents;
  readonly services: Services;
  readonly personalAccessToken: string;
  /** Says where the clouds are. */
  readonly setCloud: (address: string) => Promise<void>;
  /** Publishes the samples' packages that the feed lacks. @returns names of files. @throws Error for another folder */
  readonly publish: (folder: string) => Promise<readonly string[]>;
  readonly page: Page;
  readonly failed: (error: unknown) => void;
}

interface Exchange {
  readonly parts: ControlParts;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** What the route's `*` stand for. */
  readonly values: readonly string[];
}

type Route = (exchange: Exchange) => void | Promise<void>;

/** A wait is held by a connection, so it has an end. */
const mostWaitSeconds = 3600;
const roles: readonly RegistryRole[] = ["pull", "push", "delete"];

const seconds = z.strictObject({ seconds: z.number().int().positive() });
const waiting = z.strictObject({ seconds: z.number().positive().max(mostWaitSeconds) });
const cloudForm = z.strictObject({ address: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }) });
const folderForm = z.strictObject({ folder: z.string().min(1) });
const packageName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "is no name of a package");
const holdForm = z.strictObject({ name: packageName, version: z.string().min(1) });
const releaseForm = z.strictObject({ name: packageName });
const empty = z.strictObject({});

function number(text: string | undefined): number {
  if (text === undefined || !/^\d{1,9}$/.test(text))
    throw new ControlError(400, `"${text ?? ""}" is no number of a run`);
  return Number(text);
}

function state({ parts: { agents }, response }: Exchange): void {
  sendJson(response, 200, {
    idle: agents.isIdle(),
    clock: agents.clock().toISOString(),
    clockOffsetSeconds: agents.clockOffsetSeconds(),
    agents: agents.agents(),
    queue: agents.queue(),
    cloud: agents.cloudAddress(),
    trouble: agents.trouble(),
  });
}

function log({ parts: { agents }, response, query, values }: Exchange): void {
  const id = number(values[0]);
  const step = query.get("step");
  if (step === null) {
    sendText(response, agents.runs.logOf(id));
    return;
  }
  const count = agents.runs.require(id).steps.length;
  const wanted = number(step);
  if (wanted < 1 || wanted > count)
    throw new ControlError(404, `run ${id} has the steps 1 to ${count}, and no step ${step}`);
  sendText(response, agents.runs.logOf(id, wanted - 1));
}

const routes: Readonly<Record<string, Route>> = {
  "GET state": state,
  "GET runs": ({ parts, response }) => sendJson(response, 200, parts.agents.runs.list()),
  "GET runs/*": ({ parts, response, values }) => sendJson(response, 200, parts.agents.runs.require(number(values[0]))),
  "GET runs/*/log": log,
  "GET counters": ({ parts: { services }, response }) =>
    sendJson(response, 200, { registry: services.registry.counters(), feed: services.feed.counters() }),
  "GET upstream-image": async ({ parts, response }) => sendJson(response, 200, await parts.services.upstreamImage()),
  "GET versions/*": async ({ parts, response, values }) => {
    const name = packageName.safeParse(values[0]);
    if (!name.success) throw new ControlError(400, `"${values[0] ?? ""}" is no name of a package`);
    const versions = await parts.services.feed.versions(name.data);
    sendJson(response, 200, [...versions].reverse());
  },
  "POST runs/*/cancel": async ({ parts, request, response, values }) => {
    await readBody(request, empty);
    parts.agents.cancel(number(values[0]));
    sendJson(response, 200, {});
  },
  "POST cloud": async ({ parts, request, response }) => {
    await parts.setCloud((await readBody(request, cloudForm)).address);
    sendJson(response, 200, {});
  },
  "POST clock": async ({ parts, request, response }) => {
    parts.agents.setForward((await readBody(request, seconds)).seconds);
    sendJson(response, 200, { clock: parts.agents.clock().toISOString() });
  },
  "POST wait": async ({ parts, request, response }) => {
    const idle = await parts.agents.wait((await readBody(request, waiting)).seconds);
    sendJson(response, 200, { idle });
  },
  "POST rotate": async ({ parts: { services }, request, response }) => {
    await readBody(request, empty);
    for (const role of roles) services.registry.rotate(role);
    sendJson(response, 200, {});
  },
  "POST hold-back": async ({ parts: { services }, request, response }) => {
    const { name, version } = await readBody(request, holdForm);
    services.feed.holdBack(name, version);
    sendJson(response, 200, {});
  },
  "POST release": async ({ parts: { services }, request, response }) => {
    services.feed.release((await readBody(request, releaseForm)).name);
    sendJson(response, 200, {});
  },
  "POST publish": async ({ parts, request, response }) => {
    const { folder } = await readBody(request, folderForm);
    sendJson(response, 200, { published: await parts.publish(folder) });
  },
};

/** The route of a path, with what its `*` stand for. @throws ControlError */
function routeOf(method: string, path: string): { readonly route: Route; readonly values: readonly string[] } {
  const given = path.split("/").map(decode);
  const fitting = Object.entries(routes).flatMap(([pattern, route]) => {
    const [verb = "", wanted = ""] = pattern.split(" ");
    const parts = wanted.split("/");
    const fits = parts.length === given.length && parts.every((part, index) => part === "*" || part === given[index]);
    return fits ? [{ verb, route, values: given.filter((_, index) => parts[index] === "*") }] : [];
  });
  const found = fitting.find(({ verb }) => verb === method);
  if (found !== undefined) return found;
  if (fitting.length > 0) {
    throw new ControlError(
      405,
      `this is asked with ${fitting.map(({ verb }) => verb).join(" or ")}, and not with ${method}`,
    );
  }
  throw new ControlError(404, `there is nothing at /control/${path}; there are ${Object.keys(routes).join(", ")}`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ControlError(400, "the path holds a broken percent sign");
  }
}

/** A page of another site that made its name stand for this machine must not come in. */
function requireOwnHost({ headers: { host = "" } }: IncomingMessage): void {
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/i.test(host)) {
    throw new ControlError(403, "this is answered under the names 127.0.0.1 and localhost only");
  }
}

function requireToken({ headers: { authorization } }: IncomingMessage, token: string): void {
  const given = basicCredentials(authorization)?.password ?? /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (given === undefined || !isSameSecret(given, token)) {
    throw new ControlError(401, "access denied: sign in with the sandbox's personal access token");
  }
}

async function control(parts: ControlParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  requireOwnHost(request);
  requireToken(request, parts.personalAccessToken);
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const path = url.pathname.replace(/^\/control\/?/, "");
  const { route, values } = routeOf(request.method ?? "GET", path);
  await route({ parts, request, response, query: url.searchParams, values });
}

/** What the user can mend, with the status that says so. */
function refusalOf(error: unknown): ControlError | undefined {
  if (error instanceof ControlError) return error;
  if (error instanceof RunNotFound) return new ControlError(404, error.message);
  if (error instanceof ClockError || error instanceof RangeError) return new ControlError(400, error.message);
  return undefined;
}

/** Answers everything that the daemon is asked. */
export function makeHandler(
  parts: ControlParts,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    if (!/^\/control(\/|\?|$)/.test(request.url ?? "/")) {
      if (!(await parts.page(request, response))) sendJson(response, 404, { message: "there is nothing here" });
      return;
    }
    try {
      await control(parts, request, response);
    } catch (error) {
      const known = refusalOf(error);
      if (known === undefined) parts.failed(error);
      const { status, message } =
        known ??
        new ControlError(500, error instanceof Error ? error.message : "the agents failed; their log says why");
      if (response.headersSent) response.destroy();
      else {
        response.setHeader("connection", "close");
        if (status === 401) response.setHeader("www-authenticate", 'Basic realm="sandbox"');
        sendJson(response, status, { message });
      }
    }
  };
}
