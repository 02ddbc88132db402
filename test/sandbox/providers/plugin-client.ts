/** Speaks the provider protocol with a plugin, as the engine does, with property values as the rest of the tests write them. */
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { fromStruct, toStruct, type PropertyMap } from "../../../sandbox/providers/properties";
import type { ProviderDefinition } from "../../../sandbox/providers/rules";
import { listen } from "../../../sandbox/providers/server";

export interface Failure {
  readonly property: string;
  readonly reason: string;
}

type Done<Response> = (error: grpc.ServiceError | null, response: Response) => void;

/** One call as a promise. */
export async function ask<Response>(call: (done: Done<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

/** A configured provider behind its protocol. */
export class PluginClient {
  public readonly raw: ResourceProviderClient;

  private constructor(
    port: number,
    private readonly closeServer: () => void,
  ) {
    this.raw = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  /** Serves the definition in this process. */
  public static async of(definition: ProviderDefinition): Promise<PluginClient> {
    const { port, close } = await listen(definition);
    return new PluginClient(port, close);
  }

  /** Talks to a plugin that runs as its own process. */
  public static at(port: number): PluginClient {
    return new PluginClient(port, () => undefined);
  }

  public close(): void {
    this.raw.close();
    this.closeServer();
  }

  public async configure(args: PropertyMap): Promise<messages.ConfigureResponse> {
    const request = new messages.ConfigureRequest();
    request.setArgs(toStruct(args));
    request.setAcceptsecrets(true);
    return ask((done: Done<messages.ConfigureResponse>) => this.raw.configure(request, done));
  }

  public async checkConfig(news: PropertyMap): Promise<{ inputs: PropertyMap; failures: Failure[] }> {
    const request = new messages.CheckRequest();
    request.setNews(toStruct(news));
    return checked(await ask((done: Done<messages.CheckResponse>) => this.raw.checkConfig(request, done)));
  }

  public async check(
    urn: string,
    news: PropertyMap,
    olds: PropertyMap = {},
    seed = "seed",
  ): Promise<{ inputs: PropertyMap; failures: Failure[] }> {
    const request = new messages.CheckRequest();
    request.setUrn(urn);
    request.setNews(toStruct(news));
    request.setOlds(toStruct(olds));
    request.setRandomseed(Buffer.from(seed));
    return checked(await ask((done: Done<messages.CheckResponse>) => this.raw.check(request, done)));
  }

  public async diff(
    urn: string,
    oldInputs: PropertyMap,
    news: PropertyMap,
    ignoreChanges: string[] = [],
  ): Promise<{ changed: boolean; replaces: string[]; paths: Record<string, string>; deleteBeforeReplace: boolean }> {
    const request = new messages.DiffRequest();
    request.setId("id");
    request.setUrn(urn);
    request.setOlds(toStruct(oldInputs));
    request.setOldInputs(toStruct(oldInputs));
    request.setNews(toStruct(news));
    request.setIgnorechangesList(ignoreChanges);
    const response = await ask((done: Done<messages.DiffResponse>) => this.raw.diff(request, done));
    const kinds = Object.entries(messages.PropertyDiff.Kind);
    const paths: Record<string, string> = {};
    response.getDetaileddiffMap().forEach((detail, path) => {
      paths[path] = kinds.find(([, value]) => value === detail.getKind())?.[0] ?? "?";
    });
    return {
      changed: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList(),
      paths,
      deleteBeforeReplace: response.getDeletebeforereplace(),
    };
  }

  public async create(
    urn: string,
    inputs: PropertyMap,
    preview = false,
  ): Promise<{ id: string; outputs: PropertyMap }> {
    const request = new messages.CreateRequest();
    request.setUrn(urn);
    request.setProperties(toStruct(inputs));
    request.setPreview(preview);
    const response = await ask((done: Done<messages.CreateResponse>) => this.raw.create(request, done));
    return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
  }

  public async update(
    urn: string,
    id: string,
    olds: PropertyMap,
    news: PropertyMap,
    preview = false,
  ): Promise<PropertyMap> {
    const request = new messages.UpdateRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    request.setPreview(preview);
    return fromStruct(
      (await ask((done: Done<messages.UpdateResponse>) => this.raw.update(request, done))).getProperties(),
    );
  }

  public async read(
    urn: string,
    id: string,
    inputs: PropertyMap = {},
    state: PropertyMap = {},
  ): Promise<{ id: string; inputs: PropertyMap; outputs: PropertyMap }> {
    const request = new messages.ReadRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setInputs(toStruct(inputs));
    request.setProperties(toStruct(state));
    const response = await ask((done: Done<messages.ReadResponse>) => this.raw.read(request, done));
    return {
      id: response.getId(),
      inputs: fromStruct(response.getInputs()),
      outputs: fromStruct(response.getProperties()),
    };
  }

  public async delete(urn: string, id: string, state: PropertyMap = {}): Promise<void> {
    const request = new messages.DeleteRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setProperties(toStruct(state));
    await ask((done: Done<unknown>) => this.raw.delete(request, done));
  }

  public async invoke(token: string, args: PropertyMap): Promise<{ result: PropertyMap; failures: Failure[] }> {
    const request = new messages.InvokeRequest();
    request.setTok(token);
    request.setArgs(toStruct(args));
    const response = await ask((done: Done<messages.InvokeResponse>) => this.raw.invoke(request, done));
    return { result: fromStruct(response.getReturn()), failures: response.getFailuresList().map(plain) };
  }
}

function checked(response: messages.CheckResponse): { inputs: PropertyMap; failures: Failure[] } {
  return { inputs: fromStruct(response.getInputs()), failures: response.getFailuresList().map(plain) };
}

function plain(failure: messages.CheckFailure): Failure {
  return { property: failure.getProperty(), reason: failure.getReason() };
}

/** The URN of a resource in a stack of the tests. */
export function urn(token: string, name = "x"): string {
  return `urn:pulumi:sandbox::test::${token}::${name}`;
}
