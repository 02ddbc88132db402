/** The provider protocol's messages, turned into operations and back. */
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import type { CheckFailure } from "@pulumi/pulumi/provider";
import { checkConfiguration, readConfiguration } from "./configuration";
import type { Difference } from "./difference";
import { Operations, parse } from "./operations";
import { containsSecret, equal, fromStruct, toStruct, type PropertyMap } from "./properties";
import type { ResourceService } from "./resource-service";
import type { ProviderDefinition } from "./rules";

const { PropertyDiff } = messages;
const kinds = {
  add: [PropertyDiff.Kind.ADD, PropertyDiff.Kind.ADD_REPLACE],
  delete: [PropertyDiff.Kind.DELETE, PropertyDiff.Kind.DELETE_REPLACE],
  update: [PropertyDiff.Kind.UPDATE, PropertyDiff.Kind.UPDATE_REPLACE],
} as const;

/** One provider as the engine talks to it: configured once, then asked about resources. */
export class ProviderService {
  private resources: ResourceService | undefined;
  private operations: Operations;

  public constructor(
    private readonly definition: ProviderDefinition,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.operations = new Operations(definition, {}, undefined);
  }

  public cancel(): Empty {
    this.resources?.cancel();
    return new Empty();
  }

  public pluginInfo(): PluginInfo {
    const info = new PluginInfo();
    info.setVersion(this.definition.schema.version);
    return info;
  }

  public getSchema(request: messages.GetSchemaRequest): messages.GetSchemaResponse {
    if (request.getVersion() !== 0) {
      throw new Error(`schema version ${request.getVersion()} is not supported: ask for version 0`);
    }
    const response = new messages.GetSchemaResponse();
    response.setSchema(JSON.stringify(this.definition.schema));
    return response;
  }

  public checkConfig(request: messages.CheckRequest): messages.CheckResponse {
    const news = fromStruct(request.getNews());
    const { inputs, failures } = checkConfiguration(this.definition, news);
    return checked(inputs, failures, news);
  }

  public diffConfig(request: messages.DiffRequest): messages.DiffResponse {
    const olds = fromStruct(request.getOldInputs() ?? request.getOlds());
    const news = fromStruct(request.getNews());
    const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
    return compared(
      names
        .filter((name) => !equal(olds[name] ?? null, news[name] ?? null))
        .map((path): Difference => ({ path, kind: "update", replaces: false })),
      false,
    );
  }

  public configure(request: messages.ConfigureRequest): messages.ConfigureResponse {
    const configuration = readConfiguration(this.definition, this.given(request), this.environment);
    this.resources = configuration === undefined ? undefined : this.definition.connect(configuration);
    this.operations = new Operations(this.definition, configuration ?? {}, this.resources);
    const response = new messages.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    return response;
  }

  public async check(request: messages.CheckRequest): Promise<messages.CheckResponse> {
    const news = fromStruct(request.getNews());
    const olds = fromStruct(request.getOlds());
    const { inputs, failures } = await this.operations.check(
      request.getUrn(),
      olds,
      news,
      request.getRandomseed_asU8(),
    );
    return checked(inputs, failures, news);
  }

  public diff(request: messages.DiffRequest): messages.DiffResponse {
    const olds = fromStruct(request.getOldInputs());
    const news = fromStruct(request.getNews());
    const result = this.operations.diff(request.getUrn(), olds, news, request.getIgnorechangesList());
    return compared(result.differences, result.deleteBeforeReplace);
  }

  public async create(request: messages.CreateRequest): Promise<messages.CreateResponse> {
    const urn = request.getUrn();
    const inputs = fromStruct(request.getProperties());
    const response = new messages.CreateResponse();
    if (request.getPreview()) {
      response.setProperties(toStruct(this.operations.previewCreate(urn, inputs)));
      return response;
    }
    const state = await told("create", urn, this.operations.create(urn, inputs, seconds(request.getTimeout())));
    response.setId(state.id);
    response.setProperties(toStruct(state.outputs));
    return response;
  }

  public async read(request: messages.ReadRequest): Promise<messages.ReadResponse> {
    const urn = request.getUrn();
    const inputs = fromStruct(request.getInputs());
    const olds = fromStruct(request.getProperties());
    const reading = this.operations.read(urn, request.getId(), inputs, olds, seconds(request.getTimeout()));
    const state = await told("read", urn, reading);
    const response = new messages.ReadResponse();
    if (state !== undefined) {
      response.setId(state.id);
      response.setProperties(toStruct(state.outputs));
      response.setInputs(toStruct(state.inputs));
    }
    return response;
  }

  public async update(request: messages.UpdateRequest): Promise<messages.UpdateResponse> {
    const urn = request.getUrn();
    const olds = fromStruct(request.getOlds());
    const news = fromStruct(request.getNews());
    const response = new messages.UpdateResponse();
    const outputs = request.getPreview()
      ? this.operations.previewUpdate(urn, olds, news)
      : await told(
          "update",
          urn,
          this.operations.update(urn, request.getId(), olds, news, seconds(request.getTimeout())),
        );
    response.setProperties(toStruct(outputs));
    return response;
  }

  public async delete(request: messages.DeleteRequest): Promise<Empty> {
    const urn = request.getUrn();
    const state = fromStruct(request.getProperties());
    await told("delete", urn, this.operations.delete(urn, request.getId(), state, seconds(request.getTimeout())));
    return new Empty();
  }

  public async invoke(request: messages.InvokeRequest): Promise<messages.InvokeResponse> {
    const { result, failures } = await this.operations.invoke(request.getTok(), fromStruct(request.getArgs()));
    const response = new messages.InvokeResponse();
    response.setReturn(toStruct(result));
    response.setFailuresList(failures.map(failure));
    return response;
  }

  /** Newer engines send the provider's inputs, all of them only the configuration of the stack. */
  private given(request: messages.ConfigureRequest): PropertyMap {
    const variables: Record<string, string> = {};
    const prefix = `${this.definition.schema.name}:config:`;
    request.getVariablesMap().forEach((value, key) => {
      if (key.startsWith(prefix)) {
        variables[key.slice(prefix.length)] = value;
      }
    });
    return { ...variables, ...fromStruct(request.getArgs()) };
  }
}

async function told<T>(verb: string, urn: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { token, name } = parse(urn);
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot ${verb} ${token.split(":").pop() ?? token} "${name}": ${message}`, { cause: error });
  }
}

function checked(inputs: PropertyMap, failures: readonly CheckFailure[], news: PropertyMap): messages.CheckResponse {
  const response = new messages.CheckResponse();
  response.setInputs(toStruct(inputs));
  response.setFailuresList(failures.map((found) => failure(hideValue(found, inputs, news))));
  return response;
}

// The engine prints the value of the property that a failure names, so a failure about a secret names none.
function hideValue(found: CheckFailure, inputs: PropertyMap, news: PropertyMap): CheckFailure {
  const top = /^[^.[]*/.exec(found.property)?.[0] ?? "";
  const secret = containsSecret(inputs[top] ?? null) || containsSecret(news[top] ?? null);
  return secret ? { property: "", reason: `${found.property}: ${found.reason}` } : found;
}

function failure({ property, reason }: CheckFailure): messages.CheckFailure {
  const message = new messages.CheckFailure();
  message.setProperty(property);
  message.setReason(reason);
  return message;
}

function compared(found: readonly Difference[], deleteBeforeReplace: boolean): messages.DiffResponse {
  const response = new messages.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  response.setChanges(found.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setHasdetaileddiff(true);
  for (const { path, kind, replaces } of found) {
    const detail = new PropertyDiff();
    detail.setKind(kinds[kind][replaces ? 1 : 0]);
    detail.setInputdiff(true);
    response.getDetaileddiffMap().set(path, detail);
  }
  const tops = (list: readonly Difference[]): string[] => [
    ...new Set(list.map(({ path }) => /^[^.[]*/.exec(path)?.[0] ?? path)),
  ];
  response.setDiffsList(tops(found));
  response.setReplacesList(tops(found.filter(({ replaces }) => replaces)));
  response.setDeletebeforereplace(deleteBeforeReplace);
  return response;
}

function seconds(timeout: number): number | undefined {
  return timeout > 0 ? timeout : undefined;
}
