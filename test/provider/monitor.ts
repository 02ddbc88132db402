/** The engine's side of a component provider: it takes what components declare, answers for the services, and keeps the log. */
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import { LogSeverity, type LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import * as providers from "@pulumi/pulumi/proto/provider_pb";
import * as resources from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

export type Values = Record<string, unknown>;

/** One resource that was asked for. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly version: string;
  readonly parent: string;
  readonly protect: boolean;
  readonly dependsOn: readonly string[];
  readonly inputs: Values;
}

const SUBSCRIPTION = "11111111-2222-4333-8444-555555555555";

/** What the services would add to a resource's inputs. */
const computed: Readonly<Record<string, (name: string, inputs: Values) => Values>> = {
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
  "azuredevops:index/git:Git": (_, inputs) => ({ webUrl: `https://devops.example/_git/${String(inputs.name)}` }),
};

/** What functions find. */
const found: Readonly<Record<string, (inputs: Values) => Values>> = {
  "azuredevops:index/getProject:getProject": () => ({ id: "bbbbbbbb-0000-4000-8000-000000000002" }),
  "azuredevops:index/getClientConfig:getClientConfig": () => ({
    id: "aaaaaaaa-0000-4000-8000-000000000001",
    name: "contoso",
  }),
  "azuredevops:index/getGroup:getGroup": ({ name }) => ({ descriptor: `vssgp.${String(name)}` }),
  "azuredevops:index/getAgentQueue:getAgentQueue": ({ name }) => ({ id: `queue-${String(name)}` }),
  "azuredevops:index/getGitRepository:getGitRepository": ({ name }) => ({
    id: `existing-${String(name)}`,
    webUrl: `https://devops.example/_git/${String(name)}`,
  }),
};

/** What the provider's own process gets as the engine: monitor and log at one address. */
export class Monitor {
  readonly registered: Registered[] = [];
  readonly outputs = new Map<string, Values>();
  /** What the engine would show. */
  readonly log: string[] = [];
  /** Functions that answer with a failure, and its reason. */
  readonly failing = new Map<string, string>();

  private constructor(
    private readonly server: grpc.Server,
    readonly address: string,
  ) {}

  static async start(): Promise<Monitor> {
    const server = new grpc.Server();
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const monitor = new Monitor(server, `127.0.0.1:${port}`);
    server.addService(ResourceMonitorService, monitor.monitorService());
    server.addService(EngineService, monitor.engineService());
    return monitor;
  }

  stop(): void {
    this.server.forceShutdown();
  }

  /** Names of the resources of a type, in the order in which they were asked for. */
  named(type: string): string[] {
    return this.registered.filter((each) => each.type === type).map(({ name }) => name);
  }

  private monitorService(): grpc.UntypedServiceImplementation {
    return {
      supportsFeature: answer((request: resources.SupportsFeatureRequest) => {
        const response = new resources.SupportsFeatureResponse();
        response.setHassupport(["secrets", "resourceReferences", "outputValues"].includes(request.getId()));
        return response;
      }),
      registerResource: answer((request: resources.RegisterResourceRequest) => this.register(request)),
      registerResourceOutputs: answer((request: resources.RegisterResourceOutputsRequest) => {
        this.outputs.set(request.getUrn(), valuesOf(request.getOutputs()));
        return new Empty();
      }),
      invoke: answer((request: resources.ResourceInvokeRequest) => this.invoke(request)),
    };
  }

  private engineService(): grpc.UntypedServiceImplementation {
    return {
      log: answer((request: LogRequest) => {
        if (request.getSeverity() !== LogSeverity.DEBUG) this.log.push(request.getMessage());
        return new Empty();
      }),
    };
  }

  private register(request: resources.RegisterResourceRequest): resources.RegisterResourceResponse {
    const [type, name] = [request.getType(), request.getName()];
    const inputs = valuesOf(request.getObject());
    const [parent, protect] = [request.getParent(), request.getProtect() ?? false];
    const [custom, dependsOn] = [request.getCustom(), request.getDependenciesList()];
    this.registered.push({ type, name, custom, version: request.getVersion(), parent, protect, dependsOn, inputs });
    const response = new resources.RegisterResourceResponse();
    response.setUrn(`urn:pulumi:test::languages::${type}::${name}`);
    if (custom) {
      const isNumbered = /BuildDefinition$|ElasticPool$|:Queue$/.test(type);
      const isAzure = type.startsWith("azure-native:");
      response.setId(isNumbered ? "42" : isAzure ? `/subscriptions/${SUBSCRIPTION}/${name}` : `id-of-${name}`);
    }
    response.setObject(Struct.fromJavaScript(asJson({ ...inputs, ...computed[type]?.(name, inputs) })));
    return response;
  }

  private invoke(request: resources.ResourceInvokeRequest): providers.InvokeResponse {
    const response = new providers.InvokeResponse();
    const reason = this.failing.get(request.getTok());
    if (reason !== undefined) {
      const failure = new providers.CheckFailure();
      failure.setReason(reason);
      response.setFailuresList([failure]);
    }
    const result = found[request.getTok()]?.(valuesOf(request.getArgs())) ?? {};
    response.setReturn(Struct.fromJavaScript(asJson(result)));
    return response;
  }
}

/** A handler for one kind of request; whoever writes it knows which. */
function answer(respond: (request: never) => unknown): grpc.UntypedHandleCall {
  const handle: grpc.handleUnaryCall<unknown, unknown> = (call, callback) => {
    try {
      callback(null, respond(call.request as never));
    } catch (error) {
      callback(error as Error);
    }
  };
  return handle as grpc.UntypedHandleCall;
}

/** Without the marks of outputs and secrets, which are told apart elsewhere. */
export function valuesOf(struct: Struct | undefined): Values {
  return unmarked(struct?.toJavaScript() ?? {}) as Values;
}

function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  if (typeof value !== "object" || value === null) return value;
  const entries = value as Values;
  if (entries["4dabf18193072939515e22adb298388d"] !== undefined) return unmarked(entries.value);
  return Object.fromEntries(Object.entries(entries).map(([key, inner]) => [key, unmarked(inner)]));
}

function asJson(value: Values): Record<string, JavaScriptValue> {
  return JSON.parse(JSON.stringify(value)) as Record<string, JavaScriptValue>;
}
