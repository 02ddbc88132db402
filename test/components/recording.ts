/** Runs a piece of a Pulumi program without an engine and records what it declares, options included. */
import * as pulumi from "@pulumi/pulumi";
import * as engine from "@pulumi/pulumi/runtime/settings";
import "../promise-traces";

/** One declared resource. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  /** Stack-independent part of the URN: the types of all parents and its own, then its name. */
  readonly urn: string;
  readonly custom: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Name and type of the parent, as `type name`. */
  readonly parent: string | undefined;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly ignoreChanges: readonly string[];
  /** Outputs that are kept as secrets are. */
  readonly secretOutputs: readonly string[];
  /** Names and types of what it depends on, as `type name`. */
  readonly dependsOn: readonly string[];
}

export interface Recording {
  readonly resources: readonly Declared[];
  /** Tokens and arguments of the functions that were called. */
  readonly calls: readonly { readonly token: string; readonly inputs: Readonly<Record<string, unknown>> }[];
  /** Outputs of each component, by its name and type as `type name`; absent when it never registered any. */
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** How Pulumi writes a value that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const SUBSCRIPTION = "11111111-2222-4333-8444-555555555555";
export const ORGANIZATION = "aaaaaaaa-0000-4000-8000-000000000001";
export const PROJECT = "bbbbbbbb-0000-4000-8000-000000000002";

const NUMBERED = [
  "azuredevops:index/buildDefinition:BuildDefinition",
  "azuredevops:index/elasticPool:ElasticPool",
  "azuredevops:index/queue:Queue",
];
const AZURE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-wheelhouse/providers`;

/** What the services would add to a resource's inputs. */
const computed: Readonly<Record<string, (name: string, inputs: Record<string, unknown>) => Record<string, unknown>>> = {
  "azure-native:resources:ResourceGroup": (_, inputs) => ({ name: inputs.resourceGroupName }),
  "azure-native:containerregistry:Registry": (_, inputs) => ({
    name: inputs.registryName,
    loginServer: `${String(inputs.registryName)}.example.net`,
  }),
  "azure-native:managedidentity:UserAssignedIdentity": (name, inputs) => ({
    name: inputs.resourceName,
    clientId: `client-of-${name}`,
    principalId: `principal-of-${name}`,
    tenantId: "tenant",
  }),
  "azuredevops:index/serviceEndpointAzureEcr:ServiceEndpointAzureEcr": (name) => ({
    workloadIdentityFederationIssuer: `https://issuer.example/${name}`,
    workloadIdentityFederationSubject: `sc://subject/${name}`,
  }),
  "docker:index/registryImage:RegistryImage": (name) => ({ sha256Digest: `sha256:of-${name}` }),
  "azuredevops:index/team:Team": (_, inputs) => ({ descriptor: `vssgp.new-${String(inputs.name)}` }),
  "azuredevops:index/git:Git": (_, inputs) => ({ webUrl: `https://devops.example/_git/${String(inputs.name)}` }),
};

const functions: Readonly<Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>> = {
  "azuredevops:index/getProject:getProject": () => ({ id: PROJECT }),
  "azuredevops:index/getClientConfig:getClientConfig": () => ({ id: ORGANIZATION }),
  "azuredevops:index/getGroup:getGroup": ({ name }) => ({ descriptor: `vssgp.${String(name)}` }),
  "azuredevops:index/getServiceEndpointAzureRM:getServiceEndpointAzureRM": ({ serviceEndpointName }) => ({
    serviceEndpointId: `endpoint-${String(serviceEndpointName)}`,
  }),
  "azuredevops:index/getAgentQueue:getAgentQueue": ({ name }) => ({ id: `queue-${String(name)}` }),
  "azuredevops:index/getGitRepository:getGitRepository": ({ name }) => ({
    id: `existing-${String(name)}`,
    webUrl: `https://devops.example/_git/${String(name)}`,
  }),
};

/** What Pulumi's mock engine is asked to register, as far as it is looked at here. */
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getIgnorechangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getDependenciesList(): string[];
  getObject(): { toJavaScript(): Record<string, unknown> };
}

interface OutputsRequest {
  getUrn(): string;
  getOutputs(): { toJavaScript(): Record<string, unknown> };
}

interface Response {
  getUrn(): string;
}

interface Monitor {
  registerResource(request: Request, callback: (error: unknown, response: Response) => void): unknown;
  registerResourceOutputs(request: OutputsRequest, callback: (error: unknown, response: unknown) => void): unknown;
}

/** How Pulumi marks a value that is no plain one; a secret holds its value, the rest is left as it is. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/**
 * Runs the program and waits until all it declares is registered.
 * @param preview a first preview: what only the service knows is unknown.
 * @param answers what functions answer, by their token.
 * @throws what the program throws.
 */
export async function record(
  program: () => void,
  preview = false,
  answers: Readonly<Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>> = functions,
): Promise<Recording> {
  const resources: Declared[] = [];
  const calls: { token: string; inputs: Record<string, unknown> }[] = [];
  const outputs = new Map<string, Record<string, unknown>>();
  const chains = new Map<string, string>();
  const labels = new Map<string, string>();

  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        const given = inputs as Record<string, unknown>;
        if (custom !== true) {
          return { id: undefined, state: {} };
        }
        const id = NUMBERED.includes(type)
          ? "42"
          : type.startsWith("azure-native:")
            ? `${AZURE}/${type.split(":").slice(1).join("/")}/${name}`
            : `id-of-${name}`;
        return preview
          ? { id: undefined, state: given }
          : { id, state: { ...given, ...computed[type]?.(name, given) } };
      },
      call: ({ token, inputs }) => {
        calls.push({ token, inputs: inputs as Record<string, unknown> });
        return answers[token]?.(inputs as Record<string, unknown>) ?? {};
      },
    },
    "wheelhouse",
    "test",
    preview,
  );
  const monitor = engine.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (!error) {
        const parent = request.getParent();
        const chain = chains.has(parent) ? `${chains.get(parent)!}$${request.getType()}` : request.getType();
        chains.set(response.getUrn(), chain);
        labels.set(response.getUrn(), `${request.getType()} ${request.getName()}`);
        resources.push({
          type: request.getType(),
          name: request.getName(),
          urn: `${chain}::${request.getName()}`,
          custom: request.getCustom(),
          inputs: plain(request.getObject().toJavaScript()) as Record<string, unknown>,
          parent: labels.get(parent),
          protect: request.getProtect(),
          retainOnDelete: request.getRetainondelete(),
          deleteBeforeReplace: request.getDeletebeforereplace(),
          ignoreChanges: request.getIgnorechangesList(),
          secretOutputs: request.getAdditionalsecretoutputsList(),
          dependsOn: request.getDependenciesList().map((urn) => labels.get(urn) ?? urn),
        });
      }
      callback(error, response);
    });
  monitor.registerResourceOutputs = (request, callback) => {
    outputs.set(labels.get(request.getUrn())!, plain(request.getOutputs().toJavaScript()) as Record<string, unknown>);
    return registerOutputs(request, callback);
  };

  program();
  await (engine as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  return { resources, calls, outputs };
}

/** The one resource of this type, and of this name where it is given. */
export function only(recording: Recording, type: string, name?: string): Declared {
  const found = recording.resources.filter(
    (resource) => resource.type === type && (name === undefined || resource.name === name),
  );
  if (found.length !== 1) {
    const all = recording.resources.map((resource) => `${resource.type} ${resource.name}`).join("\n");
    throw new Error(`${String(found.length)} resources of type ${type} ${name ?? ""}, not one, among:\n${all}`);
  }
  return found[0]!;
}

/** Every key that appears anywhere in the value. */
export function keysIn(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.flatMap(keysIn);
  }
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...keysIn(inner)])
    : [];
}
