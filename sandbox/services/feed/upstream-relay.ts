/**
 * What the package server sees as the public index: passes its questions on to the real one, counts them, and keeps files for later
 * runs. The package server reaches it as its HTTP proxy, so that addresses that it writes down stay good when ports change.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

import { listen } from "../gateway-server";
import { FileStore } from "./file-store";
import type { UpstreamIndex } from "./machine-index";
import { acceptedTypes, jsonType, readPage, writePage, type PackageFile } from "./simple-page";
import { UpstreamClient } from "./upstream-request";

/** A host that cannot exist (RFC 6761): only the relay knows it. */
const host = "upstream.invalid";

/** Address of the index, as the package server is told it. */
export const relayedIndex = `http://${host}/simple/`;

/** Most bytes of a page. */
const mostPageBytes = 128 * 1024 * 1024;

export interface UpstreamRelay {
  /** The proxy for the package server, and for nobody else. */
  readonly proxy: string;
  /** Whether the upstream said that a file's metadata can be had alone: the package server itself would claim it of every wheel. */
  offersMetadata(filename: string): boolean;
  /** Questions so far, those included that were answered from the files of earlier runs. */
  requests(): number;
  close(): Promise<void>;
}

interface Parts {
  readonly index: UpstreamIndex;
  readonly client: UpstreamClient;
  readonly files: FileStore;
  /** Names of files whose metadata can be had alone. */
  readonly withMetadata: Set<string>;
}

/** @param store Folder of the files that are kept. */
export async function openUpstreamRelay(
  index: UpstreamIndex,
  store: string,
  failed: (error: unknown) => void,
): Promise<UpstreamRelay> {
  const parts: Parts = {
    index,
    client: new UpstreamClient(index),
    files: new FileStore(store),
    withMetadata: new Set(),
  };
  let count = 0;
  const server = await listen((request, response) => {
    count += 1;
    return serve(parts, request, response);
  }, failed);
  return {
    proxy: `http://127.0.0.1:${server.port}`,
    offersMetadata: (filename) => parts.withMetadata.has(filename),
    requests: () => count,
    async close() {
      await server.close();
      parts.client.close();
    },
  };
}

function answer(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) }).end(text);
}

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = request.url ?? "";
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url?.host !== host || (request.method !== "GET" && request.method !== "HEAD")) {
    // A question for anywhere else is one that the package server must not ask.
    answer(response, 403, "text/plain", "only the upstream index can be asked here\n");
    return;
  }
  const [, area, first = "", second = "", third] = url.pathname.split("/");
  if (area === "simple" && first !== "" && second === "" && third === undefined) return page(parts, first, response);
  if (area === "files" && second !== "" && third !== undefined) return file(parts, first, second, third, response);
  answer(response, 404, "text/plain", "there is nothing at this address\n");
}

/** The upstream's page with every link leading here; the real address is within the link. */
async function page({ index, client, withMetadata }: Parts, name: string, response: ServerResponse): Promise<void> {
  const opened = await client.open(new URL(`${name}/`, index.address).href, { accept: acceptedTypes });
  const status = opened.answer.statusCode ?? 502;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of opened.answer) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostPageBytes) throw new Error(`the upstream's page of ${name} has more than ${mostPageBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  if (status !== 200) {
    answer(response, status, "text/plain", `the upstream answers ${status}\n`);
    return;
  }
  const files = readPage(opened.answer.headers["content-type"], Buffer.concat(chunks).toString("utf8"));
  for (const { filename, metadata } of files) if (metadata !== undefined) withMetadata.add(filename);
  const links = files.map((entry) => relayed(entry, opened.url));
  const { type, text } = writePage({ name, files: links }, jsonType);
  answer(response, 200, type, text);
}

function relayed(entry: PackageFile, page: URL): PackageFile {
  const address = Buffer.from(new URL(entry.url, page).href).toString("base64url");
  const hash = /^[0-9a-f]{64}$/.test(entry.hashes.sha256 ?? "") ? entry.hashes.sha256 : "any";
  return { ...entry, url: `http://${host}/files/${hash}/${address}/${encodeURIComponent(entry.filename)}` };
}

/** A file, or its metadata, which has the same address with `.metadata` behind it (PEP 658). */
async function file(
  { client, files }: Parts,
  hash: string,
  encoded: string,
  filename: string,
  response: ServerResponse,
): Promise<void> {
  const metadata = filename.endsWith(".metadata");
  const sha256 = hash === "any" || metadata ? undefined : hash;
  const kept = sha256 === undefined ? undefined : files.find(sha256);
  if (kept !== undefined) {
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": kept.size });
    return files.passAndKeep(kept.open(), response, undefined);
  }
  const address = Buffer.from(encoded, "base64url").toString("utf8");
  const opened = await client.open(`${address.split("#")[0] ?? ""}${metadata ? ".metadata" : ""}`, {
    "accept-encoding": "identity",
  });
  const status = opened.answer.statusCode ?? 502;
  if (status !== 200) {
    opened.answer.resume();
    answer(response, status, "text/plain", `the upstream answers ${status}\n`);
    return;
  }
  const length = opened.answer.headers["content-length"];
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    ...(length === undefined ? {} : { "content-length": length }),
  });
  await files.passAndKeep(opened.answer, response, sha256);
}
