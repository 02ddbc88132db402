/**
 * Serves one provider to the engine.
 *
 * The `main` of `@pulumi/pulumi/provider` passes no configuration to its provider, and knows neither previews nor detailed
 * diffs; so this is a service of its own over the protocol that the same package carries.
 */
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { exitWithParent } from "./lifetime";
import { ProviderService } from "./service";
import type { ProviderDefinition } from "./rules";

// A file in a repository travels inside a message; the engine's own limit is 400 MB.
const messageBytes = 400 * 1024 * 1024;

type Call<Request, Response> = (request: Request) => Promise<Response> | Response;

function unary<Request, Response>(work: Call<Request, Response>): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    void (async (): Promise<void> => {
      try {
        callback(null, await work(call.request));
      } catch (error) {
        callback({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) });
      }
    })();
  };
}

/** The methods of the protocol that a provider of plain resources needs; the rest answers "unimplemented". */
export function implementation(service: ProviderService): grpc.UntypedServiceImplementation {
  return {
    attach: unary(() => new Empty()),
    cancel: unary(() => service.cancel()),
    getPluginInfo: unary(() => service.pluginInfo()),
    getSchema: unary(service.getSchema.bind(service)),
    checkConfig: unary(service.checkConfig.bind(service)),
    diffConfig: unary(service.diffConfig.bind(service)),
    configure: unary(service.configure.bind(service)),
    check: unary(service.check.bind(service)),
    diff: unary(service.diff.bind(service)),
    create: unary(service.create.bind(service)),
    read: unary(service.read.bind(service)),
    update: unary(service.update.bind(service)),
    delete: unary(service.delete.bind(service)),
    invoke: unary(service.invoke.bind(service)),
  };
}

/** Listens on a free port of 127.0.0.1 and returns it with the function that ends the server at once. */
export async function listen(definition: ProviderDefinition): Promise<{ port: number; close: () => void }> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": messageBytes,
    "grpc.max_send_message_length": messageBytes,
  });
  server.addService(ResourceProviderService, implementation(new ProviderService(definition)));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) {
        resolve(bound);
      } else {
        reject(error);
      }
    });
  });
  return { port, close: () => server.forceShutdown() };
}

/** Runs a plugin: prints the port, which is how the engine finds it, and ends with the engine. */
export async function serve(definition: ProviderDefinition): Promise<void> {
  const { port } = await listen(definition);
  exitWithParent(() => process.exit(0));
  process.stdout.write(`${port}\n`);
}
