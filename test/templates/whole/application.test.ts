/** The starter of an application on the base image of the platform's starter, built for real: resolved, baked, pushed and started. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { renderBaseImageRecipe } from "../../../recipes";
import { run } from "../../../sandbox/process.mjs";
import { loadSpecs } from "../../../spec";
import { Stand } from "../../tools/whole/stand";
import { templates } from "../committed";

/** What is pushed: no caches of a run on this machine. */
function source(): Readonly<Record<string, string>> {
  const folder = join(templates, "application");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) => statSync(join(folder, file)).isFile() && !/(^|\/)(__pycache__|\.venv|dist)\/|\.egg-info\//.test(file),
  );
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
}

describe("the starter of an application, built for real", function () {
  this.timeout(600_000);
  let stand: Stand;

  const { apps, baseImages } = loadSpecs({
    baseImages: join(templates, "platform/base-images"),
    apps: join(templates, "platform/apps"),
  });
  const [app] = apps;

  before(async () => {
    stand = await Stand.start();
    for (const { path, content } of renderBaseImageRecipe(baseImages[0]!)) stand.write(path, content);
    const [upstream, resolved] = await Promise.all([
      stand.services.upstreamImage(),
      stand.resolve("base-images", "python-web"),
    ]);
    assert.equal(resolved.code, 0, resolved.errors);
    const args = ["--locks", "locks/python-web", "--upstream", upstream.reference, "--push", "--tag", "latest"];
    const baked = await stand.bake("base-images", "python-web", ...args);
    assert.equal(baked.code, 0, baked.errors);
  });
  after(() => stand.close());

  it("becomes one image without a leak, and passes its own tests there", async () => {
    stand.application(app!, source());
    const resolved = await stand.resolve("apps", "hello");
    assert.equal(resolved.code, 0, resolved.errors);
    const baked = await stand.bake("apps", "hello", "--locks", "locks/hello", "--push", "--tag", "1");
    assert.equal(baked.code, 0, baked.errors);
    assert.deepEqual(baked.report.leaks, []);
    assert.deepEqual(
      baked.report.images.map(({ name, script }) => ({ name, script })),
      [{ name: "hello", script: "hello" }],
    );
    const reference = `${stand.services.registry.host}/hello:1`;
    stand.write(
      "started/Dockerfile",
      [
        `FROM ${reference}`,
        "WORKDIR /tmp/tests",
        "COPY tests tests",
        "RUN python -m unittest -v",
        'RUN HELLO_PORT=http hello || test "$?" = 2',
        "",
      ].join("\n"),
    );
    const args = ["--file", join(stand.folder, "started/Dockerfile"), "--output", "type=cacheonly"];
    const made = await run(
      "docker-buildx",
      ["build", "--progress", "plain", ...args, join(stand.folder, "sources/hello")],
      { env: stand.builder.environment, allowFailure: true, timeoutSeconds: 200 },
    );
    const said = made.output + made.errors;
    assert.equal(made.code, 0, said);
    // All of them, none skipped: the base image has what the service's own tests want.
    assert.match(said, /test_greets \(tests\.test_service\.ServiceTest\.test_greets\)/);
    assert.match(said, /^#\d+ [\d.]+ OK$/m);
    assert.match(said, /HELLO_PORT must be a number from 1 to 65535, and is 'http'/);
  });
});
