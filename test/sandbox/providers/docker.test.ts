/** Lives of images behind the provider protocol: built, pushed, looked at, tagged, deleted. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { imageToken } from "../../../sandbox/providers/docker/tokens";
import { revealMap, secretOf, unknown, type PropertyMap } from "../../../sandbox/providers/properties";
import { DockerBench, sha256 } from "./docker-bench";
import { urn } from "./plugin-client";

const registryImage = urn(imageToken("RegistryImage"), "pushed");
const remoteImage = urn(imageToken("RemoteImage"), "local");
const tag = urn(imageToken("Tag"), "tag");

function text(value: PropertyMap[string] | undefined): string {
  return typeof value === "string" ? value : "";
}

describe("the docker plugin", () => {
  let bench: DockerBench;
  beforeEach(async () => {
    bench = await DockerBench.start();
  });
  afterEach(() => bench.stop());
  const name = (path = "team/web:1"): string => `${bench.registry.host}/${path}`;
  const blobs = async (): Promise<string[]> => readdir(join(bench.folder, "images", "blobs", "sha256")).catch(() => []);

  it("builds nothing, and asks nobody, in a preview", async () => {
    const inputs = { name: name(), build: bench.build, keepRemotely: true };
    const { outputs } = await bench.client.create(registryImage, inputs, true);
    strictEqual(outputs.sha256Digest, unknown);
    deepStrictEqual(await bench.calls(), []);
    deepStrictEqual(bench.registry.requests, []);
  });

  it("builds with buildx and pushes what it built", async () => {
    const { id, outputs } = await bench.client.create(registryImage, { name: name(), build: bench.build });
    strictEqual(outputs.sha256Digest, id);
    const pushed = bench.registry.manifests.get("team/web:1");
    strictEqual(sha256(pushed?.body.toString() ?? ""), id);
    strictEqual(bench.registry.blobs.size, 2);
    const [call] = await bench.calls();
    ok(call?.args.includes("--builder=bench"));
    strictEqual(call?.dockerHost, null, "the image store's folder is no Docker host for buildx");
  });

  it("pushes to a registry that gives tokens", async () => {
    await bench.stop();
    bench = await DockerBench.start("Bearer");
    await bench.client.create(registryImage, { name: name(), build: bench.build });
    ok(bench.registry.manifests.has("team/web:1"));
  });

  it("names a secret to the builder, and keeps its value out of arguments, outputs and files", async () => {
    const secrets = [{ id: "netrc", env: "BENCH_NETRC" }];
    const { outputs } = await bench.client.create(registryImage, { name: name(), build: { ...bench.build, secrets } });
    const [call] = await bench.calls();
    strictEqual(call?.secret, "machine x password first");
    ok(call.args.includes("--secret=type=env,id=netrc,env=BENCH_NETRC"));
    const everything = [
      JSON.stringify(call.args),
      JSON.stringify(outputs),
      await readFile(join(bench.folder, "images", "index.json"), "utf8"),
    ];
    ok(everything.every((text) => !text.includes("password first")));
  });

  it("takes a secret's file or its variable, one of them", async () => {
    const wrong: readonly PropertyMap[] = [{ id: "netrc", env: "A", src: "b" }, { id: "netrc" }];
    for (const secret of wrong) {
      const { failures } = await bench.client.check(registryImage, {
        name: name(),
        build: { ...bench.build, secrets: [secret] },
      });
      deepStrictEqual(
        failures.map(({ property }) => property),
        ["build.secrets[0]"],
      );
    }
  });

  it("says why a build failed, in the builder's own words, and leaves nothing behind", async () => {
    await bench.dockerfile("FAIL");
    await rejects(
      bench.client.create(registryImage, { name: name(), build: bench.build }),
      /cannot create RegistryImage "pushed": Error running buildx build: .*exit code: 1\n.*RUN FAIL:\n.*the secret netrc is empty/,
    );
    deepStrictEqual(bench.registry.requests, []);
    deepStrictEqual(await blobs(), []);
  });

  it("adds what the builder said to the log file", async () => {
    const buildLogFile = join(bench.folder, "build.log");
    await bench.dockerfile("FAIL");
    await rejects(bench.client.create(registryImage, { name: name(), build: { ...bench.build, buildLogFile } }));
    match(await readFile(buildLogFile, "utf8"), /it says much/);
    strictEqual((await stat(buildLogFile)).mode & 0o077, 0);
  });

  it("refuses a Dockerfile that is not there, and the builder of old", async () => {
    const create = (more: PropertyMap) =>
      bench.client.create(registryImage, { name: name(), build: { ...bench.build, ...more } });
    await rejects(create({ dockerfile: "Other" }), /dockerfile not found at path: .*context\/Other/);
    await rejects(create({ useLegacyBuilder: true }), /no legacy builder/);
  });

  it("looks for a pushed image in the registry alone, on any machine", async () => {
    const created = await bench.client.create(registryImage, { name: name(), build: bench.build });
    const again = await bench.client.read(registryImage, created.id, { name: name() }, created.outputs);
    strictEqual(again.id, created.id);
    deepStrictEqual(revealMap(again.outputs), revealMap(created.outputs));
    bench.registry.manifests.clear();
    strictEqual((await bench.client.read(registryImage, created.id, { name: name() }, created.outputs)).id, "");
  });

  it("sees that somebody moved the tag", async () => {
    const created = await bench.client.create(registryImage, { name: name(), build: bench.build });
    const moved = bench.registry.add("team/web", "1", "application/vnd.oci.image.manifest.v1+json", { another: true });
    const { outputs } = await bench.client.read(registryImage, created.id, { name: name() }, created.outputs);
    strictEqual(outputs.sha256Digest, moved);
  });

  it("keeps a pushed image that is to be kept, and deletes another", async () => {
    for (const keepRemotely of [true, false]) {
      const inputs = { name: name(), build: bench.build, keepRemotely };
      const { id, outputs } = await bench.client.create(registryImage, inputs);
      await bench.client.delete(registryImage, id, outputs);
      strictEqual(bench.registry.manifests.has("team/web:1"), keepRemotely);
    }
  });

  it("wants a log-in for the registry among its own settings, as the provider does", async () => {
    await bench.configure([]);
    await rejects(
      bench.client.create(registryImage, { name: name(), build: bench.build }),
      /no auth config found for registry 127\.0\.0\.1:\d+: give the provider registryAuth/,
    );
    const authConfig = {
      address: `http://${bench.registry.host}`,
      username: "build",
      password: bench.registry.password,
    };
    await bench.client.create(registryImage, { name: name(), build: bench.build, authConfig });
  });

  it("says that the registry refused a wrong password, and not which", async () => {
    await bench.configure([{ address: `http://${bench.registry.host}`, username: "build", password: "wrong-one" }]);
    await rejects(bench.client.create(registryImage, { name: name(), build: bench.build }), (error: Error) => {
      match(error.message, /bad response from registry: 401/);
      return !error.message.includes("wrong-one");
    });
  });

  it("keeps a registry's password secret", async () => {
    const authConfig = { address: "http://x", username: "u", password: "p" };
    const { inputs } = await bench.client.check(registryImage, { name: name(), authConfig });
    deepStrictEqual((inputs.authConfig as PropertyMap).password, secretOf("p"));
  });

  it("keeps a local image until it is deleted, and its parts until no other name needs them", async () => {
    const first = await bench.client.create(remoteImage, { name: "web:1", build: bench.build });
    const second = await bench.client.create(remoteImage, { name: "web:2", build: bench.build });
    strictEqual(first.id, `${text(first.outputs.imageId)}web:1`);
    strictEqual((await blobs()).length, 3);
    await bench.client.delete(remoteImage, first.id, first.outputs);
    strictEqual((await blobs()).length, 3);
    strictEqual((await bench.client.read(remoteImage, first.id, { name: "web:1" }, first.outputs)).id, "");
    strictEqual((await bench.client.read(remoteImage, second.id, { name: "web:2" }, second.outputs)).id, second.id);
    await bench.client.delete(remoteImage, second.id, { ...second.outputs, keepLocally: true });
    strictEqual((await blobs()).length, 3);
    await bench.client.delete(remoteImage, second.id, second.outputs);
    strictEqual((await blobs()).length, 0);
  });

  it("deletes by name, so that a replacement of that name goes with what it replaced, as with the provider", async () => {
    const old = await bench.client.create(remoteImage, { name: "web:1", build: bench.build });
    await bench.dockerfile("FROM scratch\nLABEL new=1");
    const now = await bench.client.create(remoteImage, { name: "web:1", build: bench.build });
    ok(old.outputs.imageId !== now.outputs.imageId);
    await bench.client.delete(remoteImage, old.id, old.outputs);
    strictEqual((await bench.client.read(remoteImage, now.id, { name: "web:1" }, now.outputs)).id, "");
  });

  it("pulls a local image that is not built, for the machine's platform", async () => {
    await bench.client.create(registryImage, { name: name(), build: bench.build });
    const [digest, { mediaType, body }] = [...bench.registry.manifests].map(
      ([key, value]) => [key.split("@")[1], value] as const,
    )[0]!;
    const platform = { os: "linux", architecture: process.arch === "x64" ? "amd64" : process.arch };
    const manifests = [{ mediaType, digest, size: body.length, platform }];
    bench.registry.add("team/web", "many", "application/vnd.oci.image.index.v1+json", { manifests });
    const { outputs } = await bench.client.create(remoteImage, { name: name("team/web:many") });
    match(text(outputs.repoDigest), /\/team\/web@sha256:[0-9a-f]{64}$/);
    bench.registry.add("team/web", "other", "application/vnd.oci.image.index.v1+json", { manifests });
    await rejects(
      bench.client.create(remoteImage, { name: name("team/web:other"), platform: "linux/s390x" }),
      /no matching manifest for linux\/s390x/,
    );
  });

  it("gives a local image another name, which can be pushed", async () => {
    const { outputs } = await bench.client.create(registryImage, { name: name(), build: bench.build });
    const named = await bench.client.create(tag, { sourceImage: name(), targetImage: name("team/web:latest") });
    strictEqual(named.id, `${name()}.${name("team/web:latest")}`);
    const latest = await bench.client.create(registryImage, { name: name("team/web:latest") });
    strictEqual(latest.outputs.sha256Digest, outputs.sha256Digest);
    await rejects(bench.client.create(tag, { sourceImage: "none:1", targetImage: "x:1" }), /no such image: none:1/);
    await rejects(bench.client.create(registryImage, { name: name("team/none:1") }), /an image does not exist locally/);
  });

  it("builds nothing in an update", async () => {
    const created = await bench.client.create(registryImage, { name: name(), build: bench.build });
    await bench.client.update(registryImage, created.id, created.outputs, { ...created.outputs, keepRemotely: true });
    strictEqual((await bench.calls()).length, 1);
  });

  it("replaces for any change of what is built, in place of the old one where the name stays", async () => {
    const inputs = { name: name(), build: { ...bench.build, label: { a: "1" } } };
    const changed = { ...inputs, build: { ...inputs.build, label: { a: "2" } } };
    deepStrictEqual(await bench.client.diff(registryImage, inputs, changed), {
      changed: true,
      replaces: ["build"],
      paths: { "build.label.a": "UPDATE_REPLACE" },
      deleteBeforeReplace: true,
    });
    strictEqual((await bench.client.diff(remoteImage, inputs, changed)).deleteBeforeReplace, false);
    strictEqual((await bench.client.diff(registryImage, inputs, { ...inputs, keepRemotely: true })).replaces.length, 0);
  });

  it("imports no image", async () => {
    await rejects(
      bench.client.read(registryImage, "sha256:00"),
      /not an id to import by: write none: the provider imports no image/,
    );
  });

  it("refuses a real Docker daemon and a real registry: it is a stand-in", async () => {
    await rejects(
      bench.client.configure({ host: "unix:///var/run/docker.sock" }),
      /the sandbox has no Docker daemon; name the folder/,
    );
    await rejects(
      bench.configure([{ address: "contoso.azurecr.io" }]),
      /registryAuth\.address must be an http address on 127\.0\.0\.1/,
    );
    await rejects(bench.configure([{ adress: "x" }]), /registryAuth\[0\] has no property adress/);
  });
});
