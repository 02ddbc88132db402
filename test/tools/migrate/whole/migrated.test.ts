/** Set-ups that are migrated and built for real: with BuildKit, registry and feed, each image searched for the token of its build. */
import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { run } from "../../../../sandbox/process.mjs";
import { checkApp } from "../../../../spec/check";
import type { App } from "../../../../spec";
import { allLayers, chooseManifest, openImage, readDocument } from "../../../../tools/image";
import type { MigrationReport } from "../../../../tools/migrate";
import { scanImage } from "../../../../tools/scan";
import { makeWheel } from "../../archive";
import { wheelhouse } from "../../command-line";
import { Stand } from "../../whole/stand";
import { filesOf, Repositories } from "../set-up";

const greeting = {
  name: "contoso-greeting",
  version: "1.0",
  files: { "contoso_greeting/__init__.py": 'def greet(who):\n    return f"hello {who}"\n' },
};

interface Case {
  /** What builds it: `own` is the mended Dockerfile. */
  readonly by: "own" | "recipe";
  /** What the application says when it starts, with the private package's help. */
  readonly says: string;
}

const cases: Readonly<Record<string, Case>> = {
  "build-argument": { by: "own", says: "hello shipping 630" },
  "copied-netrc": { by: "own", says: "hello rates {'EUR': 1.0, 'CHF': 0.94}" },
  "written-pip-conf": { by: "own", says: "hello pricing EUR" },
  "secret-mount": { by: "own", says: "hello quotes" },
  "compose-build": { by: "own", says: "hello stores" },
  "access-token": { by: "recipe", says: "hello mailer" },
  "copied-pip-conf": { by: "recipe", says: "hello stock" },
};

describe("migrated set-ups, built for real", function () {
  // A machine without the tools or the upstream image makes them first.
  this.timeout(30 * 60 * 1000);
  const repositories = new Repositories();
  /** References of the images of each set-up that was built. */
  const images = new Map<string, readonly string[]>();
  let stand: Stand;
  let python: string;

  before(async () => {
    stand = await Stand.start();
    const [upstream, resolved] = await Promise.all([
      stand.services.upstreamImage(),
      stand.resolve("base-images", "python-web"),
      publish(),
    ]);
    assert.equal(resolved.code, 0, resolved.errors);
    const args = ["--locks", "locks/python-web", "--upstream", upstream.reference, "--push", "--tag", "latest"];
    const baked = await stand.bake("base-images", "python-web", ...args);
    assert.equal(baked.code, 0, baked.errors);
    python = await plainPython(upstream.reference);
  });

  after(async () => {
    repositories.remove();
    await stand.close();
  });

  /** Publishes the private package that all of them need, as twine does. */
  async function publish(): Promise<void> {
    const { name, content } = makeWheel(greeting);
    const form = new FormData();
    const fields = {
      ":action": "file_upload",
      protocol_version: "1",
      metadata_version: "2.1",
      filetype: "bdist_wheel",
    };
    const about = { pyversion: "py3", name: greeting.name, version: greeting.version };
    for (const [key, value] of Object.entries({ ...fields, ...about })) form.append(key, value);
    form.append("content", new Blob([content]), name);
    const token = stand.services.feed.issueToken({ role: "contributor", seconds: 60 });
    const authorization = `Basic ${Buffer.from(`build:${token}`).toString("base64")}`;
    const answer = await fetch(stand.services.feed.uploadUrl, {
      method: "POST",
      body: form,
      headers: { authorization },
    });
    assert.ok(answer.ok, `${answer.status}`);
  }

  /**
   * What the set-ups start from: an image whose pip the distribution does not hold back. What stands for the public
   * index answers nothing: whatever a build installs is from the feed.
   */
  async function plainPython(upstream: string): Promise<string> {
    const reference = `${stand.services.registry.host}/upstream/plain-python:3.13`;
    const lines = [
      `FROM ${upstream}`,
      "RUN rm -f /usr/lib/python3*/EXTERNALLY-MANAGED",
      "COPY pip.conf /usr/pip.conf",
      "ENV PIP_CONFIG_FILE=/usr/pip.conf",
    ];
    stand.write("python/Dockerfile", `${lines.join("\n")}\n`);
    stand.write("python/pip.conf", "[global]\nindex-url = http://127.0.0.1:9/simple/\nretries = 0\n");
    const made = await buildx(["--output", pushed(reference), path.join(stand.folder, "python")]);
    assert.equal(made.code, 0, made.said);
    return reference;
  }

  function pushed(reference: string): string {
    return `type=image,name=${reference},push=true`;
  }

  async function buildx(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const done = await run("docker-buildx", ["build", "--progress", "plain", ...args], {
      env: { ...stand.builder.environment, ...environment },
      allowFailure: true,
      timeoutSeconds: 200,
    });
    return { code: done.code, said: done.output + done.errors };
  }

  /** A set-up whose addresses are those of this machine's feed. */
  function copy(name: string): string {
    const folder = repositories.copy(name);
    const feed = new URL(stand.services.feed.indexUrl);
    for (const [file, text] of Object.entries(filesOf(folder))) {
      const own = text.replace(
        /https:\/\/([^\s@/]*@)?pkgs\.dev\.azure\.com\/contoso\/_packaging\/python\/pypi\/simple\//g,
        (_whole, user: string | undefined) => `${feed.protocol}//${user ?? ""}${feed.host}${feed.pathname}`,
      );
      writeFileSync(path.join(folder, file), own);
    }
    repositories.commit(folder);
    return folder;
  }

  async function migrate(name: string): Promise<{ readonly app: App; readonly folder: string; readonly kind: string }> {
    const folder = copy(name);
    const said = ["--project", "Platform", "--base-image", "python-web"];
    const args = ["migrate", folder, ...said, "--repository", name, "--write", "--json"];
    const ran = await wheelhouse(args, { environment: { PATH: process.env.PATH } });
    assert.equal(ran.code, 0, ran.errors);
    const { changes, name: app, dockerfile } = JSON.parse(ran.output) as MigrationReport;
    const spec = changes.find(({ place }) => place === "platform")!.content!;
    const checked = checkApp({ file: `apps/${app}.yaml`, bytes: Buffer.from(spec) }, app);
    assert.deepEqual(checked.problems, []);
    return { app: checked.spec!, folder, kind: dockerfile.kind };
  }

  /** Findings of every token of this stand, in the layers that are not the upstream image's. */
  async function leaks(reference: string): Promise<number> {
    const below = await openImage(python, { client: stand.client });
    const known = new Set(await allLayers(below));
    await below.close();
    const image = await openImage(reference, { client: stand.client });
    try {
      const secrets = stand.tokens.map((value) => ({ value, source: "the job's token" }));
      return (await scanImage(image, { secrets, patterns: false, skipLayers: known })).findings.length;
    } finally {
      await image.close();
    }
  }

  /** What a container of the image runs, which is all of it in the form of a list. */
  async function commandOf(reference: string): Promise<readonly string[]> {
    const image = await openImage(reference, { client: stand.client });
    try {
      const { config } = await chooseManifest(image);
      const text = (await readDocument(await image.blob(config), reference)).toString();
      const { config: said } = JSON.parse(text) as { config: { Entrypoint?: string[]; Cmd?: string[] } };
      return [...(said.Entrypoint ?? []), ...(said.Cmd ?? [])];
    } finally {
      await image.close();
    }
  }

  for (const [name, { by }] of Object.entries(cases)) {
    it(`${name} is built by ${by === "own" ? "its mended Dockerfile" : "the platform's recipe"}, and has no token`, async () => {
      const { app, folder, kind } = await migrate(name);
      assert.equal(kind, by);
      stand.application(app, filesOf(folder));
      const locks: string[] = [];
      if (kind === "own") {
        const file = path.join(stand.folder, `apps/${app.name}/docker-bake.json`);
        const bake = JSON.parse(readFileSync(file, "utf8")) as { target: Record<string, { contexts: object }> };
        const target = bake.target[`image-${app.name}`]!;
        target.contexts = { ...target.contexts, "python:3.13-slim": `docker-image://${python}` };
        writeFileSync(file, JSON.stringify(bake));
      } else {
        const resolved = await stand.resolve("apps", app.name);
        assert.equal(resolved.code, 0, resolved.errors);
        locks.push("--locks", `locks/${app.name}`);
      }
      const baked = await stand.bake("apps", app.name, ...locks, "--push", "--tag", "migrated");
      assert.equal(baked.code, 0, baked.errors);
      assert.deepEqual(baked.report.leaks, []);
      const built = baked.report.images.map((image) => `${stand.services.registry.host}/${image.name}:migrated`);
      assert.ok(built.length > 0);
      for (const reference of built) assert.equal(await leaks(reference), 0);
      assert.ok(stand.tokens.every((token) => !(baked.output + baked.errors).includes(token)));
      images.set(name, built);
    });
  }

  it("start what they started before, with the private package", async () => {
    const all = [...images].flatMap(([name, built]) => built.map((reference) => ({ name, reference })));
    assert.deepEqual([...images.keys()], Object.keys(cases));
    const stages = all.map(async ({ reference }, index) => {
      const command = JSON.stringify(await commandOf(reference));
      return `FROM ${reference} AS started-${index}\nRUN ${command}\n`;
    });
    const last = all.map((_one, index) => `COPY --from=started-${index} /etc/passwd /${index}\n`);
    stand.write("started/Dockerfile", [...(await Promise.all(stages)), "FROM scratch\n", ...last].join(""));
    const made = await buildx(["--output", "type=cacheonly", path.join(stand.folder, "started")]);
    assert.equal(made.code, 0, made.said);
    for (const [name, { says }] of Object.entries(cases)) assert.ok(made.said.includes(` ${says}\n`), name);
  });

  // The scan that finds nothing above is one that finds.
  for (const name of ["build-argument", "copied-netrc"]) {
    it(`${name} leaks the token as it was`, async () => {
      const folder = copy(name);
      // As its pipeline's first step does.
      if (name === "copied-netrc") writeFileSync(path.join(folder, ".netrc"), stand.read("secrets/netrc"));
      const reference = `${stand.services.registry.host}/before/${name}:1`;
      const url = stand.read("secrets/pip_index_url").trim();
      const context = `python:3.13-slim=docker-image://${python}`;
      const passed = name === "build-argument" ? ["--build-arg", "PIP_EXTRA_INDEX_URL"] : [];
      const args = ["--build-context", context, ...passed, "--output", pushed(reference), folder];
      const made = await buildx(args, { PIP_EXTRA_INDEX_URL: url });
      assert.equal(made.code, 0, made.said);
      assert.ok((await leaks(reference)) > 0);
    });
  }
});
