/** Recipes on real BuildKit with real pip: what is the same, what is fetched, and how a build without credentials ends. */
import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Feed } from "../../tools/feed";
import type { WheelSpec } from "../../tools/archive";
import { application, baseImage } from "../specs";
import { pin, RecipeStand, type Built, type Layer, type Variables } from "./recipe-stand";

/** A machine without the tools or the upstream image makes them first. */
const patience = 30 * 60 * 1000;

const shared: WheelSpec = {
  name: "contoso-shared",
  version: "1.0",
  files: { "contoso_shared/__init__.py": "NAME = 1\n" },
};
/** Large enough to be seen when it is fetched. */
const ballast = randomBytes(600_000).toString("base64");
const greeting: WheelSpec = {
  name: "contoso-greeting",
  version: "2.0",
  files: { "contoso_greeting/__init__.py": "WORD = 'hello'\n", "contoso_greeting/data.txt": ballast },
};
const further: WheelSpec = { name: "contoso-further", version: "3.0" };

const base = baseImage({ name: "python-test", env: {} });
const app = application({ name: "orders", baseImage: base.name, scripts: ["orders"] });
const legacy = application({ name: "legacy", baseImage: base.name, dockerfile: "Dockerfile" });

/** Asks for the feed's address with credentials in each form, as an account that is not root; later steps have none. */
const offered = ["netrc", "pip.conf", "pip_index_url", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_EXTRA_URL"];
const legacyDockerfile = [
  "FROM base",
  "USER 10001",
  "WORKDIR /app/legacy",
  `RUN ${offered.map((id) => `--mount=type=secret,id=${id},required=true,uid=10001,mode=0400`).join(" ")} \\`,
  `  ${offered.map((id) => `test -s /run/secrets/${id}`).join(" && ")} \\`,
  '  && test -z "$(find /run/secrets -type f ! -perm 0400)"',
  'RUN test -z "$(find /run/secrets -type f 2>/dev/null)"',
  "",
].join("\n");

describe("recipes on a real builder", function () {
  this.timeout(5 * 60 * 1000);
  let stand: RecipeStand;
  let built: Built;
  /** The base image anew, with the same packages. */
  let refreshed: Built;
  let first: Built;
  let pins: Variables;
  const said: string[] = [];

  const basePins = (of: Built): Variables => ({
    BASE_DIGEST: of.digests.runtime ?? "",
    BUILDER_DIGEST: of.digests.builder ?? "",
  });
  const succeed = async (...args: Parameters<RecipeStand["bake"]>): Promise<Built> => {
    const done = await stand.bake(...args);
    said.push(done.said);
    equal(done.code, 0, done.said);
    return done;
  };
  const names: Variables = { LOCK_HASH: "lock", RUNTIME_TAG: "runtime" };
  const layOut = (code: string): Variables => {
    stand.write("application/opt/venv/lib/python3.13/site-packages/orders/__init__.py", code);
    stand.write("application/opt/venv/bin/orders", "#!/opt/venv/bin/python\nimport orders\n", 0o755);
    return { APPLICATION: stand.path("application") };
  };
  const held = (repository: string, tag: string): string =>
    `docker-image://${stand.services.registry.host}/${repository}:${tag}`;
  const pathsOf = async (repository: string, layers: readonly Layer[]): Promise<string[]> =>
    (await Promise.all(layers.map((layer) => stand.entries(repository, layer)))).flat().map(({ name }) => name);
  const everything = ["dependencies", "runtime", "image-orders"];

  before(async function () {
    this.timeout(patience);
    stand = await RecipeStand.start((line) => said.push(line));
    await stand.publish(shared);
    await stand.publish(greeting);
    stand.renderBase(base);
    stand.write("locks/requirements.txt", pin(shared));
    stand.write("locks/orders/requirements.txt", pin(greeting));
    stand.renderApplication(app, base);
    built = await succeed(`base-images/${base.name}`, [], {});
    // Another label makes another image; what it is made of need not be made again.
    const anew = ["--set", "*.no-cache=false"];
    refreshed = await succeed(`base-images/${base.name}`, anew, { CREATED: "2026-01-02T00:00:00Z" });
    pins = { ...basePins(built), ...names };
    first = await succeed("apps/orders", everything, { ...pins, ...layOut("print('hello')\n") });
    stand.renderApplication(legacy, base);
    stand.write("own/Dockerfile", legacyDockerfile);
    await succeed("apps/legacy", [], { ...pins, SOURCE: stand.path("own") });
  });
  after(async () => {
    await stand.stop();
  });

  it("end a base image and its builder with a layer that holds their lock alone", async () => {
    for (const [target, repository] of [
      ["runtime", base.name],
      ["builder", `${base.name}-builder`],
    ] as const) {
      const { layers } = await stand.manifest(repository, built.digests[target] ?? "");
      const entries = await stand.entries(repository, layers.at(-1)!);
      deepEqual(
        entries.filter(({ type }) => type === "file").map(({ name, mode, uid }) => [name, mode, uid]),
        [["opt/wheelhouse/requirements.txt", 0o644, 0]],
      );
      ok(entries.filter(({ type }) => type === "directory").every(({ mode }) => mode === 0o755));
    }
  });

  it("leave neither pip nor what installed in the image that applications run on", async () => {
    const { layers } = await stand.manifest(base.name, built.digests.runtime ?? "");
    const paths = await pathsOf(base.name, layers.slice(1));
    ok(paths.includes("opt/venv/lib/python3.13/site-packages/contoso_shared/__init__.py"));
    deepEqual(
      paths.filter((path) => /site-packages\/pip\/|\.cache|bindep|run\/secrets|netrc|^tmp\/./.test(path)),
      [],
    );
  });

  it("say in the provenance how an image was made, and no secret's content", async () => {
    const { layers } = await stand.manifest("orders", first.digests["image-orders"] ?? "", 1);
    const provenance = (await stand.blob("orders", layers[0]?.digest ?? "")).toString();
    match(provenance, /slsa\.dev\/provenance/);
    match(provenance, /"target": ?"image-orders"/);
    ok(stand.token().length > 20);
    for (const text of [provenance, ...said]) ok(!text.includes(stand.token()));
  });

  it("give a token that changes no say in what is built", async () => {
    const token = stand.services.feed.issueToken({ role: "collaborator", seconds: 600 });
    stand.services.feed.writeSecrets(stand.path("rotated"), token);
    const again = await succeed("apps/orders", ["dependencies"], { ...pins, SECRETS: stand.path("rotated") });
    equal(again.digests.dependencies, first.digests.dependencies);
    match(again.said, /CACHED/);
    ok(!again.said.includes(token));
  });

  it("end with one clear line, and ask no upstream, where the feed's credentials are wrong, empty or missing", async () => {
    const cases: readonly [Record<string, string | undefined>, RegExp][] = [
      [{ netrc: "" }, /wheelhouse: the secret netrc is empty: the pipeline did not authenticate to the feed/],
      [{ netrc: undefined }, /no such file or directory/],
      [
        { netrc: stand.netrc().replace(/password .*/, "password expired") },
        /wheelhouse: http:\S+ refused the token of the secret netrc \(401\): it is wrong, or it has expired/,
      ],
      [
        { netrc: "machine elsewhere.example login a password b\n" },
        /wheelhouse: the secret netrc has no entry for 127/,
      ],
    ];
    for (const [index, [changed, line]] of cases.entries()) {
      // Other input each time, so that no cache answers.
      stand.write(`locks-${index}/orders/requirements.txt`, `# ${index}\n${pin(greeting)}`);
      const variables = { ...pins, LOCK: stand.path(`locks-${index}`), SECRETS: stand.secrets(changed) };
      const done = await stand.bake("apps/orders", ["dependencies"], variables);
      notEqual(done.code, 0);
      match(done.said, line);
      equal(done.upstreamRequests, 0);
    }
  });

  it("take packages of a further index with credentials of its own, in compatibility mode alone", async () => {
    const index = await Feed.start([further], { secret: "reader" });
    try {
      const settings = {
        indexes: [{ name: "nexus", url: index.indexUrl, connection: "Nexus" }],
        sbomGenerator: undefined,
        upstreamRegistry: undefined,
      };
      stand.renderApplication(
        application({ name: "prices", baseImage: base.name, indexes: ["nexus"] }),
        base,
        settings,
      );
      stand.write("locks/prices/requirements.txt", pin(greeting) + pin(further));
      const withToken = (token: string): string => index.indexUrl.replace("://", `://build:${token}@`);
      const build = (secret: string): Promise<Built> =>
        stand.bake("apps/prices", ["dependencies"], {
          ...pins,
          SECRETS: stand.secrets({ PIP_EXTRA_URL_NEXUS: secret }),
        });
      for (const [secret, line] of [
        ["", /wheelhouse: the secret PIP_EXTRA_URL_NEXUS is empty/],
        [index.indexUrl, /wheelhouse: the secret PIP_EXTRA_URL_NEXUS has no credentials/],
        ["https://build:secret@elsewhere.example/simple/", /PIP_EXTRA_URL_NEXUS is for another address than/],
        [`${withToken("secret")}\n--index-url https://elsewhere.example/`, /is for another address than/],
        [withToken("expired"), /refused the token of its secret \(401\)/],
      ] as const) {
        const refused = await build(secret);
        notEqual(refused.code, 0, refused.said);
        match(refused.said, line);
      }
      const done = await build(withToken("secret"));
      equal(done.code, 0, done.said);
      doesNotMatch(done.said, /:secret@/);
      const { layers } = await stand.manifest("prices-deps", done.digests.dependencies ?? "");
      const paths = await pathsOf("prices-deps", layers);
      for (const name of ["contoso_further", "contoso_greeting"]) {
        ok(paths.includes(`opt/venv/lib/python3.13/site-packages/${name}/__init__.py`), name);
      }
      ok(
        paths.every((path) => path.startsWith("opt")),
        paths.join("\n"),
      );
    } finally {
      await index.close();
    }
  });

  it("install system packages as bindep reads their profiles and platforms: compile in the builder alone", async () => {
    stand.renderApplication(application({ name: "imaging", baseImage: base.name, systemPackages: "bindep.txt" }), base);
    stand.write("locks/imaging/requirements.txt", pin(greeting));
    stand.write(
      "source/bindep.txt",
      [
        "libjpeg62-turbo [platform:dpkg]",
        "pkgconf-bin [platform:dpkg compile]",
        "no-such-package-of-a-test [test]",
        "no-such-package-of-fedora [platform:rpm]",
        "no-such-package-but-elsewhere [!platform:dpkg]",
        "",
      ].join("\n"),
    );
    const variables = { ...pins, LOCK_HASH: "imaging", RUNTIME_TAG: "imaging" };
    const done = await succeed("apps/imaging", ["dependencies", "runtime"], variables);
    const { layers } = await stand.manifest("imaging-runtime", done.digests.runtime ?? "");
    const below = (await stand.manifest(base.name, built.digests.runtime ?? "")).layers.length;
    const paths = await pathsOf("imaging-runtime", layers.slice(below));
    ok(paths.some((path) => /lib\/[^/]+\/libjpeg\.so\.62$/.test(path)));
    ok(paths.every((path) => !path.includes("pkgconf")));
    match(done.said, /Setting up pkgconf-bin/);
  });

  describe("that is empty, as on a fresh agent,", () => {
    before(async () => {
      await stand.builder.empty();
    });

    it("fetch no layer of base or dependencies when only the source changed", async () => {
      const variables = { ...pins, ...layOut("print('changed')\n"), RUNTIME: held("orders-runtime", "runtime") };
      const { fetched, digests } = await succeed("apps/orders", [], variables);
      ok(fetched < 50_000, `${fetched} bytes`);
      const { layers, config } = await stand.manifest("orders", digests["image-orders"] ?? "");
      const paths = await pathsOf("orders", layers.slice(-1));
      ok(paths.includes("opt/venv/lib/python3.13/site-packages/orders/__init__.py"));
      const { config: settings } = JSON.parse((await stand.blob("orders", config.digest)).toString()) as {
        config: { User: string; Entrypoint: string[]; Labels: Record<string, string> };
      };
      deepEqual([settings.User, settings.Entrypoint], ["10001", ["/opt/venv/bin/orders"]]);
      equal(settings.Labels["wheelhouse.lock.sha256"], "lock");
      equal(settings.Labels["org.opencontainers.image.base.digest"], built.digests.runtime);
    });

    it("fetch the dependencies' one layer and nothing of the base when that was refreshed", async () => {
      notEqual(refreshed.digests.runtime, built.digests.runtime);
      const { layers } = await stand.manifest("orders-deps", first.digests.dependencies ?? "");
      const own = layers.reduce((sum, { size }) => sum + size, 0);
      const variables = { ...basePins(refreshed), ...names, RUNTIME_TAG: "refreshed" };
      const { fetched } = await succeed("apps/orders", ["runtime", "image-orders"], {
        ...variables,
        ...layOut("print('hello')\n"),
        DEPENDENCIES: held("orders-deps", "lock"),
      });
      ok(own > 300_000 && fetched < own + 50_000, `${fetched} bytes, and the dependency image has ${own}`);
    });

    it("take each step of a brought Dockerfile from the registry's cache, whatever the commit's time", async () => {
      const variables = { ...pins, SOURCE: stand.path("own"), SOURCE_DATE_EPOCH: "1767312000" };
      const again = await succeed("apps/legacy", [], variables);
      match(again.said, /CACHED/);
      ok(again.fetched < 50_000, `${again.fetched} bytes`);
    });

    it("make the same dependency, run-time and application image from the same input", async () => {
      const again = await succeed("apps/orders", everything, { ...pins, ...layOut("print('hello')\n") });
      equal(again.digests.dependencies, first.digests.dependencies);
      equal(again.digests.runtime, first.digests.runtime);
      const image = await stand.manifest("orders", first.digests["image-orders"] ?? "");
      equal((await stand.manifest("orders", again.digests["image-orders"] ?? "")).digest, image.digest);
      // The index above it has an attestation with the time of the build.
      notEqual(again.digests["image-orders"], first.digests["image-orders"]);
    });
  });
});
