/** What a job gets of the service: repositories, the feed, the registry and builders, each only as far as its pipeline may. */
import { readFileSync } from "node:fs";

import type { Services } from "../../services/types";
import { feedPath, isOfFeed, type FeedPlace } from "../../services/feed/address";
import type { CheckoutSource, JobContext, JobSink, RegistryLogin } from "../job";
import { endpointNamed, hasRoleWithin, inlineRepository, registryRole, same, SignInRefused } from "./checks";
import { feedRole } from "./job-token";
import type { AzureLogin } from "../tasks";
import type { Plan } from "./plan";
import { repositoryUrl } from "./run-variables";
import { jobVariables } from "./secret-variables";
import { readDirectory, type CloudClient, type Endpoint, type World } from "./world";

export interface ContextParts {
  readonly cloud: CloudClient;
  readonly services: Services;
  /** The one feed that the services serve. */
  readonly feed: FeedPlace;
  readonly environment: NodeJS.ProcessEnv;
  readonly machineVariables?: Readonly<Record<string, string>> | undefined;
  /** Values of secret variables, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly folder: string;
  readonly clockOffsetSeconds: number;
  readonly jobToken: string;
  readonly signal: AbortSignal;
  readonly sink: JobSink;
  /** Service connections that the checks before the job have let through. */
  readonly connections: ReadonlySet<string>;
}

function checkout(plan: Plan, name: string, cloud: CloudClient): CheckoutSource {
  const { run, project, repository } = plan;
  const source = (from: { project: string; name: string }, ref: string, commit: string): CheckoutSource => ({
    name: from.name,
    url: repositoryUrl(cloud.address, cloud.organization, from.project, from.name),
    ref,
    commit,
  });
  if (same(name, "self")) return source({ project: project.name, name: repository.name }, run.branch, run.commit);
  const resource = plan.pipeline.main.repositories.find(({ alias }) => same(alias, name));
  const wanted = resource ?? inlineRepository(name);
  if (wanted === undefined) {
    throw new Error(
      `checkout: there is no repository "${name}" in this pipeline. Name self, an alias of resources.repositories, or git://Project/repository`,
    );
  }
  const pin = plan.pinned(wanted.name, wanted.ref);
  return source({ project: pin.project, name: pin.repository.name }, pin.ref, pin.commit);
}

/** The simple index of a feed of this organization; only the feed itself says whether a token is good for it. */
function indexOf(plan: Plan, world: World, feed: string, { cloud, feed: served }: ContextParts): string {
  const parts = feed.split("/");
  const [projectName, name = ""] = parts.length > 1 ? [parts[0], parts[1]] : [undefined, feed];
  const project = world.projects.find((one) => same(one.name, projectName ?? "") || one.id === projectName);
  const known = world.feeds.find(
    (one) =>
      (same(one.name, name) || one.id === name) &&
      one.projectId === (projectName === undefined ? undefined : (project?.id ?? "")),
  );
  if (known === undefined) {
    throw new Error(
      `there is no feed ${feed} in the organization ${world.organization}. A feed of a project is written as project/feed; correct the name, or make the feed`,
    );
  }
  const place = {
    organization: world.organization,
    name: known.name,
    ...(project === undefined ? {} : { project: project.name }),
  };
  if (!isOfFeed({ project: place.project, feed: place.name }, served)) {
    throw new Error(`the feed ${feed} is empty in the sandbox: only ${feedPath(served)} has packages`);
  }
  if (feedRole(plan, world, served) === undefined) {
    throw new Error(
      `the build account of "${plan.definition.name}" has no role at the feed ${feed}: make it a collaborator there`,
    );
  }
  return `${cloud.address}/packages${feedPath(place)}simple/`;
}

/** @throws Error unless the checks before the job have let the connection through */
function requireConnection(
  plan: Plan,
  world: World,
  name: string,
  { connections }: Pick<ContextParts, "connections">,
): Endpoint {
  const endpoint = endpointNamed(world, plan.definition.projectId, name);
  if (endpoint === undefined || !connections.has(endpoint.id)) {
    throw new Error(
      `the service connection ${name} is none that this pipeline was authorized for before its job began. Write its name in the step itself`,
    );
  }
  return endpoint;
}

async function azureLogin(plan: Plan, world: World, connection: string, parts: ContextParts): Promise<AzureLogin> {
  const { cloud } = parts;
  const endpoint = requireConnection(plan, world, connection, parts);
  const { id, kind, scheme, clientId, tenantId, subscriptionId } = endpoint;
  if (kind !== "resource manager") {
    throw new Error(`the service connection ${connection} is none to Azure Resource Manager: name one that is`);
  }
  if (scheme !== "WorkloadIdentityFederation") {
    throw new SignInRefused(
      `the service connection ${connection} signs in by ${scheme}; here only WorkloadIdentityFederation is done`,
    );
  }
  const idToken = await cloud.federatedToken(id);
  await cloud.signIn(clientId, tenantId, idToken);
  const seesSubscription = hasRoleWithin(clientId, subscriptionId ?? "", await readDirectory(cloud));
  return { endpointId: id, clientId, tenantId, subscriptionId, seesSubscription, idToken };
}

async function login(plan: Plan, world: World, connection: string, parts: ContextParts): Promise<RegistryLogin> {
  const { cloud, services } = parts;
  const endpoint = requireConnection(plan, world, connection, parts);
  const { role, loginServer } = registryRole(endpoint, await readDirectory(cloud));
  if (loginServer !== services.registry.host) {
    throw new Error(
      `the registry of ${connection} answers at ${loginServer}, and the one of this sandbox at ${services.registry.host}: bring the sandbox up again`,
    );
  }
  const user = services.registry.user(role);
  return { host: loginServer, username: user.name, password: readFileSync(user.passwordFile, "utf8").trimEnd() };
}

/** The context of one job of a run. `world` is what the checks saw. */
export function jobContext(plan: Plan, world: World, parts: ContextParts): JobContext {
  const { folder, environment, machineVariables, jobToken, signal, sink, clockOffsetSeconds, services, cloud } = parts;
  return {
    folder,
    variables: jobVariables(plan.variables, parts.secrets),
    jobToken,
    environment,
    machineVariables,
    repository: (name) => Promise.resolve().then(() => checkout(plan, name, cloud)),
    feedIndex: (feed) => Promise.resolve().then(() => indexOf(plan, world, feed, parts)),
    registry: (connection) => login(plan, world, connection, parts),
    azure: (connection) => azureLogin(plan, world, connection, parts),
    makeBuilder: (name) => services.builder(name),
    signal,
    clockOffsetSeconds,
    sink,
  };
}
