/** The HTTP server of the stand-in cloud: authentication, the way to each service, errors and the log. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { jobOf, mayUseAzure, mayUseDevops, personOf, type Credentials } from "./authentication";
import { checkAccess } from "./azure/access";
import { principalOf, signIn } from "./azure/sign-in";
import { jsonBody, ok, type Answer, type Call, type Handler } from "./call";
import type { Cloud } from "./cloud";
import { control } from "./control";
import { forbidden, missing, ServiceError } from "./errors";
import type { Faults } from "./faults";
import { serveGit } from "./git/http";
import { azure, devops } from "./kinds";
import { checkJobRequest, checkJobVerb } from "./job-access";
import type { Log } from "./log";
import { feeds } from "./rest/feeds";
import { organization } from "./rest/organization";
import { packages, type PackageIndex } from "./rest/packages";
import type { Properties } from "./state";

export interface ServerParts {
  readonly cloud: Cloud;
  readonly credentials: Credentials;
  readonly faults: Faults;
  readonly log: Log;
  /** Folder of the hook that guards protected branches. */
  readonly hooks: string;
  readonly packageIndex?: PackageIndex | undefined;
}

/** Where a token of somebody whom an identity trusts becomes a token for Azure. */
const signInPath = "/azure/_sandbox/sign-in";

/** A service: who may call it, how many parts of the path name its owner, and what answers. */
interface Service {
  readonly mayUse: (header: string | undefined, credentials: Credentials) => boolean;
  readonly ofOrganization: boolean;
  /** Who beside the owner calls it with tokens of their own. */
  readonly others: readonly ("people" | "jobs" | "principals")[];
  readonly handler: Handler;
}

function services({ faults, hooks, credentials, packageIndex }: ServerParts): ReadonlyMap<string, Service> {
  const devopsControl = control(devops, faults, (body, call) => checkJobVerb(call, body));
  const azureControl = control(azure, faults, checkAccount);
  const devopsHandler: Handler = async (call) => {
    const ofGit = call.parts[0] !== "_sandbox" && call.parts.includes("_git");
    if (call.parts[0] === "_sandbox") {
      if (call.person !== undefined) {
        throw forbidden("OwnerOnly", "only the owner of the organization may call the verbs under _sandbox/");
      }
      return devopsControl(call);
    }
    if (ofGit) return serveGit(call, hooks);
    checkJobRequest(call);
    return organization(call);
  };
  const feedsHandler: Handler = (call) => {
    checkJobRequest(call);
    return feeds(call);
  };
  const azureHandler: Handler = async (call) => {
    if (call.parts[0] === "_sandbox") {
      return azureControl(call);
    }
    throw missing("InvalidResourceType", "here Azure is called through the verbs under /azure/_sandbox/ only");
  };
  const ofOrganization = (header: string | undefined): boolean => mayUseDevops(header, credentials);
  const packagesHandler: Handler = (call) => packages(call, packageIndex, ofOrganization);
  return new Map<string, Service>([
    ["devops", { mayUse: mayUseDevops, ofOrganization: true, others: ["people", "jobs"], handler: devopsHandler }],
    ["feeds", { mayUse: mayUseDevops, ofOrganization: true, others: ["jobs"], handler: feedsHandler }],
    // A package index has tokens of its own, so what is checked here is only that there are credentials.
    [
      "packages",
      {
        mayUse: packageIndex === undefined ? mayUseDevops : (header) => header !== undefined,
        ofOrganization: true,
        others: [],
        handler: packagesHandler,
      },
    ],
    ["azure", { mayUse: mayUseAzure, ofOrganization: false, others: ["principals"], handler: azureHandler }],
  ]);
}

function checkAccount(body: Properties, { cloud, principal, parts }: Call): void {
  const { subscriptionId, tenantId } = body;
  if (tenantId !== cloud.tenantId) {
    throw new ServiceError(
      401,
      "InvalidAuthenticationTokenTenant",
      `the account belongs to another tenant than ${String(tenantId)}`,
    );
  }
  if (subscriptionId !== cloud.subscriptionId) {
    throw missing("SubscriptionNotFound", `the subscription ${String(subscriptionId)} could not be found`);
  }
  if (principal !== undefined) checkAccess(cloud, principal, parts[1] ?? "", body);
}

/** The server, not yet listening. */
export function makeServer(parts: ServerParts): Server {
  const known = services(parts);
  const server = createServer((request, response) => {
    const started = performance.now();
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    response.on("close", () => {
      // The agents ask this five times a second: whoever reads the log wants to see what was done.
      if (path.endsWith("/_sandbox/revision") && response.statusCode === 200) return;
      parts.log.call(request.method ?? "", path, response.statusCode, performance.now() - started);
    });
    void respond(parts, known, request, response);
  });
  // Clients keep connections longer than the default of five seconds, and a call on a closed one is lost.
  server.keepAliveTimeout = 65_000;
  server.requestTimeout = 0;
  return server;
}

async function respond(
  parts: ServerParts,
  known: ReadonlyMap<string, Service>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const [name = "", ...path] = url.pathname.split("/").slice(1).map(decode);
    const service = known.get(name);
    if (service === undefined) {
      throw missing("ServiceNotFound", `there is no service "${name}"; there are ${[...known.keys()].join(", ")}`);
    }
    const unknown = callOf(parts.cloud, service, path, url, request, response);
    if (url.pathname === signInPath && request.method === "POST") {
      send(response, ok(signIn(parts.cloud, await jsonBody(unknown))));
      return;
    }
    const call = { ...unknown, ...authorize(parts, service, name, request) };
    send(response, await withFaults(parts.faults, service.handler, call, url.pathname));
  } catch (error) {
    refuse(parts.log, response, error);
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new ServiceError(400, "InvalidPath", "the path holds a broken percent sign", { cause });
  }
}

/** @returns who calls, where it is somebody else than the owner */
function authorize(
  { credentials, cloud }: ServerParts,
  { mayUse, others }: Service,
  name: string,
  { headers: { authorization } }: IncomingMessage,
): Pick<Call, "person" | "job" | "principal"> {
  if (mayUse(authorization, credentials)) {
    return {};
  }
  const person = others.includes("people") ? personOf(authorization, cloud) : undefined;
  const job = others.includes("jobs") ? jobOf(authorization, cloud.jobTokens) : undefined;
  const principal = others.includes("principals") ? principalOf(authorization, cloud) : undefined;
  if (person === undefined && job === undefined && principal === undefined) {
    const what = name === "azure" ? "the application's id and secret" : "a personal access token as the password";
    throw new ServiceError(401, "Unauthorized", `access denied: sign in with HTTP Basic and ${what}`);
  }
  return { person, job, principal };
}

function callOf(
  cloud: Cloud,
  { ofOrganization }: Service,
  path: readonly string[],
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Call {
  const [organizationName = "", ...rest] = path;
  if (ofOrganization && organizationName.toLowerCase() !== cloud.organization.toLowerCase()) {
    throw missing("OrganizationNotFound", `there is no organization named "${organizationName}"`);
  }
  const parts = (ofOrganization ? rest : path).filter((part) => part !== "");
  return { cloud, method: request.method ?? "GET", parts, query: url.searchParams, request, response };
}

async function withFaults(faults: Faults, handler: Handler, call: Call, path: string): Promise<Answer | undefined> {
  const fault = path.endsWith("/_sandbox/fault") ? undefined : faults.take(call.method, path);
  if (fault === undefined) {
    return handler(call);
  }
  if (fault.after) {
    await handler(call);
  }
  throw new ServiceError(fault.status, "Injected", "this failure was asked for");
}

function send(response: ServerResponse, answer: Answer | undefined): void {
  if (answer === undefined) {
    return;
  }
  const json = answer.json !== undefined;
  const body = json ? JSON.stringify(answer.json) : (answer.text ?? "");
  response.writeHead(answer.status, {
    ...(json ? { "content-type": "application/json; charset=utf-8" } : {}),
    ...answer.headers,
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

function refuse(log: Log, response: ServerResponse, error: unknown): void {
  const known = error instanceof ServiceError;
  if (!known) {
    log.failure(error);
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const refusal = known ? error : new ServiceError(500, "InternalError", "the stand-in failed; its log says why");
  const { status, code, message } = refusal;
  const headers: Record<string, string> = {
    // What is left of the request's body is not read any more.
    connection: "close",
    ...(status === 401 ? { "www-authenticate": 'Basic realm="sandbox"' } : {}),
    ...(status === 429 || status === 503 ? { "retry-after": "1" } : {}),
  };
  // Azure DevOps' own clients look for typeKey.
  send(response, { status, headers, json: { code, message, typeKey: code } });
}
