/** A base image that `pulumi up` builds for real and pushes, with a secret that leaves no trace. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { greeting, lock, Stand, type EngineRun } from "./app-image-stand";

/** A text of the package that the image holds: what finds it would find the token. */
const partOfThePackage = "Utilities for writing code that runs on Python 2 and 3";

describe("a base image from pulumi up", function () {
  this.timeout(600_000);
  let stand: Stand;
  before(async () => {
    stand = await Stand.start(() => undefined);
  });
  after(() => stand.close());

  let first: { readonly token: string; readonly netrc: string };
  let built: EngineRun;
  let state: unknown;

  const asked = (): readonly number[] => [
    stand.services.registry.counters().requests,
    stand.services.feed.counters().requests,
  ];
  // Others build on this machine, too.
  const builds = ({ commandLines }: EngineRun): string[] =>
    [...commandLines].filter((line) => line.includes("buildx build ") && line.includes(stand.services.registry.host));

  it("is not built by a preview, which asks neither registry nor feed, and warns of a missing secret", async () => {
    const before = asked();
    const preview = await stand.run(["preview"]);
    strictEqual(preview.code, 0, preview.output);
    match(
      preview.output,
      /the secret "netrc" is empty, so nothing can be built with it: set the environment variable BOOTSTRAP_NETRC/,
    );
    deepStrictEqual(asked(), before);
    deepStrictEqual(builds(preview), []);
    ok(!existsSync(stand.images));
  });

  it("is built, builder and image to run on, and pushed", async () => {
    first = stand.netrc();
    built = await stand.run(["up", "--yes"], first.netrc);
    strictEqual(built.code, 0, built.output);
    strictEqual(builds(built).length, 2, "both builds were seen among the processes");
    state = await stand.state();
    for (const repository of ["python-web", "python-web-builder"]) {
      match(built.output, new RegExp(`${stand.services.registry.host}/${repository}@sha256:[0-9a-f]{64}`));
    }
  });

  it("holds what was installed with the secret, and the secret nowhere", async () => {
    const forms = formsOf(first.token);
    const finds = (content: Buffer, texts: readonly string[]): boolean => texts.some((text) => content.includes(text));
    const blobs = contentsOf(join(stand.images, "blobs/sha256"));
    ok(blobs.some((blob) => finds(blob, [partOfThePackage])));
    ok(!blobs.some((blob) => finds(blob, forms)), "the image");
    ok(!stand.stateFiles().some((file) => finds(file, forms)), "the state");
    ok(!finds(Buffer.from(JSON.stringify(await stand.state())), forms), "the exported state");
    ok(!finds(Buffer.from(built.output), forms), "the output");
    ok(!finds(Buffer.from([...built.commandLines].join("\n")), forms), "process arguments");
  });

  it("is left alone by the next run, and by one with another secret", async () => {
    for (const netrc of [first.netrc, stand.netrc().netrc]) {
      const before = asked();
      const again = await stand.run(["up", "--yes"], netrc);
      strictEqual(again.code, 0, again.output);
      match(again.output, /Resources:\n {4}\d+ unchanged/);
      deepStrictEqual(builds(again), []);
      deepStrictEqual(asked(), before);
      deepStrictEqual(await stand.state(), state);
    }
  });

  it("is found again by a refresh on a machine that has none of it", async () => {
    rmSync(stand.images, { recursive: true });
    const refreshed = await stand.run(["preview", "--refresh", "--expect-no-changes"]);
    strictEqual(refreshed.code, 0, refreshed.output);
  });

  it("has an application built on it, by its digest, in the same manner", async () => {
    await stand.declare("application");
    const { token, netrc } = stand.netrc();
    const up = await stand.run(["up", "--yes"], netrc);
    strictEqual(up.code, 0, up.output);
    strictEqual(builds(up).length, 4, "packages, run-time image, project, image");
    match(up.output, new RegExp(`hello *: "${stand.services.registry.host}/hello@sha256:[0-9a-f]{64}"`));
    const blobs = contentsOf(join(stand.images, "blobs/sha256"));
    for (const text of [greeting, "iniconfig/__init__.py", '"Entrypoint":["/opt/venv/bin/hello"]']) {
      ok(
        blobs.some((blob) => blob.includes(text)),
        text,
      );
    }
    const everything = [
      ...blobs,
      ...stand.stateFiles(),
      ...[up.output, ...up.commandLines].map((text) => Buffer.from(text)),
    ];
    ok(!everything.some((content) => formsOf(token).some((form) => content.includes(form))));
    await stand.declare();
  });

  it("is planned anew for another lock; and with a token that ended nothing is pushed", async () => {
    stand.services.feed.revoke(first.token);
    stand.write("locks/base/requirements.txt", `# another\n${lock}`);
    const preview = await stand.run(["preview"]);
    match(preview.output, /\+-6 to replace/);
    const pushed = stand.services.registry.counters().pushedBytes;
    const failed = await stand.run(["up", "--yes"], first.netrc);
    strictEqual(failed.code, 255, failed.output);
    match(failed.output, /Error running buildx build: /);
    match(failed.output, /401/);
    strictEqual(stand.services.registry.counters().pushedBytes, pushed);
    ok(!formsOf(first.token).some((form) => failed.output.includes(form)));
  });
});

/** The token as it is, and as it may stand in a header or a file. */
function formsOf(token: string): string[] {
  const encoded = [0, 1, 2].map((skip) =>
    Buffer.from("x".repeat(skip) + token)
      .toString("base64")
      .slice(4, -4),
  );
  return [token, encodeURIComponent(token), ...encoded];
}

function contentsOf(folder: string): Buffer[] {
  return readdirSync(folder).map((name) => {
    const content = readFileSync(join(folder, name));
    return content[0] === 0x1f && content[1] === 0x8b ? gunzipSync(content) : content;
  });
}
