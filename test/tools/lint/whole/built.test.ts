/** The Dockerfiles that articles teach, built for real as they are and as lint mends them, each image scanned for the token. */
import { strict as assert } from "node:assert";
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { run } from "../../../../sandbox/process.mjs";
import { openImage } from "../../../../tools/image";
import { fixDockerfile, lintDockerfile } from "../../../../tools/lint";
import { parseReference, RegistryClient } from "../../../../tools/registry";
import { scanImage, type ScanReport } from "../../../../tools/scan";
import { RecipeStand } from "../../../recipes/whole/recipe-stand";
import type { WheelSpec } from "../../archive";

/** A machine without the tools or the upstream image makes them first. */
const patience = 30 * 60 * 1000;

const probe: WheelSpec = {
  name: "contoso-lint-probe",
  version: "1.0",
  files: { "contoso_lint_probe/__init__.py": "ANSWER = 42\n" },
};

interface Case {
  /** Whether the image, its history or its attestation has the token before it is mended. */
  readonly leaks: boolean;
  /** Whether pip also asks an index that is not the feed. */
  readonly asksOthers: boolean;
  /** Whether the build's log has the token. */
  readonly says?: boolean;
}

const cases: Readonly<Record<string, Case>> = {
  "argument-single-stage": { leaks: true, asksOthers: true },
  "argument-multi-stage": { leaks: true, asksOthers: true },
  // BuildKit writes a RUN to its log with the values of its arguments.
  "token-in-address": { leaks: true, asksOthers: false, says: true },
  "copied-netrc": { leaks: true, asksOthers: false },
  "secret-extra-index": { leaks: false, asksOthers: true },
  "secret-copied-home": { leaks: false, asksOthers: false },
  "heredoc-script": { leaks: false, asksOthers: true, says: true },
};

interface Built {
  readonly code: number;
  readonly said: string;
  readonly reference: string;
  /** Requests to what stands for the public index. */
  readonly others: number;
}

/** Stands for the public index, has nothing, and counts who asks. */
class OtherIndex {
  requests = 0;
  private readonly server: Server = createServer((_request, response) => {
    this.requests++;
    response.writeHead(404).end();
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/simple/`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe("Dockerfiles that lint mends", function () {
  this.timeout(5 * 60 * 1000);
  const other = new OtherIndex();
  let stand: RecipeStand;
  let client: RegistryClient;
  let python: string;
  let baseLayers: ReadonlySet<string>;

  before(async function () {
    this.timeout(patience);
    stand = await RecipeStand.start(() => undefined);
    await stand.publish(probe);
    client = new RegistryClient({
      environment: { ...process.env, DOCKER_CONFIG: stand.services.registry.dockerConfig },
    });
    const address = await other.start();
    const lines = [
      `FROM ${stand.upstream.reference}`,
      // What articles install into is an image whose pip the distribution does not hold back.
      "RUN rm -f /usr/lib/python3*/EXTERNALLY-MANAGED",
      "COPY <<EOF /etc/pip.conf",
      "[global]",
      `index-url = ${address}`,
      "retries = 0",
      "EOF",
    ];
    const file = stand.write("python/Dockerfile", lines.join("\n") + "\n");
    python = `${stand.services.registry.host}/lint/python:3.13`;
    const made = await buildx([
      "--file",
      file,
      "--output",
      `type=image,name=${python},push=true`,
      stand.path("python"),
    ]);
    assert.equal(made.code, 0, made.said);
    baseLayers = await layersOf(python);
  });

  after(async () => {
    await stand.stop();
    await other.close();
  });

  async function buildx(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const env = { ...stand.builder.environment, ...environment };
    const done = await run("docker-buildx", ["build", "--progress", "plain", ...args], {
      env,
      allowFailure: true,
      timeoutSeconds: 200,
    });
    return { code: done.code, said: done.output + done.errors };
  }

  async function layersOf(reference: string): Promise<ReadonlySet<string>> {
    const { body } = await client.manifest(parseReference(reference));
    const { manifests = [] } = JSON.parse(body.toString()) as { manifests?: { digest: string }[] };
    const repository = reference.replace(/:[^:/]*$/, "");
    const [first] = manifests;
    const found =
      first === undefined ? body : (await client.manifest(parseReference(`${repository}@${first.digest}`))).body;
    const { layers } = JSON.parse(found.toString()) as { layers: { digest: string }[] };
    return new Set(layers.map(({ digest }) => digest));
  }

  /** With the feed's own address where the text has that of a service, and the built-in front end where it names one. */
  function fixture(name: string): string {
    const text = readFileSync(join(__dirname, "..", "dockerfiles", `${name}.Dockerfile`), "utf8");
    const feed = new URL(stand.services.feed.indexUrl);
    return text
      .replace(
        /https:\/\/build:(\S*)@pkgs\.dev\.azure\.com\/contoso\/_packaging\/python\/pypi\/simple\//,
        (_, token: string) => {
          return `${feed.protocol}//build:${token}@${feed.host}${feed.pathname}`;
        },
      )
      .replace(/^# syntax=.*\n/, "");
  }

  /** Everything is run again where the secrets are others: they are no part of the cache's key. */
  async function build(name: string, text: string, netrcInContext: boolean, secrets?: string): Promise<Built> {
    const before = other.requests;
    const reference = `${stand.services.registry.host}/lint/${name}`;
    const folder = `contexts/${name.replace(":", "-")}`;
    stand.write(`${folder}/requirements.txt`, `${probe.name}==${probe.version}\n`);
    if (netrcInContext) cpSync(stand.path("secrets", "netrc"), stand.path(folder, ".netrc"));
    else if (existsSync(stand.path(folder, ".netrc"))) rmSync(stand.path(folder, ".netrc"));
    const file = stand.write(`files/${name.replace(":", "-")}.Dockerfile`, text);
    const url = readFileSync(stand.path("secrets", "pip_index_url"), "utf8").trim();
    const secret = (id: string, from: string) => ["--secret", `id=${id},src=${stand.path(secrets ?? "secrets", from)}`];
    const done = await buildx(
      [
        ...["--file", file, "--build-context", `python:3.13-slim=docker-image://${python}`],
        ...["PIP_EXTRA_INDEX_URL", "FEED_ACCESSTOKEN", "INDEX_URL"].flatMap((argument) =>
          text.includes(`ARG ${argument}\n`) ? ["--build-arg", argument] : [],
        ),
        ...[
          ...secret("netrc", "netrc"),
          ...secret("PIP_EXTRA_URL", "pip_index_url"),
          ...secret("feed", "pip_index_url"),
        ],
        ...["--provenance", "mode=max", ...(secrets === undefined ? [] : ["--no-cache"])],
        ...["--output", `type=image,name=${reference},push=true`, stand.path(folder)],
      ],
      { PIP_EXTRA_INDEX_URL: url, FEED_ACCESSTOKEN: stand.token(), INDEX_URL: stand.services.feed.indexUrl },
    );
    return { ...done, reference, others: other.requests - before };
  }

  async function scan(reference: string): Promise<ScanReport> {
    const source = await openImage(reference, { client });
    try {
      const secrets = [{ value: stand.token(), source: "the job's token" }];
      return await scanImage(source, { secrets, patterns: false, skipLayers: baseLayers });
    } finally {
      await source.close();
    }
  }

  for (const [name, { leaks, asksOthers, says = false }] of Object.entries(cases)) {
    it(`${name} ${leaks ? "leaks the token" : asksOthers ? "asks another index" : "works"} as it is, and not as it is mended`, async () => {
      const text = fixture(name);
      const asItIs = await build(`${name}:before`, text, name === "copied-netrc");
      assert.equal(asItIs.code, 0, asItIs.said);
      assert.equal((await scan(asItIs.reference)).findings.length > 0, leaks);
      assert.equal(asItIs.others > 0, asksOthers, "requests to another index");
      assert.equal(asItIs.said.includes(stand.token()), says, "token in the log");

      const { text: mended, left } = fixDockerfile(text);
      assert.deepEqual(
        left.filter(({ severity }) => severity === "error"),
        [],
      );
      const asMended = await build(`${name}:after`, mended, false);
      assert.equal(asMended.code, 0, asMended.said);
      assert.deepEqual((await scan(asMended.reference)).findings, []);
      assert.equal(asMended.others, 0);
      assert.ok(!asMended.said.includes(stand.token()));
    });
  }

  for (const name of ["argument-single-stage", "secret-extra-index", "heredoc-script"]) {
    it(`${name}, mended, fails on an empty secret without a request to another index`, async () => {
      const secrets = stand.secrets({ netrc: "", pip_index_url: "" }).slice(stand.folder.length + 1);
      const { code, said, others } = await build(`${name}:empty`, fixDockerfile(fixture(name)).text, false, secrets);
      assert.notEqual(code, 0);
      assert.match(said, /the secret \S+ is empty/);
      assert.equal(others, 0);
    });
  }

  it("are those that have an error before they are built", () => {
    for (const [name, { leaks }] of Object.entries(cases)) {
      const errors = lintDockerfile(fixture(name)).filter(({ severity }) => severity === "error");
      assert.ok(errors.length > 0 || !leaks, name);
    }
  });
});
