import * as assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { RegistryClient, RegistryError, type RegistryClientOptions } from "../../../tools/registry";
import { StrictRegistry, sha256, type StrictRegistryOptions } from "./strict-registry";

const quick = { pause: 1, silence: 2000 };

describe("publishing blobs", () => {
  const open: StrictRegistry[] = [];

  async function registryOf(options: StrictRegistryOptions = {}): Promise<StrictRegistry> {
    const registry = await StrictRegistry.start(options);
    open.push(registry);
    return registry;
  }

  function clientOf(options: RegistryClientOptions = {}): RegistryClient {
    return new RegistryClient({ environment: { HOME: "/nonexistent" }, patience: quick, ...options });
  }

  const content = randomBytes(300_000);
  const digest = sha256(content);
  /** In parts, counted, so that a try that takes up where another one ended would be seen. */
  function stream(body = content): { length: number; open: () => Promise<Readable>; opened: () => number } {
    let count = 0;
    return {
      length: body.length,
      open: () => {
        count += 1;
        return Promise.resolve(Readable.from([body.subarray(0, 1000), body.subarray(1000)]));
      },
      opened: () => count,
    };
  }

  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });

  for (const signIn of ["basic", "bearer"] as const) {
    it(`sends a blob once, and counts its bytes, signed in by ${signIn}`, async () => {
      const registry = await registryOf({ signIn, user: "agent", password: "right" });
      const credentials = new Map([[registry.host, { kind: "password", user: "agent", password: "right" } as const]]);
      const client = clientOf({ credentials });
      const target = { registry: registry.host, repository: "team/orders" };
      assert.equal(await client.putBlob(target, digest, stream()), "sent");
      assert.deepEqual(registry.blobs.get(digest), content);
      assert.equal(client.transferred.pushedBytes, content.length);
      const again = stream();
      assert.equal(await client.putBlob(target, digest, again), "there");
      assert.equal(again.opened(), 0);
      assert.equal(await client.hasBlob({ ...target, repository: "team/other" }, digest), false);
    });
  }

  it("makes a blob part of another repository without sending it", async () => {
    const registry = await registryOf({ signIn: "bearer", user: "agent", password: "right" });
    const credentials = new Map([[registry.host, { kind: "password", user: "agent", password: "right" } as const]]);
    const client = clientOf({ credentials });
    registry.addBlob(content);
    registry.published.add(`base@${digest}`);
    const target = { registry: registry.host, repository: "orders" };
    assert.equal(await client.mountBlob(target, digest, "base"), true);
    assert.equal(await client.hasBlob(target, digest), true);
    assert.equal(client.transferred.pushedBytes, 0);
  });

  it("says that a blob is not mounted, and leaves no upload behind", async () => {
    for (const options of [{ mounts: false }, {}]) {
      const registry = await registryOf(options);
      const target = { registry: registry.host, repository: "orders" };
      assert.equal(await clientOf().mountBlob(target, digest, "base"), false);
      assert.equal(registry.sessions.size, 0);
    }
  });

  it("begins anew after a passing fault in mid-upload, from the blob's beginning", async () => {
    const registry = await registryOf({ faults: [{ status: 503, at: /uploads\/.+/ }] });
    const body = stream();
    assert.equal(await clientOf().putBlob({ registry: registry.host, repository: "orders" }, digest, body), "sent");
    assert.equal(body.opened(), 2);
    assert.deepEqual(registry.blobs.get(digest), content);
  });

  it("gives up after its tries, with what it could not do", async () => {
    const faults = Array.from({ length: 9 }, () => ({ status: 503, at: /uploads\/.+/ }));
    const registry = await registryOf({ faults });
    await assert.rejects(
      clientOf().putBlob({ registry: registry.host, repository: "orders" }, digest, stream()),
      (error: unknown) =>
        error instanceof RegistryError && error.status === 503 && error.message.includes("publish a blob of"),
    );
    assert.equal(faults.length, 5);
  });

  it("does not take what is not what its digest says for published", async () => {
    const registry = await registryOf();
    await assert.rejects(
      clientOf().putBlob({ registry: registry.host, repository: "orders" }, digest, stream(randomBytes(300_000))),
      (error: unknown) => error instanceof RegistryError && error.status === 400,
    );
    assert.equal(registry.published.size, 0);
  });

  it("fails where the content breaks off, and does not wait for more", async () => {
    const registry = await registryOf();
    const broken = {
      length: content.length,
      open: () =>
        Promise.resolve(
          Readable.from(
            (function* () {
              yield content.subarray(0, 1000);
              throw new Error("the disk is gone");
            })(),
          ),
        ),
    };
    await assert.rejects(clientOf().putBlob({ registry: registry.host, repository: "orders" }, digest, broken));
    assert.equal(registry.published.size, 0);
  });

  it("sends neither content nor credential to a place that is not the registry", async () => {
    const other = await registryOf();
    const registry = await registryOf({ sessionsAt: (path) => `http://${other.host}${path}` });
    await assert.rejects(
      clientOf().putBlob({ registry: registry.host, repository: "orders" }, digest, stream()),
      /names no place on itself for the upload/,
    );
    assert.deepEqual(other.seen, []);
  });
});
