/** The real package server behind the feed: a private index, and a mirror of the upstream, on a socket that only the gateway reaches. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";

import { z } from "zod";

import { run } from "../../process.mjs";
import { servicesVariable, startServer } from "../server-process";
import { socketPath, SocketClient } from "../socket-http";
import { acceptedTypes, readList, readPage, type PackageFile } from "./simple-page";
import { relayedIndex } from "./upstream-relay";

/** What it is started with. */
export interface PackageServerParts {
  /** The services folder. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Folder of devpi's programs. */
  readonly programs: string;
  /** The relay, through which alone it reaches the upstream. */
  readonly proxy: string;
  /** Whether the upstream has a file's metadata alone. */
  readonly offersMetadata: (filename: string) => boolean;
  /** Seconds for which a page of the upstream is current. */
  readonly freshSeconds: number;
}

/** Which of the two indexes. */
export type Index = "private" | "upstream";

const startSeconds = 60;
/** Passwords of the server protect nothing here, its socket does: so they need not be slow to test. */
const quickPasswords = ["--argon2-memory-cost", "8", "--argon2-parallelism", "1", "--argon2-time-cost", "1"];

/** Files of a package, or that there is none. */
type Files = readonly PackageFile[] | undefined;

export class PackageServer {
  /** What the upstream's pages said, or are being asked for: making a long one takes the server a tenth of a second. */
  private readonly upstreamPages = new Map<string, { readonly until: number; readonly files: Promise<Files> }>();

  private constructor(
    private readonly client: SocketClient,
    private readonly stopServer: () => Promise<void>,
    private readonly offersMetadata: (filename: string) => boolean,
    private readonly freshSeconds: number,
  ) {}

  public static async start(parts: PackageServerParts): Promise<PackageServer> {
    const { folder, programs, proxy, freshSeconds } = parts;
    const own = join(folder, "packages");
    const environment = {
      ...parts.environment,
      // Nothing that it asks may go past the relay.
      ...{
        http_proxy: proxy,
        HTTP_PROXY: proxy,
        https_proxy: proxy,
        HTTPS_PROXY: proxy,
        ALL_PROXY: proxy,
        all_proxy: proxy,
      },
      ...{ no_proxy: "", NO_PROXY: "" },
      PYTHONWARNINGS: "ignore",
      [servicesVariable]: folder,
    };
    await initialize(own, programs, environment);
    const socket = socketPath(join(folder, "packages.sock"));
    const client = new SocketClient(socket);
    const server = await startServer({
      called: "the package server",
      command: join(programs, "devpi-server"),
      args: [
        ...["--serverdir", own, "--unix-socket", socket, "--enable-core-metadata", ...quickPasswords],
        ...["--mirror-cache-expiry", "0", "--request-timeout", "30"],
      ],
      environment,
      folder,
      log: join(folder, "packages.log"),
      answers: () => client.answers("/+api"),
      startSeconds,
      graceSeconds: 5,
    });
    const stop = async (): Promise<void> => {
      client.close();
      await server.stop();
    };
    try {
      await makeIndexes(client);
    } catch (error) {
      await stop();
      throw error;
    }
    return new PackageServer(client, stop, parts.offersMetadata, freshSeconds);
  }

  /** The files of a package; nothing when the index has no such package. */
  public async files(index: Index, name: string): Promise<Files> {
    if (index === "private") return this.page(index, name);
    const known = this.upstreamPages.get(name);
    if (known !== undefined && known.until > Date.now()) return known.files;
    const files = this.page(index, name);
    this.upstreamPages.set(name, { until: Date.now() + this.freshSeconds * 1000, files });
    // A failure is not kept.
    files.catch(() => this.upstreamPages.delete(name));
    return files;
  }

  private async page(index: Index, name: string): Promise<Files> {
    const path = `/root/${index}/+simple/${name}/`;
    const { status, headers, text } = await this.client.ask({ path, headers: { accept: acceptedTypes } });
    if (status === 404) return undefined;
    if (status !== 200)
      throw new Error(`the package server answers ${status} for ${name}: ${text.slice(0, 300).trim()}`);
    const base = new URL(path, "http://packages.invalid");
    const files = readPage(headers["content-type"], text).map(({ metadata, ...file }) => ({
      ...file,
      url: new URL(file.url, base).pathname,
      ...(metadata === undefined || (index === "upstream" && !this.offersMetadata(file.filename)) ? {} : { metadata }),
    }));
    // An index that once looked for a package elsewhere, and found none, has an empty page of it.
    return files.length === 0 ? undefined : files;
  }

  /** Names of all packages of the private index. */
  public async privateNames(): Promise<string[]> {
    const headers = { accept: acceptedTypes };
    return readList((await this.client.ask({ path: "/root/private/+simple/", headers })).text);
  }

  /** Opens a file; `path` is the `url` of an entry. */
  public async open(path: string, method: "GET" | "HEAD"): Promise<IncomingMessage> {
    return this.client.open({ method, path, headers: { "accept-encoding": "identity" } });
  }

  /** Publishes: passes on the form that twine and uv send. A file that is there already is refused, though it be the same. */
  public async publish(
    headers: Readonly<Record<string, string>>,
    form: Readable,
  ): Promise<{ status: number; text: string }> {
    const answer = await this.client.open({ method: "POST", path: "/root/private/", headers, body: form });
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    // devpi takes the same content again; Azure Artifacts takes no file of a name twice.
    const status = /identical file/i.test(text) ? 409 : (answer.statusCode ?? 502);
    return { status, text };
  }

  public async stop(): Promise<void> {
    await this.stopServer();
  }
}

/** Makes the server's own files once; what an interrupted making left is made anew. */
async function initialize(folder: string, programs: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const stamp = join(folder, ".made");
  if (existsSync(stamp)) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const args = ["--serverdir", folder, "--no-root-pypi"];
  await run(join(programs, "devpi-init"), args, { env: environment, timeoutSeconds: startSeconds });
  writeFileSync(stamp, "");
}

const login = z.object({ result: z.object({ password: z.string() }) });

async function makeIndexes(client: SocketClient): Promise<void> {
  const wanted = {
    // Who may publish is the gateway's business: nobody else reaches the socket. A file that is published stays as it is.
    private: { type: "stage", bases: [], volatile: false, acl_upload: [":ANONYMOUS:"] },
    upstream: {
      type: "mirror",
      mirror_url: relayedIndex,
      mirror_no_project_list: true,
      mirror_provides_core_metadata: true,
      // Pages are kept by this side, parsed; the server asks again whenever it is asked.
      mirror_cache_expiry: 0,
      volatile: true,
    },
  };
  const { text } = await client.ask({
    method: "POST",
    path: "/+login",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user: "root", password: "" }),
  });
  const { password } = login.parse(JSON.parse(text)).result;
  for (const [name, settings] of Object.entries(wanted)) {
    const path = `/root/${name}`;
    const exists = (await client.ask({ path, headers: { accept: "application/json" } })).status === 200;
    const { status, text: said } = await client.ask({
      method: exists ? "PATCH" : "PUT",
      path,
      headers: {
        "content-type": "application/json",
        "x-devpi-auth": Buffer.from(`root:${password}`).toString("base64"),
      },
      body: JSON.stringify(settings),
    });
    if (status !== 200) throw new Error(`the package server does not make the index ${name}: ${status} ${said.trim()}`);
  }
}
