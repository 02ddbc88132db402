import { deepStrictEqual, match, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { memoryMountOptions } from "../../../sandbox/files-in-memory";
import { processesWith } from "../../../sandbox/process-table.mjs";
import { run, type RunResult } from "../../../sandbox/process.mjs";
import { startServices, type Builder, type FeedRole, type Services } from "../../../sandbox/services";
import { servicesVariable } from "../../../sandbox/services/server-process";
import { makeWheel, PackageIndex } from "./package-index";

/** A machine without the tools builds them first. */
const patience = 30 * 60 * 1000;

describe("the services of image builds", function () {
  this.timeout(10 * 60 * 1000);
  let folder: string;
  let upstream: PackageIndex;
  let services: Services;
  let builder: Builder;
  const said: string[] = [];
  const secrets: string[] = [];

  const start = (): Promise<Services> =>
    startServices({
      folder: join(folder, "services"),
      publicIndex: upstream.address,
      write: (line) => said.push(line),
    });

  before(async function () {
    this.timeout(patience);
    folder = realpathSync(mkdtempSync(join(tmpdir(), "wheelhouse-services-")));
    upstream = await PackageIndex.start();
    services = await start();
    builder = await services.builder();
  });
  after(async () => {
    await services.close();
    await upstream.close();
    deepStrictEqual(processesWith(servicesVariable, join(folder, "services")), []);
    rmSync(folder, { recursive: true, force: true });
  });

  function token(role: FeedRole, seconds = 300): string {
    const issued = services.feed.issueToken({ role, seconds });
    secrets.push(issued);
    return issued;
  }

  let count = 0;
  /** A folder with the token as a build mounts it. */
  function secretsOf(given: string): string {
    const made = join(folder, `secrets-${(count += 1)}`);
    services.feed.writeSecrets(made, given);
    return made;
  }

  interface Trial {
    /** Netrc file. */
    readonly netrc?: string;
    readonly requirement: string;
  }

  /** Installs with the real pip, and tells what came. */
  async function pip({ netrc, requirement }: Trial): Promise<{ done: RunResult; installed: string[] }> {
    const target = join(folder, `pip-${(count += 1)}`);
    const args = ["-m", "pip", "--isolated", "--no-input", "--disable-pip-version-check", "install", "--no-cache-dir"];
    const env = { ...builder.environment, NETRC: netrc ?? join(folder, "no-netrc"), HOME: folder };
    const where = ["--retries", "0", "--index-url", services.feed.indexUrl, "--target", target, requirement];
    const done = await run("python3", [...args, ...where], { env, allowFailure: true, timeoutSeconds: 120 });
    return { done, installed: installedIn(target) };
  }

  /** The same with uv. */
  async function uv({ netrc, requirement }: Trial): Promise<{ done: RunResult; installed: string[] }> {
    const target = join(folder, `uv-${(count += 1)}`);
    const args = ["pip", "install", "--no-cache", "--no-config", "--index-url", services.feed.indexUrl];
    const env = {
      ...builder.environment,
      NETRC: netrc ?? join(folder, "no-netrc"),
      HOME: folder,
      UV_HTTP_RETRIES: "0",
    };
    const done = await run("uv", [...args, "--target", target, requirement], {
      env,
      allowFailure: true,
      timeoutSeconds: 120,
    });
    return { done, installed: installedIn(target) };
  }

  function installedIn(target: string): string[] {
    try {
      return readdirSync(target)
        .flatMap((name) => /^(.+)\.dist-info$/.exec(name)?.[1] ?? [])
        .sort();
    } catch {
      return [];
    }
  }

  async function publish(name: string, version: string, given: string): Promise<RunResult> {
    const { file, bytes } = makeWheel(name, version);
    const path = join(folder, file);
    writeFileSync(path, bytes);
    const env = {
      ...builder.environment,
      UV_PUBLISH_URL: services.feed.uploadUrl,
      UV_PUBLISH_USERNAME: "build",
      UV_PUBLISH_PASSWORD: given,
      UV_NO_CONFIG: "1",
      UV_HTTP_RETRIES: "0",
      HOME: folder,
    };
    return run("uv", ["publish", path], { env, allowFailure: true, timeoutSeconds: 60 });
  }

  /** Builds a Dockerfile, and pushes it where it has a tag. */
  async function build(
    lines: readonly string[],
    options: { secrets?: string; tag?: string; with?: Builder; config?: string; onLine?: (line: string) => void } = {},
  ): Promise<RunResult> {
    const context = join(folder, `context-${(count += 1)}`);
    mkdirSync(context);
    writeFileSync(join(context, "Dockerfile"), `${lines.join("\n")}\n`);
    const { environment } = options.with ?? builder;
    const env = { ...environment, ...(options.config === undefined ? {} : { DOCKER_CONFIG: options.config }) };
    const mounted = options.secrets === undefined ? [] : ["--secret", `id=netrc,src=${join(options.secrets, "netrc")}`];
    const pushed = options.tag === undefined ? [] : ["--push", "--tag", `${services.registry.host}/${options.tag}`];
    const args = ["build", "--progress=plain", ...mounted, ...pushed, context];
    return run("docker-buildx", args, {
      env,
      allowFailure: true,
      timeoutSeconds: 300,
      ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    });
  }

  describe("the feed", () => {
    before(async () => {
      upstream.add("public-thing", "1.0");
      upstream.add("other-thing", "2.0", ["public-thing"]);
      upstream.add("acme-core", "99.0");
      strictEqual((await publish("acme-core", "1.0", token("contributor"))).code, 0);
    });

    for (const [called, install] of [
      ["pip", pip],
      ["uv", uv],
    ] as const) {
      it(`fails ${called} without a good token, and asks nothing of the upstream`, async () => {
        const before = upstream.asked.length;
        const expired = token("collaborator", 0.001);
        const revoked = token("collaborator");
        services.feed.revoke(revoked);
        await sleep(5);
        for (const netrc of [undefined, ...["wrong", expired, revoked].map((bad) => join(secretsOf(bad), "netrc"))]) {
          const { done, installed } = await install({ netrc, requirement: "public-thing" });
          notStrictEqual(done.code, 0);
          deepStrictEqual(installed, []);
        }
        const empty = secretsOf("x");
        writeFileSync(join(empty, "netrc"), "");
        notStrictEqual((await install({ netrc: join(empty, "netrc"), requirement: "public-thing" })).done.code, 0);
        strictEqual(upstream.asked.length, before);
        ok(services.feed.counters().refused > 0);
      });

      it(`gives ${called} the feed's own package, although the upstream has a higher version of the name`, async () => {
        const netrc = join(secretsOf(token("collaborator")), "netrc");
        const { done, installed } = await install({ netrc, requirement: "acme-core" });
        deepStrictEqual([done.code, installed], [0, ["acme_core-1.0"]], done.errors);
        deepStrictEqual(
          upstream.asked.filter((path) => path.includes("acme")),
          [],
        );
      });

      it(`lets ${called} save from the upstream with the role for it, and then install it as a reader`, async () => {
        const name = `saved-with-${called}`;
        upstream.add(name, "1.5", ["public-thing"]);
        const [reader, collaborator] = [token("reader"), token("collaborator")].map((one) =>
          join(secretsOf(one), "netrc"),
        );
        const before = upstream.asked.length;
        const early = await install({ netrc: reader!, requirement: name });
        notStrictEqual(early.done.code, 0);
        strictEqual(upstream.asked.length, before, "a reader made the feed ask its upstream");
        const saving = await install({ netrc: collaborator!, requirement: name });
        strictEqual(saving.done.code, 0, saving.done.errors);
        const asked = upstream.asked.length;
        const { done, installed } = await install({ netrc: reader!, requirement: name });
        strictEqual(done.code, 0, done.errors);
        deepStrictEqual(installed, ["public_thing-1.0", `saved_with_${called}-1.5`]);
        strictEqual(upstream.asked.length, asked);
      });
    }

    it("takes packages from contributors only, and no file twice", async () => {
      for (const given of [token("reader"), token("collaborator"), "wrong"]) {
        notStrictEqual((await publish("acme-more", "1.0", given)).code, 0);
      }
      strictEqual((await publish("acme-more", "1.0", token("contributor"))).code, 0);
      const again = await publish("acme-more", "1.0", token("contributor"));
      notStrictEqual(again.code, 0);
      match(again.errors, /409|already/i);
    });
  });

  describe("a builder", () => {
    let image: Awaited<ReturnType<Services["upstreamImage"]>>;
    before(async function () {
      this.timeout(patience);
      image = await services.upstreamImage();
    });

    const install = (requirement: string): string =>
      "RUN --mount=type=secret,id=netrc,target=/run/netrc,required=true " +
      `NETRC=/run/netrc pip --isolated install --retries 0 --index-url ${services.feed.indexUrl} ${requirement}`;

    it("has the Python that the image says", async () => {
      strictEqual(image.reference.startsWith(`${services.registry.host}/`), true);
      const from = `FROM ${image.reference}@${image.digest}`;
      const done = await build([from, "RUN python --version && python3 -m venv /v && pip --version"]);
      strictEqual(done.code, 0, done.errors);
      ok(done.errors.includes(`Python ${image.python}.`));
    });

    it("installs from the feed with a mounted token, which is nowhere in what is pushed", async () => {
      const mine = token("collaborator");
      const lines = [`FROM ${image.reference}`, install("acme-core other-thing"), 'RUN python -c "import acme_core"'];
      const done = await build(lines, { secrets: secretsOf(mine), tag: "team/app:1" });
      strictEqual(done.code, 0, done.errors);
      ok(!done.errors.includes(mine));
      const content = join(folder, "services", "registry", "content");
      for (const file of filesBelow(content)) ok(!readFileSync(file).includes(mine), file);
    });

    it("fails when the token is wrong, and asks nothing of the upstream", async () => {
      const before = upstream.asked.length;
      const lines = [`FROM ${image.reference}`, install("public-thing==1.0 --force-reinstall")];
      const done = await build(lines, { secrets: secretsOf("wrong") });
      notStrictEqual(done.code, 0);
      strictEqual(upstream.asked.length, before);
    });

    it("reads a token anew in each step, so that one rotated in mid-build goes on", async () => {
      const mounted = secretsOf(token("collaborator"));
      const first = token("collaborator");
      services.feed.writeSecrets(mounted, first);
      let rotated = false;
      const lines = [
        `FROM ${image.reference}`,
        `${install("acme-core")} && echo the first is done && sleep 2`,
        install("public-thing"),
      ];
      const done = await build(lines, {
        secrets: mounted,
        onLine: (line) => {
          if (rotated || !/^#\d+ [\d.]+ the first is done/.test(line)) return;
          rotated = true;
          services.feed.revoke(first);
          services.feed.writeSecrets(mounted, token("collaborator"));
        },
      });
      strictEqual(rotated, true);
      strictEqual(done.code, 0, done.errors);
    });

    it("knows nothing any more when it is emptied, as a fresh agent", async () => {
      const lines = [`FROM ${image.reference}`, "RUN echo once"];
      await build(lines);
      const cached = services.registry.counters().fetchedBytes;
      match((await build(lines)).errors, /CACHED/);
      ok(services.registry.counters().fetchedBytes - cached < 10_000);
      await builder.empty();
      const { code, errors } = await build(lines);
      strictEqual(code, 0, errors);
      ok(!errors.includes("CACHED"));
      ok(services.registry.counters().fetchedBytes - cached > 10_000_000);
    });

    it("has its files in memory where there is enough, and leaves none on the disk", async () => {
      const brief = await services.builder("brief");
      const root = join(folder, "services", "builders", "brief", "root");
      const seen = readdirSync(root);
      if (memoryMountOptions() === undefined) notStrictEqual(seen.length, 0);
      else deepStrictEqual(seen, []);
      await brief.dispose();
      strictEqual(existsSync(root), false);
    });

    it("works beside another one, which has a store of its own", async () => {
      const other = await services.builder("other");
      try {
        const lines = [`FROM ${image.reference}`, "RUN echo side by side"];
        const done = await Promise.all([build(lines), build(lines, { with: other })]);
        deepStrictEqual(
          done.map(({ code }) => code),
          [0, 0],
        );
        await rejects(services.builder("other"), /runs already/);
        await rejects(services.builder("Not A Name"), /no name for a builder/);
      } finally {
        await other.dispose();
      }
      const again = await services.builder("other");
      await again.dispose();
    });

    it("pushes with the right to push only, and nobody anonymous pulls", async () => {
      const lines = ["FROM scratch", "COPY Dockerfile /"];
      const puller = services.registry.user("pull");
      // buildx keeps builders in the folder of their user.
      const config = join(folder, "puller");
      const from = services.registry.dockerConfig;
      await run("cp", ["-r", from, config]);
      await run("cp", [join(puller.dockerConfig, "config.json"), config]);
      const refused = await build(lines, { tag: "team/refused:1", config });
      notStrictEqual(refused.code, 0);
      match(refused.errors, /insufficient_scope|authorization failed|401/);
      const pushed = await build(lines, { tag: "team/pushed:1" });
      strictEqual(pushed.code, 0, pushed.errors);
      const pulled = await build([`FROM ${services.registry.host}/team/pushed:1`, "COPY Dockerfile /2"], { config });
      strictEqual(pulled.code, 0, pulled.errors);
      writeFileSync(join(config, "config.json"), "{}");
      await builder.empty();
      const anonymous = await build([`FROM ${services.registry.host}/team/pushed:1`, "COPY Dockerfile /3"], { config });
      notStrictEqual(anonymous.code, 0);
    });
  });

  /** Without what builders have: it is removed while others go on. */
  function filesBelow(start: string): string[] {
    return readdirSync(start, { withFileTypes: true })
      .filter(({ name }) => name !== "builders")
      .flatMap((entry) =>
        entry.isDirectory() ? readdirSync(join(start, entry.name), { recursive: true, withFileTypes: true }) : [entry],
      )
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  }

  describe("after all that", () => {
    it("keep passwords and tokens out of logs and arguments, and in files for their owner only", async () => {
      const own = join(folder, "services");
      const passwords = (["pull", "push"] as const).map((role) =>
        readFileSync(services.registry.user(role).passwordFile, "utf8"),
      );
      const all = [
        ...secrets,
        ...passwords,
        ...passwords.map((word) => Buffer.from(`:${word}`).toString("base64").slice(4, -4)),
      ];
      ok(secrets.length > 10);
      await sleep(200);
      for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        let line = "";
        try {
          line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        } catch {
          continue; // It ended meanwhile.
        }
        for (const secret of all) ok(!line.includes(secret), `an argument of process ${pid}`);
      }
      let holding = 0;
      for (const file of filesBelow(own)) {
        let content: Buffer;
        try {
          content = readFileSync(file);
        } catch (error) {
          // The services work on: a journal or an upload may be gone since it was listed.
          if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
          throw error;
        }
        if (!all.some((secret) => content.includes(secret))) continue;
        holding += 1;
        match(file, /\/docker\/(pull|push)\/(config\.json|password)$/);
        strictEqual(statSync(file).mode & 0o777, 0o600, file);
      }
      strictEqual(holding, 4);
      for (const line of said) for (const secret of all) ok(!line.includes(secret));
      strictEqual(statSync(own).mode & 0o777, 0o700);
    });
  });

  it("are refused to a second start in the same folder", async () => {
    await rejects(start(), /runs services in .*\n {2}End it, or start these in another folder/);
  });

  it("have builders also in a folder whose path leaves no room for the name of a socket", async () => {
    const start = join(folder, "deep");
    const deep = join(start, "x".repeat(84 - start.length));
    const there = await startServices({ folder: deep, publicIndex: upstream.address, write: () => undefined });
    // Named after the folder, as other services on this machine have theirs beside it.
    const short = `/tmp/wheelhouse-${createHash("sha256").update(deep).digest("hex").slice(0, 12)}`;
    try {
      const made = await there.builder("job-0123456789ab");
      await made.empty();
      ok(existsSync(short));
      await made.dispose();
    } finally {
      await there.close();
    }
    ok(!existsSync(short));
  });

  describe("when their process is killed", () => {
    it("end with it, and the next start has what they held, at the same addresses", async () => {
      const own = join(folder, "killed");
      const options = JSON.stringify({ folder: own, publicIndex: upstream.address });
      const code = `
        const { startServices } = require(${JSON.stringify(join(__dirname, "../../../sandbox/services"))});
        startServices({ ...${options}, write() {} }).then(async (services) => {
          await services.builder();
          const token = services.feed.issueToken({ role: "contributor", seconds: 300 });
          const { dockerConfig, host } = services.registry;
          const { indexUrl, uploadUrl } = services.feed;
          process.stdout.write(JSON.stringify({ token, dockerConfig, host, indexUrl, uploadUrl }) + "\\n");
        });
        setInterval(() => {}, 1000);`;
      const child = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", code], {
        stdio: ["ignore", "pipe", "inherit"],
        cwd: join(__dirname, "../../.."),
        env: { ...process.env, NODE_V8_COVERAGE: undefined },
      });
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const first = JSON.parse(line.toString()) as Record<
        "token" | "host" | "indexUrl" | "uploadUrl" | "dockerConfig",
        string
      >;
      const { file, bytes } = makeWheel("acme-kept", "1.0");
      writeFileSync(join(folder, file), bytes);
      const env = {
        ...builder.environment,
        UV_PUBLISH_URL: first.uploadUrl,
        UV_PUBLISH_USERNAME: "build",
        UV_PUBLISH_PASSWORD: first.token,
        HOME: folder,
      };
      await run("uv", ["publish", join(folder, file)], { env, timeoutSeconds: 60 });
      ok(processesWith(servicesVariable, own).length >= 3);
      child.kill("SIGKILL");
      await once(child, "close");
      for (let round = 0; processesWith(servicesVariable, own).length > 0 && round < 100; round++) await sleep(50);
      deepStrictEqual(processesWith(servicesVariable, own), []);

      const again = await startServices({ folder: own, publicIndex: upstream.address, write: () => undefined });
      try {
        deepStrictEqual([again.registry.host, again.feed.indexUrl], [first.host, first.indexUrl]);
        const page = `${again.feed.indexUrl}acme-kept/`;
        const ask = (given: string): Promise<Response> =>
          fetch(page, { headers: { authorization: `Basic ${Buffer.from(`x:${given}`).toString("base64")}` } });
        strictEqual((await ask(first.token)).status, 401);
        const reply = await ask(again.feed.issueToken({ role: "reader", seconds: 60 }));
        match(await reply.text(), /acme_kept-1\.0-py3-none-any\.whl/);
        const next = await again.builder();
        await next.dispose();
      } finally {
        await again.close();
      }
      deepStrictEqual(processesWith(servicesVariable, own), []);
    });
  });
});
