/** Builds one application in seven ways, side by side: on an emptied builder each time, then on one that keeps its cache. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { run } from "../../../sandbox/process.mjs";
import { publishSamplePackages } from "../../../sandbox/samples/publish";
import { startServices, type Builder, type Services } from "../../../sandbox/services";
import { makeBundle } from "../../../tools/bundle.mjs";
import { figure } from "../figures";
import { Application } from "./application";
import { layersOf, scanImages, totalSize } from "./published";
import {
  cases,
  middle,
  ways,
  wholeSeconds,
  type Agent,
  type Case,
  type References,
  type Result,
  type Way,
} from "./results";
import { newerUpstream } from "./upstream";
import { buildTodaysWay } from "./ways";
import { buildApplication, refreshBase, writeSampleRecipes, type Machine } from "./wheelhouse";

export interface BuildsResult {
  /** Of each build, the run in the middle. */
  readonly results: readonly Result[];
  /** Every run. */
  readonly samples: readonly Result[];
  readonly references: References;
  /** Seconds of the base image's own run, once a day for all applications. */
  readonly baseSeconds: number;
}

/** Seconds for which a token of the bench is good: longer than all of it takes. */
const tokenSeconds = 6 * 3600;

/** One kind of agent, from the first build to the last change, with a registry of its own. */
class Sequence {
  readonly samples: Result[] = [];
  baseSeconds = 0;
  /** Of the first build. */
  parts: { readonly partsBytes: number; readonly sourceBytes: number } | undefined;
  private readonly application: Application;
  private readonly recipes: string;
  private readonly sample: ReturnType<typeof writeSampleRecipes>;
  private readonly builders = new Map<Way, Builder>();
  private readonly secrets: string;
  private readonly uvCaches: string;
  private token: string | undefined;
  private upstream = "";
  private dependencies: readonly string[] = [];

  constructor(
    private readonly services: Services,
    private readonly agent: Agent,
    private readonly folder: string,
    private readonly compilers: boolean,
    private readonly write: (line: string) => void,
  ) {
    this.application = new Application(path.join(folder, "source"));
    this.recipes = path.join(folder, "recipes");
    this.secrets = path.join(folder, "secrets");
    this.uvCaches = path.join(folder, "uv");
    this.sample = writeSampleRecipes(this.recipes, "orders");
  }

  /** @param runs Of each build after a change. A first build is one only once. */
  async measure(chosen: readonly Way[], runs: number): Promise<void> {
    this.rotate();
    const { reference, digest } = await this.services.upstreamImage();
    await this.refresh(`${reference}@${digest}`);
    const planned = (Object.keys(cases) as Case[]).flatMap((name) =>
      Array<Case>(name === "first" ? 1 : runs).fill(name),
    );
    for (const name of planned) {
      await this.change(name);
      for (const way of chosen) {
        const result = await this.build(way, name);
        this.samples.push(result);
        if (way === "g" && name === "first") this.parts = await this.measureParts();
        this.write(`${this.agent} agent, ${cases[name]}: (${way}) ${ways[way]}: ${wholeSeconds(result).toFixed(1)} s`);
      }
    }
  }

  /** Wheelhouse with nothing changed at all, on a builder that has everything: seconds of the build, the median of three. */
  async allCached(): Promise<number> {
    const builder = await this.builder("g");
    const again = () => buildApplication(this.machine(builder), this.recipes, this.sample.app, this.application.folder);
    await again();
    const seconds: number[] = [];
    for (let run = 0; run < 3; run++) seconds.push((await again()).buildSeconds);
    return figure(seconds).median;
  }

  /** What Wheelhouse's images are made of, each part measured by itself. */
  private async measureParts(): Promise<{ partsBytes: number; sourceBytes: number }> {
    const packed = path.join(this.folder, "source.tgz");
    const pack = ["-c", 'tar -czf "$0" -C "$1" src && wc -c < "$0"', packed, this.application.folder];
    const sourceBytes = Number((await run("sh", pack)).output.trim());
    const base = `${this.services.registry.host}/${this.sample.base.name}:latest`;
    const references = [base, ...this.dependencies];
    const layers = await layersOf(references, { DOCKER_CONFIG: this.services.registry.dockerConfig });
    return { partsBytes: totalSize(layers) + sourceBytes, sourceBytes };
  }

  async dispose(): Promise<void> {
    for (const builder of this.builders.values()) await builder.dispose();
  }

  /** Makes the one change that a case is about. */
  private async change(name: Case): Promise<void> {
    switch (name) {
      case "first":
        return;
      case "token":
        this.rotate();
        return;
      case "source":
        this.application.changeSource();
        return;
      case "base": {
        const builder = await this.services.builder();
        try {
          const target = `${this.services.registry.host}/upstream/newer`;
          const work = path.join(this.folder, "newer");
          await this.refresh(await newerUpstream(builder, work, this.upstream, target));
        } finally {
          await builder.dispose();
        }
        return;
      }
      case "requirement":
        this.application.changeRequirement();
    }
  }

  private rotate(): void {
    if (this.token !== undefined) this.services.feed.revoke(this.token);
    this.token = this.services.feed.issueToken({ role: "collaborator", seconds: tokenSeconds });
    this.services.feed.writeSecrets(this.secrets, this.token);
  }

  /** The base image's own run, on an agent of its own. */
  private async refresh(upstream: string): Promise<void> {
    this.upstream = upstream;
    const builder = await this.services.builder();
    try {
      const began = performance.now();
      await refreshBase(this.machine(builder), this.recipes, this.sample.base, upstream);
      this.baseSeconds = (performance.now() - began) / 1000;
      this.write(`${this.agent} agent: base image in ${this.baseSeconds.toFixed(1)} s`);
    } finally {
      await builder.dispose();
    }
  }

  private async builder(way: Way): Promise<Builder> {
    const known = this.builders.get(way);
    if (known !== undefined) return known;
    const made = await this.services.builder();
    this.builders.set(way, made);
    return made;
  }

  private machine(builder: Builder): Machine {
    const { registry, feed } = this.services;
    const work = mkdtempSync(path.join(this.folder, "run-"));
    const uvCache = this.agent === "fresh" ? path.join(work, "uv") : this.uvCaches;
    return { builder, work, registry: registry.host, indexUrl: feed.indexUrl, secrets: this.secrets, uvCache };
  }

  private async build(way: Way, name: Case): Promise<Result> {
    const builder = await this.builder(way);
    if (this.agent === "fresh") await builder.empty();
    const machine = this.machine(builder);
    const [registryBefore, feedBefore] = [this.services.registry.counters(), this.services.feed.counters()];
    const built = await (way === "g" ? this.buildOwn(machine) : this.buildToday(way, machine));
    const [registryAfter, feedAfter] = [this.services.registry.counters(), this.services.feed.counters()];
    const environment = { ...process.env, DOCKER_CONFIG: this.services.registry.dockerConfig };
    // Wheelhouse scans before it publishes; here it is scanned once more, so that all are judged by the same scan.
    const scanned = await scanImages(built.images, this.secrets, environment);
    const layers = await layersOf(built.images, environment);
    rmSync(machine.work, { recursive: true, force: true });
    return {
      way,
      case: name,
      agent: this.agent,
      resolveSeconds: built.resolveSeconds,
      buildSeconds: built.buildSeconds,
      scanSeconds: built.scanSeconds ?? scanned.seconds,
      fetchedBytes: registryAfter.fetchedBytes - registryBefore.fetchedBytes,
      pushedBytes: registryAfter.pushedBytes - registryBefore.pushedBytes,
      feedBytes: feedAfter.fetchedBytes - feedBefore.fetchedBytes,
      imageBytes: totalSize(layers),
      leaks: scanned.leaks,
    };
  }

  private async buildOwn(machine: Machine) {
    const run = await buildApplication(machine, this.recipes, this.sample.app, this.application.folder);
    this.dependencies = run.dependencies;
    return run;
  }

  private async buildToday(way: Exclude<Way, "g">, machine: Machine) {
    const began = performance.now();
    const images = await buildTodaysWay(way, {
      ...machine,
      source: this.application.folder,
      upstream: this.upstream,
      compilers: this.compilers,
    });
    return { resolveSeconds: 0, buildSeconds: (performance.now() - began) / 1000, scanSeconds: undefined, images };
  }
}

export interface BuildsOptions {
  readonly ways: readonly Way[];
  readonly agents: readonly Agent[];
  /** Whether today's ways install compilers before they install packages. */
  readonly compilers: boolean;
  /** Runs of each build after a change, each after a change of its own; at most `mostSamples`. */
  readonly runs: number;
}

/** Measures the chosen ways on the chosen kinds of agents. */
export async function benchBuilds(
  { ways: chosen, agents, compilers, runs }: BuildsOptions,
  write: (line: string) => void,
): Promise<BuildsResult> {
  await makeBundle();
  const root = mkdtempSync(path.join(tmpdir(), "wheelhouse-bench-"));
  const samples: Result[] = [];
  let parts: Sequence["parts"];
  let [baseSeconds, cachedSeconds] = [0, 0];
  try {
    for (const agent of agents) {
      const folder = path.join(root, agent);
      mkdirSync(folder, { recursive: true });
      const services = await startServices({ folder: path.join(folder, "services"), write });
      try {
        const token = services.feed.issueToken({ role: "contributor", seconds: tokenSeconds });
        await publishSamplePackages({ uploadUrl: services.feed.uploadUrl, indexUrl: services.feed.indexUrl, token });
        const sequence = new Sequence(services, agent, folder, compilers, write);
        try {
          await sequence.measure(chosen, runs);
          samples.push(...sequence.samples);
          if (parts !== undefined) continue;
          ({ parts, baseSeconds } = sequence);
          cachedSeconds = await sequence.allCached();
        } finally {
          await sequence.dispose();
        }
      } finally {
        await services.close();
      }
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  if (parts === undefined) throw new Error("Wheelhouse's own way was not measured: choose g, too");
  return { results: middle(samples), samples, references: { ...parts, cachedSeconds }, baseSeconds };
}
