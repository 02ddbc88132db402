/** The feed: the gateway, the package server behind it, and the way from that to the public index. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Feed } from "../types";
import { feedPath, type FeedPlace } from "./address";
import { openFeedGateway } from "./gateway";
import { HoldBacks } from "./hold-backs";
import { Holdings } from "./holdings";
import { machineIndex, readIndex, type UpstreamIndex } from "./machine-index";
import { PackageServer } from "./package-server";
import { writeFeedSecrets } from "./secrets";
import { FeedTokens } from "./tokens";
import { openUpstreamRelay } from "./upstream-relay";

export interface FeedParts {
  /** The services folder. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Folder of devpi's programs. */
  readonly programs: string;
  readonly place: FeedPlace;
  /** Default: the machine's public index. */
  readonly publicIndex?: string;
  readonly freshSeconds: number;
  /** Folder for files of the public index, shared by all services of this user. */
  readonly store: string;
  /** The port of the last start, so that addresses in locks stay good. */
  readonly port?: number;
  readonly log: (line: string) => void;
  /** Signs the job tokens. Default: a new one. */
  readonly tokenKey?: string;
}

export interface RunningFeed extends Feed {
  readonly port: number;
  close(): Promise<void>;
}

async function upstreamOf({ publicIndex, environment }: FeedParts): Promise<UpstreamIndex> {
  if (publicIndex === undefined) return machineIndex(environment);
  const index = readIndex(publicIndex, environment);
  if (index !== undefined) return index;
  throw new Error("publicIndex is no web address: give that of a package index, such as http://127.0.0.1:8080/simple/");
}

export async function startFeed(parts: FeedParts): Promise<RunningFeed> {
  const { folder, environment, programs, place, freshSeconds, log } = parts;
  const failed = (error: unknown): void => log(`failure: ${error instanceof Error ? error.message : String(error)}`);
  const tokens = new FeedTokens(Date.now, parts.tokenKey);
  const upstream = await upstreamOf(parts);
  mkdirSync(parts.store, { recursive: true, mode: 0o700 });
  const relay = await openUpstreamRelay(upstream, parts.store, failed);
  const closing: (() => Promise<void>)[] = [() => relay.close()];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0)) await step();
  };
  try {
    const packages = await PackageServer.start({
      folder,
      environment,
      programs,
      proxy: relay.proxy,
      offersMetadata: (filename) => relay.offersMetadata(filename),
      freshSeconds,
    });
    closing.unshift(() => packages.stop());
    const holdings = new Holdings(join(folder, "holdings.json"));
    const heldBack = new HoldBacks();
    const gateway = await openFeedGateway({ place, tokens, packages, holdings, heldBack, log }, parts.port);
    closing.unshift(() => gateway.close());
    const base = `http://127.0.0.1:${gateway.port}${feedPath(place)}`;
    const indexUrl = `${base}simple/`;
    return {
      port: gateway.port,
      indexUrl,
      uploadUrl: `${base}upload/`,
      issueToken: (options) => tokens.issue(options),
      revoke: (token) => tokens.revoke(token),
      writeSecrets: (target, token) => writeFeedSecrets(target, indexUrl, token),
      holdBack: (name, version) => heldBack.add(name, version),
      release: (name) => heldBack.release(name),
      versions: (name) => gateway.versions(name),
      counters: () => ({ ...gateway.counters(), upstreamRequests: relay.requests() }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
