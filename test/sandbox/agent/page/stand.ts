/** The page on a port of its own, with runs and images like those of the samples. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { makePage, type AgentView } from "../../../../sandbox/agent/page";
import { layer, MadeRegistry, type MadeLayer } from "./registry";
import { noon, Runs } from "./runs";

export class Stand {
  readonly runs = new Runs();
  readonly registry = new MadeRegistry();
  readonly failures: unknown[] = [];
  agents: AgentView[] = [{ number: 1 }, { number: 2 }];
  /** Milliseconds by which the sandbox's clock is ahead. */
  ahead = noon.getTime() - Date.now();
  address = "";
  private readonly server;

  constructor(private readonly hasRegistry = true) {
    this.server = createServer((request, response) => {
      void page(request, response).then((answered) => {
        if (!answered) response.writeHead(599).end("not the page's");
      });
    });
    // Made late: the registry's port is not known before.
    let made: ReturnType<typeof makePage> | undefined;
    const page: ReturnType<typeof makePage> = (request, response) => {
      made ??= makePage({
        runs: this.runs,
        registry: this.hasRegistry ? this.registry.access : undefined,
        clock: () => new Date(Date.now() + this.ahead),
        agents: () => this.agents,
        failed: (error) => this.failures.push(error),
      });
      return made(request, response);
    };
  }

  async start(): Promise<this> {
    await this.registry.start();
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.address = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.registry.stop();
    await this.pause();
    this.runs.remove();
  }

  /** The sandbox ends; what it kept stays. */
  async pause(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  async resume(): Promise<void> {
    this.server.listen(Number(new URL(this.address).port), "127.0.0.1");
    await once(this.server, "listening");
  }

  async text(path: string, init?: RequestInit): Promise<string> {
    return (await fetch(this.address + path, init)).text();
  }
}

/** Layers of the samples' images, by whose they are. */
export const layers = {
  debian: layer("debian", 29_100_000, "/bin/sh -c #(nop) ADD file:3f2 in / "),
  python: layer("python", 14_600_000, "RUN /bin/sh -c set -eux; apt-get install python3 # buildkit"),
  user: layer(
    "user",
    1_900,
    "RUN /bin/sh -c set -eu\ngroupadd --gid 10001 -- app\nuseradd --uid 10001 -- app # buildkit",
  ),
  common: layer("common", 9_400_000, "COPY --link /opt/venv/ /opt/venv/ # buildkit"),
  compiler: layer("compiler", 61_000_000, "RUN /bin/sh -c /dev/pipes/SCRIPT # buildkit"),
  orders: layer("orders-deps", 12_700_000, "COPY --link /dependencies/ / # buildkit"),
  source: layer("orders", 31_000, "COPY --link . /app/ # buildkit"),
} satisfies Record<string, MadeLayer>;

/** An upstream image, a base image with its builder, and an application on it with its dependency and run-time images. */
export function pushSamples(registry: MadeRegistry): Readonly<Record<"upstream" | "base" | "orders", string>> {
  const { debian, python, user, common, compiler, orders, source } = layers;
  const label = "org.opencontainers.image";
  const day = "2026-11-21T06:00:00Z";
  const upstream = registry.pushPlain("python", ["3.13-slim"], { layers: [debian, python], created: day });
  const onUpstream = {
    [`${label}.base.name`]: `${registry.host}/python:3.13-slim`,
    [`${label}.base.digest`]: upstream,
    [`${label}.created`]: day,
  };
  const base = registry.push("python-web", ["latest", "20261121"], {
    layers: [debian, python, user, common],
    labels: { ...onUpstream, "wheelhouse.lock.sha256": "a1".repeat(32) },
    config: { User: "10001", WorkingDir: "/app" },
  });
  registry.push("python-web-builder", ["latest"], { layers: [debian, python, compiler, common], labels: onUpstream });
  registry.push("orders-deps", ["b".repeat(64)], { layers: [orders] });
  registry.push("orders-runtime", ["c".repeat(64)], {
    layers: [debian, python, user, common, orders],
    labels: onUpstream,
  });
  const image = registry.push("orders-api", ["latest", "20261121.3"], {
    layers: [debian, python, user, common, orders, source],
    labels: {
      [`${label}.title`]: "orders-api",
      [`${label}.base.name`]: `${registry.host}/python-web`,
      [`${label}.base.digest`]: base,
      [`${label}.created`]: "2026-11-21T11:30:00Z",
      [`${label}.revision`]: "3f2a91c04b7d5e6f8a9b0c1d2e3f405162738495",
      "wheelhouse.lock.sha256": "b".repeat(64),
    },
    config: {
      User: "10001",
      WorkingDir: "/app",
      Entrypoint: ["/opt/venv/bin/orders-api"],
      ExposedPorts: { "8000/tcp": {} },
    },
  });
  registry.push("orders-cache", ["main"], {
    layers: [layer("cache", 4_000_000, "")],
    configType: "application/vnd.buildkit.cacheconfig.v0",
  });
  return { upstream, base, orders: image };
}
