/** The registry: the real one on a socket, which only the gateway reaches, and a user for each role. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import writeFileAtomic from "write-file-atomic";
import { stringify } from "yaml";

import { startServer } from "../server-process";
import { socketPath, SocketClient } from "../socket-http";
import type { Registry, RegistryRole, RegistryUser } from "../types";
import { writeDockerConfig } from "./docker-config";
import { openRegistryGateway } from "./gateway";
import { Users } from "./users";

/** How long an access token is good: clients that take longer ask for another one. */
const usualTokenSeconds = 300;
const startSeconds = 30;

export interface RegistryParts {
  /** The services folder. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Paths of the programs. */
  readonly programs: { readonly registry: string; readonly buildx: string };
  /** The port of the last start, so that references stay good. */
  readonly port?: number;
  readonly failed: (error: unknown) => void;
  /** Default 300. */
  readonly tokenSeconds?: number;
}

export interface RunningRegistry extends Registry {
  readonly port: number;
  close(): Promise<void>;
}

export async function startRegistry(parts: RegistryParts): Promise<RunningRegistry> {
  const { folder, environment, programs, failed } = parts;
  const own = join(folder, "registry");
  mkdirSync(join(own, "content"), { recursive: true, mode: 0o700 });
  const socket = socketPath(join(own, "http.sock"));
  const configuration = join(own, "config.yaml");
  writeFileAtomic.sync(configuration, stringify(settings(join(own, "content"), socket)), { mode: 0o600 });
  const client = new SocketClient(socket);
  const server = await startServer({
    called: "the registry",
    command: programs.registry,
    args: ["serve", configuration],
    environment: { ...environment, OTEL_TRACES_EXPORTER: "none" },
    folder,
    log: join(folder, "registry.log"),
    answers: () => client.answers("/v2/"),
    startSeconds,
    graceSeconds: 3,
  });
  const users = new Users(parts.tokenSeconds ?? usualTokenSeconds);
  const gateway = await openRegistryGateway(users, client, failed, parts.port);
  const known = new Map<RegistryRole, RegistryUser>();
  const rotate = (role: RegistryRole): RegistryUser => {
    const user = writeDockerConfig(
      join(folder, "docker", role),
      gateway.host,
      users.setPassword(role),
      programs.buildx,
    );
    known.set(role, user);
    return user;
  };
  const user = (role: RegistryRole): RegistryUser => known.get(role) ?? rotate(role);
  return {
    host: gateway.host,
    port: gateway.port,
    dockerConfig: user("push").dockerConfig,
    counters: () => gateway.counters(),
    user,
    rotate,
    async close() {
      await gateway.close();
      client.close();
      await server.stop();
    },
  };
}

/** The registry's own settings (its documentation, "Configuring a registry"). */
function settings(content: string, socket: string): object {
  return {
    version: 0.1,
    log: { level: "warn", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: content },
      delete: { enabled: true },
      cache: { blobdescriptor: "inmemory" },
      maintenance: { uploadpurging: { enabled: false } },
    },
    // Addresses in answers without a host are right whoever asked.
    http: { net: "unix", addr: socket, relativeurls: true, secret: randomBytes(32).toString("hex") },
  };
}
