/** A small client of the registry protocol (OCI distribution specification 1.1), for reading and for publishing manifests. */
import { createHash } from "node:crypto";
import { type IncomingMessage } from "node:http";
import { type Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { isLoopback, redirectTarget, rootOf, scopeOf, sessionOf } from "./addresses";
import { Authenticator } from "./authentication";
import { findCredential, type Credential, type RunHelper } from "./credentials";
import { RegistryError, explanation, refused, unreachable, type Subject } from "./errors";
import {
  defaultPatience,
  exchange,
  isPassingStatus,
  readBody,
  type Call,
  type Patience,
  type Stream,
  type Transferred,
} from "./exchange";
import { runCredentialHelper } from "./helper";
import { formatReference, isDigest, manifestName, type Reference } from "./reference";

export interface RegistryClientOptions {
  /** Where `DOCKER_CONFIG`, `HOME` and `PATH` are looked up. Default: this process' environment. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Credentials by registry host, in place of docker's own. */
  readonly credentials?: ReadonlyMap<string, Credential>;
  /** Default: 4 tries, and 60 s of silence count as a broken connection. */
  readonly patience?: Partial<Patience>;
  /** Default: docker's helper programs. */
  readonly runHelper?: RunHelper;
  /** Aborts what is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** One manifest as the registry has it. */
export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly body: Buffer;
}

/** Bytes of a manifest that are read at most: what registries accept (4 MiB), twice. */
const manifestLimit = 8 << 20;
const redirectLimit = 5;

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Speaks to any number of registries; keeps what it learned of each for its lifetime. */
export class RegistryClient {
  readonly transferred: Transferred = { requests: 0, fetchedBytes: 0, pushedBytes: 0 };
  private readonly patience: Patience;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly authenticators = new Map<string, Promise<Authenticator>>();

  constructor(private readonly options: RegistryClientOptions = {}) {
    this.patience = { ...defaultPatience, ...options.patience };
    this.environment = options.environment ?? process.env;
  }

  /**
   * What the reference names now; `undefined` when there is no such manifest.
   * @throws RegistryError for every other answer.
   */
  async head(reference: Reference): Promise<{ digest: string; mediaType: string; size: number } | undefined> {
    const subject = subjectOf("look up", reference);
    const answer = await this.ask(reference, "HEAD", manifestPath(reference), subject, { accept: manifestTypes });
    answer.resume();
    if (answer.statusCode === 404) return undefined;
    await this.expect(answer, [200], subject);
    const digest = answer.headers["docker-content-digest"];
    if (typeof digest !== "string" || !isDigest(digest)) {
      // Some registries leave the digest away; then only the body tells it.
      const manifest = await this.manifest(reference);
      return { digest: manifest.digest, mediaType: manifest.mediaType, size: manifest.body.length };
    }
    return { digest, mediaType: mediaTypeOf(answer), size: Number(answer.headers["content-length"] ?? 0) };
  }

  /**
   * The manifest that the reference names; its digest is computed, and held against what was asked for and said.
   * @throws RegistryError when there is none, or when its digest is another one.
   */
  async manifest(reference: Reference): Promise<Manifest> {
    const subject = subjectOf("read the manifest of", reference);
    const answer = await this.ask(reference, "GET", manifestPath(reference), subject, { accept: manifestTypes });
    await this.expect(answer, [200], subject);
    const body = await this.bodyOf(answer, manifestLimit, subject);
    const said = reference.digest ?? answer.headers["docker-content-digest"];
    const expected = typeof said === "string" && isDigest(said) ? said : undefined;
    const digest = digestOf(body, expected?.slice(0, expected.indexOf(":")) ?? "sha256");
    if (expected !== undefined && digest !== expected) {
      throw new RegistryError(
        `the manifest of ${subject.what} is not what its digest says: expected ${expected}, got ${digest}`,
        "The registry, or something between it and this machine, changed it. Do not use this image.",
      );
    }
    return { digest, mediaType: mediaTypeOf(answer), body };
  }

  /**
   * A blob as a stream, not verified: who reads it to the end compares the digest.
   * @throws RegistryError when there is no such blob.
   */
  async blob(reference: Reference, digest: string): Promise<Readable> {
    const subject = { ...subjectOf("read a blob of", reference), what: `${nameOf(reference)}@${digest}` };
    const answer = await this.ask(reference, "GET", `blobs/${digest}`, subject, {});
    await this.expect(answer, [200], subject);
    return answer;
  }

  /** Publishes a manifest under the reference's tag, or under its digest when it has no tag. Returns the digest. */
  async putManifest(reference: Reference, body: Buffer, mediaType: string): Promise<string> {
    const digest = digestOf(body, "sha256");
    const subject = subjectOf("publish", reference);
    const path = `manifests/${reference.tag ?? reference.digest ?? digest}`;
    const answer = await this.ask(reference, "PUT", path, subject, { "content-type": mediaType }, body);
    await this.expect(answer, [201], subject);
    answer.resume();
    return digest;
  }

  /** Removes a manifest; one that is not there is no error. Registries want its digest here, not a tag. */
  async deleteManifest(reference: Reference): Promise<void> {
    const subject = subjectOf("delete", reference);
    const answer = await this.ask(reference, "DELETE", manifestPath(reference), subject, {});
    if (answer.statusCode !== 404) await this.expect(answer, [202, 200], subject);
    answer.resume();
  }

  /** Whether the repository has the blob. */
  async hasBlob(reference: Reference, digest: string): Promise<boolean> {
    const subject = { ...subjectOf("look up a blob of", reference), what: `${nameOf(reference)}@${digest}` };
    const answer = await this.ask(reference, "HEAD", `blobs/${digest}`, subject, {});
    answer.resume();
    if (answer.statusCode === 404) return false;
    await this.expect(answer, [200], subject);
    return true;
  }

  /**
   * Makes a blob of one repository part of another one of the same registry; nothing is transferred.
   * @param from name of the repository that has it.
   * @returns false where the registry does not do that, or `from` does not have the blob.
   */
  async mountBlob(reference: Reference, digest: string, from: string): Promise<boolean> {
    const subject = subjectOf("publish a blob of", reference);
    const query = new URLSearchParams({ mount: digest, from }).toString();
    const scope = `${scopeOf(reference, "POST")} repository:${from}:pull`;
    const answer = await this.ask(reference, "POST", `blobs/uploads/?${query}`, subject, {}, undefined, { scope });
    answer.resume();
    if (answer.statusCode === 201) return true;
    await this.expect(answer, [202], subject);
    // Not mounted: an upload was begun in place of it, which the registry forgets by itself where this fails.
    const session = sessionOf(answer.headers.location, reference, subject);
    const ended = await this.ask(reference, "DELETE", session, subject, {}, undefined, {
      scope: scopeOf(reference, "POST"),
    });
    ended.resume();
    return false;
  }

  /**
   * Publishes a blob, unless the repository has it. A try that broke off is begun anew.
   * @throws RegistryError also where what was sent is not what the digest says.
   */
  async putBlob(reference: Reference, digest: string, content: Stream): Promise<"there" | "sent"> {
    if (await this.hasBlob(reference, digest)) return "there";
    const subject = subjectOf("publish a blob of", reference);
    for (let attempt = 1; ; attempt += 1) {
      const begun = await this.ask(reference, "POST", "blobs/uploads/", subject, {});
      begun.resume();
      await this.expect(begun, [202], subject);
      const session = sessionOf(begun.headers.location, reference, subject);
      session.searchParams.set("digest", digest);
      const headers = { "content-type": "application/octet-stream" };
      const last = attempt >= this.patience.tries;
      try {
        const answer = await this.ask(reference, "PUT", session, subject, headers, content, { tries: 1 });
        if (!last && isPassingStatus(answer.statusCode)) {
          answer.destroy();
        } else {
          await this.expect(answer, [201], subject);
          answer.resume();
          return "sent";
        }
      } catch (error) {
        if (last || !(error instanceof RegistryError) || error.status !== undefined) throw error;
      }
      await sleep(Math.min(this.patience.pause * 2 ** (attempt - 1), this.patience.longestPause), undefined, {
        signal: this.options.signal,
      });
    }
  }

  private async ask(
    reference: Reference,
    method: Call["method"],
    path: string | URL,
    subject: Subject,
    headers: Record<string, string>,
    body?: Buffer | Stream,
    { scope = scopeOf(reference, method), tries = this.patience.tries }: { scope?: string; tries?: number } = {},
  ): Promise<IncomingMessage> {
    const url =
      typeof path === "string" ? new URL(`/v2/${reference.repository}/${path}`, rootOf(reference.registry)) : path;
    const authenticator = await this.authenticatorOf(reference.registry);
    const known = authenticator.header(scope);
    const call = { method, subject, signal: this.options.signal, ...(body === undefined ? {} : { body }) };
    const patience = { ...this.patience, tries };
    const first = await this.follow({ ...call, url, headers: withHeader(headers, known) }, patience);
    const challenge = first.headers["www-authenticate"];
    if (first.statusCode !== 401 || challenge === undefined) return first;
    const header = await authenticator.answer(challenge, scope);
    if (header === undefined || header === known) return first;
    first.resume();
    return await this.follow({ ...call, url, headers: withHeader(headers, header) }, patience);
  }

  /** Follows redirects of reads. The credential goes to the registry alone, and only over the connection it began with. */
  private async follow(call: Call, patience: Patience): Promise<IncomingMessage> {
    let current = call;
    for (let count = 0; ; count += 1) {
      const answer = await exchange(current, this.transferred, patience);
      const { location } = answer.headers;
      const redirected = [301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) && location !== undefined;
      if (!redirected || (call.method !== "GET" && call.method !== "HEAD")) return answer;
      answer.resume();
      const url = redirectTarget(location, current.url, call.subject);
      if (count >= redirectLimit) {
        throw new RegistryError(
          `cannot ${call.subject.deed} ${call.subject.what}: ${call.subject.host} redirects without an end`,
          "Is this host the registry that you mean?",
        );
      }
      const headers = { ...current.headers };
      if (url.origin !== call.url.origin) delete headers.authorization;
      current = { ...current, url, headers };
    }
  }

  private async expect(answer: IncomingMessage, statuses: readonly number[], subject: Subject): Promise<void> {
    const status = answer.statusCode ?? 0;
    if (statuses.includes(status)) return;
    const body = await readBody(answer, 1 << 16).catch(() => Buffer.alloc(0));
    const authenticator = await this.authenticatorOf(subject.host);
    throw refused(subject, status, explanation(body), authenticator.signedIn);
  }

  private async bodyOf(answer: IncomingMessage, limit: number, subject: Subject): Promise<Buffer> {
    try {
      return await readBody(answer, limit);
    } catch (error) {
      throw unreachable(subject, error);
    }
  }

  private authenticatorOf(registry: string): Promise<Authenticator> {
    const known = this.authenticators.get(registry);
    if (known !== undefined) return known;
    const made = this.makeAuthenticator(registry);
    this.authenticators.set(registry, made);
    return made;
  }

  private async makeAuthenticator(registry: string): Promise<Authenticator> {
    const { credentials, runHelper = runCredentialHelper, signal } = this.options;
    const credential =
      credentials === undefined
        ? await findCredential(registry, this.environment, runHelper)
        : credentials.get(registry);
    return new Authenticator({
      host: registry,
      credential,
      transferred: this.transferred,
      patience: this.patience,
      mayBePlain: (url) => isLoopback(url.hostname) && isLoopback(new URL(rootOf(registry)).hostname),
      signal,
    });
  }
}

/** The digest of a document, by an algorithm that node knows under the same name. */
export function digestOf(body: Buffer, algorithm: string): string {
  return `${algorithm}:${createHash(algorithm).update(body).digest("hex")}`;
}

function withHeader(headers: Record<string, string>, authorization: string | undefined): Record<string, string> {
  return authorization === undefined ? headers : { ...headers, authorization };
}

function manifestPath(reference: Reference): string {
  return `manifests/${manifestName(reference)}`;
}

function mediaTypeOf(answer: IncomingMessage): string {
  return (answer.headers["content-type"] ?? "").replace(/;.*$/, "").trim();
}

function nameOf({ registry, repository }: Reference): string {
  return `${registry}/${repository}`;
}

function subjectOf(deed: string, reference: Reference): Subject {
  return { deed, what: formatReference(reference), host: reference.registry };
}
