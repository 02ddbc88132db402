/** Runs the plugin as a process of its own, as the engine does, and speaks the provider protocol with it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { InputPropertiesError } from "@pulumi/pulumi/proto/errors_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { ask } from "../sandbox/providers/plugin-client";
import { valuesOf, type Monitor, type Values } from "./monitor";

const root = resolve(__dirname, "../..");

/** Where Pulumi starts it in a checkout. */
export const entry = join(root, "provider", "plugin.cjs");

/** Milliseconds that it may take to listen, on a machine that does other things, too. */
const patience = 60_000;

/** How Pulumi marks a secret, and a value that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const secret = (value: unknown): Values => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

/** A refusal, property by property. */
export class Refused extends Error {
  constructor(
    message: string,
    /** Reasons by property. */
    readonly properties: Readonly<Record<string, string>>,
  ) {
    super(message);
  }
}

interface StartOptions {
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Arguments after the engine's address. */
  readonly last?: readonly string[];
}

export class Plugin {
  private constructor(
    readonly child: ChildProcess,
    readonly client: ResourceProviderClient,
    /** Milliseconds until it listened. */
    readonly startedIn: number,
    private readonly monitor: Monitor,
  ) {}

  /** @param command default: the checkout's own, without the engine's language host. */
  static async start(
    monitor: Monitor,
    command: readonly string[] = [entry],
    { cwd = root, environment = process.env, last = [] }: StartOptions = {},
  ): Promise<Plugin> {
    const start = Date.now();
    const child = spawn(process.execPath, [...command, monitor.address, ...last], {
      cwd,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [told, errors] = ["", ""];
    child.stderr.on("data", (data) => (errors += String(data)));
    const port = await new Promise<string>((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(late);
        child.kill();
        reject(new Error(`the plugin ${why}: ${told}${errors}`));
      };
      const late = setTimeout(() => fail(`does not listen after ${patience / 1000} s`), patience);
      child.stdout.on("data", (data) => {
        told += String(data);
        const line = /^(\d+)\n/.exec(told)?.[1];
        if (line !== undefined) {
          clearTimeout(late);
          resolve(line);
        }
      });
      child.once("exit", (code) => fail(`ended with ${code}`));
      child.once("error", (error) => fail(error.message));
    });
    child.removeAllListeners("exit");
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    return new Plugin(child, client, Date.now() - start, monitor);
  }

  async stop(): Promise<void> {
    this.client.close();
    if (this.child.exitCode !== null) return;
    this.child.kill();
    await once(this.child, "exit");
  }

  /** Declares a component as a program in another language would. @throws Refused */
  async construct(component: string, name: string, inputs: Values, more: More = {}): Promise<Constructed> {
    const request = new messages.ConstructRequest();
    request.setProject("test");
    request.setStack("languages");
    request.setOrganization("contoso");
    request.setMonitorendpoint(this.monitor.address);
    request.setParallel(4);
    request.setDryrun(more.preview ?? false);
    request.setType(component.includes(":") ? component : `wheelhouse:index:${component}`);
    request.setName(name);
    request.setInputs(Struct.fromJavaScript(inputs as never));
    for (const [input, urns] of Object.entries(more.from ?? {})) {
      const dependencies = new messages.ConstructRequest.PropertyDependencies();
      dependencies.setUrnsList([...urns]);
      request.getInputdependenciesMap().set(input, dependencies);
    }
    request.setDependenciesList([...(more.dependsOn ?? [])]);
    try {
      const response = await ask<messages.ConstructResponse>((done) => this.client.construct(request, done));
      return { urn: response.getUrn(), state: valuesOf(response.getState()) };
    } catch (error) {
      throw refusal(error as grpc.ServiceError);
    }
  }
}

interface More {
  readonly preview?: boolean;
  /** URNs of the resources that an input comes from. */
  readonly from?: Readonly<Record<string, readonly string[]>>;
  readonly dependsOn?: readonly string[];
}

interface Constructed {
  readonly urn: string;
  readonly state: Values;
}

/** The error with the properties that the engine would show. */
function refusal(error: grpc.ServiceError): Error {
  const [packed] = error.metadata.get("grpc-status-details-bin");
  if (packed === undefined) return error;
  const status = Status.deserializeBinary(packed as Buffer);
  const properties = status.getDetailsList().flatMap((detail) =>
    InputPropertiesError.deserializeBinary(detail.getValue_asU8())
      .getErrorsList()
      .map((each) => [each.getPropertyPath(), each.getReason()] as const),
  );
  return new Refused(error.details, Object.fromEntries(properties));
}
