import * as assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RegistryClient, RegistryError, parseReference, type RegistryClientOptions } from "../../../tools/registry";
import { StrictRegistry, basic, sha256, type StrictRegistryOptions } from "./strict-registry";

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: manifestType, layers: [] }));
const quick = { pause: 1, silence: 2000 };

describe("the registry client", () => {
  const open: { close(): Promise<void> }[] = [];
  const folders: string[] = [];

  async function registryOf(options: StrictRegistryOptions = {}): Promise<StrictRegistry> {
    const registry = await StrictRegistry.start(options);
    open.push(registry);
    registry.addManifest("team/orders", "1.2", manifestType, manifest);
    return registry;
  }

  async function dockerConfig(config: unknown): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "wheelhouse-test-"));
    folders.push(folder);
    await writeFile(join(folder, "config.json"), JSON.stringify(config));
    return folder;
  }

  function clientOf(options: RegistryClientOptions = {}): RegistryClient {
    return new RegistryClient({ environment: { HOME: "/nonexistent" }, patience: quick, ...options });
  }

  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
  });

  it("reads a manifest, and computes its digest", async () => {
    const registry = await registryOf();
    const client = clientOf();
    const reference = parseReference(`${registry.host}/team/orders:1.2`);
    assert.deepEqual(await client.manifest(reference), {
      digest: sha256(manifest),
      mediaType: manifestType,
      body: manifest,
    });
    assert.deepEqual(await client.head(reference), {
      digest: sha256(manifest),
      mediaType: manifestType,
      size: manifest.length,
    });
    assert.equal(client.transferred.fetchedBytes, manifest.length);
    assert.equal(client.transferred.requests, 2);
  });

  it("says that there is no manifest, where it only looks it up", async () => {
    const registry = await registryOf();
    assert.equal(await clientOf().head(parseReference(`${registry.host}/team/orders:9`)), undefined);
  });

  it("publishes and deletes a manifest, and counts its bytes", async () => {
    const registry = await registryOf();
    const client = clientOf();
    const reference = parseReference(`${registry.host}/team/other:new`);
    const digest = await client.putManifest(reference, manifest, manifestType);
    assert.equal(digest, sha256(manifest));
    assert.equal(client.transferred.pushedBytes, manifest.length);
    await client.deleteManifest({ ...reference, tag: undefined, digest });
    assert.equal(await client.head({ ...reference, tag: undefined, digest }), undefined);
    await client.deleteManifest({ ...reference, tag: undefined, digest });
  });

  it("refuses a manifest that is not what its digest says", async () => {
    const registry = await registryOf();
    const wrong = sha256(Buffer.from("other"));
    registry.manifests.set(`team/orders:${wrong}`, { mediaType: manifestType, body: manifest });
    await assert.rejects(
      clientOf().manifest(parseReference(`${registry.host}/team/orders@${wrong}`)),
      /is not what its digest says/,
    );
  });

  for (const signIn of ["basic", "bearer"] as const) {
    it(`signs in with docker's credential (${signIn}), once for many requests`, async () => {
      const registry = await registryOf({ signIn, user: "ci", password: "pa:ss/word" });
      const auth = Buffer.from("ci:pa:ss/word").toString("base64");
      const client = clientOf({
        environment: { DOCKER_CONFIG: await dockerConfig({ auths: { [registry.host]: { auth } } }) },
      });
      const reference = parseReference(`${registry.host}/team/orders:1.2`);
      await client.manifest(reference);
      await client.manifest(reference);
      assert.equal(
        registry.seen.filter(({ authorization, path }) => authorization === undefined && path !== "/token").length,
        1,
      );
      assert.equal(registry.seen.filter(({ path }) => path === "/token").length, signIn === "bearer" ? 1 : 0);
    });
  }

  it("changes an identity token for an access token", async () => {
    const registry = await registryOf({ signIn: "bearer-identity-token", password: "refresh-me" });
    const config = { auths: { [`https://${registry.host}`]: { auth: "", identitytoken: "refresh-me" } } };
    const client = clientOf({ environment: { DOCKER_CONFIG: await dockerConfig(config) } });
    assert.equal((await client.manifest(parseReference(`${registry.host}/team/orders:1.2`))).digest, sha256(manifest));
  });

  it("asks the credential helper that docker's configuration names", async () => {
    const registry = await registryOf({ signIn: "basic", user: "helped", password: "by-a-program" });
    const folder = await dockerConfig({ credHelpers: { [registry.host]: "testing" } });
    const program = join(folder, "docker-credential-testing");
    await writeFile(
      program,
      `#!/bin/sh\nread -r server\n[ "$1" = get ] && [ "$server" = "${registry.host}" ] || { echo "credentials not found in native keychain"; exit 1; }\necho '{"ServerURL":"x","Username":"helped","Secret":"by-a-program"}'\n`,
    );
    await chmod(program, 0o755);
    const environment = { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env.PATH ?? ""}` };
    const client = clientOf({ environment });
    assert.equal((await client.manifest(parseReference(`${registry.host}/team/orders:1.2`))).digest, sha256(manifest));
    const missing = await dockerConfig({ credsStore: "not-there" });
    await assert.rejects(
      clientOf({ environment: { ...environment, DOCKER_CONFIG: missing } }).manifest(
        parseReference(`${registry.host}/team/orders:1.2`),
      ),
      /docker-credential-not-there failed/,
    );
  });

  it("fetches a new token when the old one has ended", async () => {
    const registry = await registryOf({ signIn: "bearer", user: "ci", password: "secret-password", tokenSeconds: 1 });
    const credentials = new Map([
      [registry.host, { kind: "password", user: "ci", password: "secret-password" } as const],
    ]);
    const client = clientOf({ credentials });
    const reference = parseReference(`${registry.host}/team/orders:1.2`);
    await client.manifest(reference);
    for (const token of registry.tokens.values()) token.until = 0;
    await client.manifest(reference);
    assert.equal(registry.tokens.size, 2);
  });

  it("names a wrong credential and a missing one apart, and never prints it", async () => {
    const registry = await registryOf({ signIn: "bearer", user: "ci", password: "right-password" });
    const reference = parseReference(`${registry.host}/team/orders:1.2`);
    const wrong = new Map([[registry.host, { kind: "password", user: "ci", password: "wrong-password" } as const]]);
    const failure = await clientOf({ credentials: wrong })
      .manifest(reference)
      .catch((error: unknown) => error);
    assert.ok(failure instanceof RegistryError);
    assert.equal(failure.status, 401);
    assert.match(failure.mend, /wrong, has expired or lacks the role/);
    assert.doesNotMatch(JSON.stringify([failure.message, failure.mend, failure.stack]), /wrong-password/);
    await assert.rejects(clientOf({ credentials: new Map() }).manifest(reference), (error: RegistryError) =>
      error.mend.includes("There is no credential"),
    );
  });

  it("follows a blob's redirect to another host without the credential", async () => {
    const content = Buffer.from("layer");
    const seen: (string | undefined)[] = [];
    const storage = createServer((request, answer) => {
      seen.push(request.headers.authorization);
      answer.end(content);
    });
    await new Promise<void>((resolve) => storage.listen(0, "127.0.0.1", resolve));
    open.push({
      close: () => new Promise((resolve) => (storage.closeAllConnections(), storage.close(() => resolve()))),
    });
    const blobsAt = () => `http://127.0.0.1:${(storage.address() as AddressInfo).port}`;
    const registry = await registryOf({ signIn: "basic", user: "u", password: "password", blobsAt });
    const digest = registry.addBlob(content);
    const credentials = new Map([[registry.host, { kind: "password", user: "u", password: "password" } as const]]);
    const stream = await clientOf({ credentials }).blob(parseReference(`${registry.host}/team/orders`), digest);
    const parts: Buffer[] = [];
    for await (const part of stream as AsyncIterable<Buffer>) parts.push(part);
    assert.deepEqual(Buffer.concat(parts), content);
    assert.deepEqual(seen, [undefined]);
    assert.ok(registry.seen.some(({ authorization }) => authorization === basic("u", "password")));
  });

  it("refuses a redirect that leaves TLS, or this machine, behind", async () => {
    const registry = await registryOf({ blobsAt: () => "http://storage.example.com" });
    const digest = registry.addBlob(Buffer.from("x"));
    await assert.rejects(
      clientOf().blob(parseReference(`${registry.host}/team/orders`), digest),
      /not protected by TLS/,
    );
  });

  it("tries again after a passing fault, and no longer than it is told", async () => {
    const faults = [{ status: 503 }, { status: 429, headers: { "retry-after": "0" } }];
    const registry = await registryOf({ faults });
    const reference = parseReference(`${registry.host}/team/orders:1.2`);
    assert.equal((await clientOf().manifest(reference)).digest, sha256(manifest));
    faults.push({ status: 500 }, { status: 502 }, { status: 503 });
    await assert.rejects(clientOf({ patience: { ...quick, tries: 3 } }).manifest(reference), /answered 503/);
    assert.equal(faults.length, 0);
  });

  it("says what it could not do, where, and why, when no one answers", async () => {
    const registry = await StrictRegistry.start();
    const { host } = registry;
    await registry.close();
    await assert.rejects(clientOf().manifest(parseReference(`${host}/team/orders:1.2`)), (error: RegistryError) => {
      assert.match(
        error.message,
        new RegExp(`cannot read the manifest of ${host}/team/orders:1.2: ${host} refuses connections`),
      );
      return error.mend.includes("running");
    });
  });

  it("gives up on a registry that falls silent", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    open.push({ close: () => new Promise((resolve) => (silent.closeAllConnections(), silent.close(() => resolve()))) });
    const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const client = clientOf({ patience: { silence: 30, tries: 2, pause: 1 } });
    await assert.rejects(client.manifest(parseReference(`${host}/a:1`)), /did not answer/);
  });

  it("shows the registry's own words for a refusal", async () => {
    const registry = await registryOf();
    await assert.rejects(
      clientOf().manifest(parseReference(`${registry.host}/team/orders:9`)),
      /answered 404 \(MANIFEST_UNKNOWN: manifest unknown\)/,
    );
  });

  it("refuses docker's configuration when it cannot be read, without quoting it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "wheelhouse-test-"));
    folders.push(folder);
    await writeFile(join(folder, "config.json"), '{"auths": {"x": {"auth": "c2VjcmV0OnBhc3N3b3Jk"}},}');
    const failure = await clientOf({ environment: { DOCKER_CONFIG: folder } })
      .manifest(parseReference("127.0.0.1:1/a"))
      .catch((error: unknown) => error);
    assert.ok(failure instanceof Error);
    assert.match(failure.message, /is not JSON/);
    assert.doesNotMatch(failure.message, /c2VjcmV0/);
  });
});
