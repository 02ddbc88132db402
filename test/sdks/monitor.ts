/** Records what the classes and functions of the package ask of the engine, in place of an engine. */
import * as pulumi from "@pulumi/pulumi";
import type { InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import type {
  ReadResourceRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb";

/** One request, with secret values as `Secret`. */
export interface Registration {
  readonly kind: "register" | "read";
  readonly type: string;
  readonly name: string;
  /** ID that is read; empty for a registration. */
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly version: string;
  /** Reference to the provider, empty for the default one. */
  readonly provider: string;
  readonly secretOutputs: readonly string[];
  /** Earlier tokens. */
  readonly aliases: readonly string[];
}

export interface Invocation {
  readonly token: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly version: string;
}

/** A value that was sent as a secret. */
export class Secret {
  constructor(readonly value: unknown) {}
}

type Callback = (error: unknown, response: unknown) => void;

interface Monitor {
  registerResource(request: RegisterResourceRequest, callback: Callback): void;
  readResource(request: ReadResourceRequest, callback: Callback): void;
  invoke(request: ResourceInvokeRequest, callback: (error: unknown, response: InvokeResponse) => void): void;
}

/** Answers every registration with the given outputs and every call with the given result, and records both. */
export class RecordingMonitor {
  readonly registrations: Registration[] = [];
  readonly invocations: Invocation[] = [];
  outputs: Readonly<Record<string, unknown>> = {};
  result: Readonly<Record<string, unknown>> = {};

  /** Takes the place of the engine for what is made from now on in this process. */
  async start(): Promise<void> {
    await pulumi.runtime.setMocks({
      newResource: ({ id }) => ({ id: id === undefined || id === "" ? "new-id" : id, state: { ...this.outputs } }),
      call: () => ({ ...this.result }),
    });
    const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
    const register = monitor.registerResource.bind(monitor);
    const read = monitor.readResource.bind(monitor);
    const invoke = monitor.invoke.bind(monitor);
    monitor.registerResource = (request, callback) => {
      this.registrations.push({
        ...registration("register", request),
        aliases: request.getAliasesList().map((alias) => alias.getSpec()?.getType() ?? ""),
      });
      register(request, callback);
    };
    monitor.readResource = (request, callback) => {
      this.registrations.push({ ...registration("read", request), id: request.getId() });
      read(request, callback);
    };
    monitor.invoke = (request, callback) => {
      if (!request.getTok().startsWith("pulumi:")) {
        this.invocations.push({
          token: request.getTok(),
          inputs: valuesOf(request.getArgs()),
          version: request.getVersion(),
        });
      }
      invoke(request, callback);
    };
  }

  /** The request that this resource caused, once the engine has answered it. */
  async registrationOf(resource: pulumi.Resource): Promise<Registration> {
    await valueOf(resource.urn);
    const found = this.registrations.at(-1);
    if (found === undefined) {
      throw new Error("nothing was registered");
    }
    return found;
  }
}

/** The value of an output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<unknown> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

function registration(
  kind: Registration["kind"],
  request: RegisterResourceRequest | ReadResourceRequest,
): Registration {
  const properties = "getObject" in request ? request.getObject() : request.getProperties();
  return {
    kind,
    type: request.getType(),
    name: request.getName(),
    id: "",
    inputs: valuesOf(properties),
    version: request.getVersion(),
    provider: request.getProvider(),
    secretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [],
  };
}

function valuesOf(struct: ReturnType<RegisterResourceRequest["getObject"]>): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = struct?.toJavaScript() ?? {};
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, unwrapSecret(value)]));
}

function unwrapSecret(value: unknown): unknown {
  const { specialSigKey, specialSecretSig } = pulumi.runtime;
  if (typeof value === "object" && value !== null && specialSigKey in value && "value" in value) {
    const signature = (value as Record<string, unknown>)[specialSigKey];
    return signature === specialSecretSig ? new Secret(value.value) : value;
  }
  return value;
}
