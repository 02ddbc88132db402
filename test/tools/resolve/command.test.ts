/** Tests `wheelhouse resolve` with the real uv against a feed of its own, and that nothing else is ever asked. */
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Feed } from "../feed";
import { wheelhouse, type Ran } from "../command-line";
import { applicationFacts, writeRecipe } from "../recipe";
import { environmentWithUv } from "../uv";

const token = "the-token-of-this-test";
const weakToken = "a-token-that-may-not-read";

interface Locks {
  readonly sets: readonly { folder: string; sha256: string; packages: number; extras: readonly string[] }[];
}

describe("wheelhouse resolve", function () {
  this.timeout(120_000);
  let folder: string;
  let feed: Feed;
  let trap: Feed;
  let environment: NodeJS.ProcessEnv;

  const file = (name: string, text: string) => {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  };
  const netrc = (password: string) => file("netrc", `machine 127.0.0.1\nlogin build\npassword ${password}\n`);
  const resolve = async (...more: string[]): Promise<Ran> =>
    await wheelhouse(
      [
        "resolve",
        "--recipe",
        "recipe",
        "--source",
        "source",
        "--index-url",
        feed.indexUrl,
        "--netrc",
        "netrc",
        "--output",
        "locks",
        ...more,
      ],
      { environment, workingFolder: folder },
    );
  const lock = (set: string) => readFileSync(path.join(folder, "locks", set, "requirements.txt"), "utf8");
  const locks = () => JSON.parse(readFileSync(path.join(folder, "locks/locks.json"), "utf8")) as Locks;
  const pins = (set: string) => [...lock(set).matchAll(/^([a-z-]+==\S+)/gm)].map((match) => match[1]);

  before(async () => {
    const withUv = await environmentWithUv();
    trap = await Feed.start(
      [
        { name: "alpha", version: "9.0" },
        { name: "public-only", version: "1.0" },
      ],
      { "": "reader" },
    );
    feed = await Feed.start(
      [
        { name: "alpha", version: "1.0" },
        { name: "alpha", version: "2.0" },
        { name: "beta", version: "1.0", requires: ["alpha>=2"] },
        {
          name: "gamma",
          version: "1.0",
          requires: ["windows-only; sys_platform == 'win32'", "linux-only; sys_platform == 'linux'"],
        },
        { name: "windows-only", version: "1.0" },
        { name: "linux-only", version: "1.0" },
      ],
      { [token]: "reader", [weakToken]: "forbidden" },
    );
    folder = mkdtempSync(path.join(tmpdir(), "wheelhouse-test-"));
    // Everything that could lead elsewhere does: the machine's settings, the user's and the project's own.
    mkdirSync(path.join(folder, "home/.config/uv"), { recursive: true });
    file("home/.config/uv/uv.toml", `index-url = "${trap.indexUrl}"\n`);
    file("home/.netrc", `machine 127.0.0.1\nlogin build\npassword ${token}\n`);
    environment = {
      PATH: withUv.PATH,
      HOME: path.join(folder, "home"),
      TMPDIR: path.join(folder, "tmp"),
      UV_CACHE_DIR: path.join(folder, "cache"),
      UV_DEFAULT_INDEX: trap.indexUrl,
      UV_INDEX_URL: trap.indexUrl,
      UV_EXTRA_INDEX_URL: trap.indexUrl,
      UV_INDEX: trap.indexUrl,
      UV_INDEX_STRATEGY: "unsafe-best-match",
      PIP_INDEX_URL: trap.indexUrl,
      PIP_EXTRA_INDEX_URL: trap.indexUrl,
    };
    mkdirSync(path.join(folder, "tmp"));
  });

  beforeEach(() => {
    for (const name of ["source", "locks", "recipe"]) rmSync(path.join(folder, name), { recursive: true, force: true });
    netrc(token);
    file("base.txt", "");
    file("source/requirements.txt", "beta\n");
    writeRecipe(path.join(folder, "recipe"), applicationFacts({ requirements: "requirements.txt" }));
    feed.requests.length = 0;
  });

  afterEach(() => {
    assert.deepEqual(trap.requests, [], "another index was asked");
    assert.deepEqual(readdirSync(path.join(folder, "tmp")), [], "temporary files were left");
  });

  after(async () => {
    await Promise.all([feed.close(), trap.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it("writes the newest versions with their hashes, the same each time, named by the hash of the file", async () => {
    const ran = await resolve("--base-lock", "base.txt", "--json", "--quiet");
    assert.equal(ran.code, 0, ran.errors);
    assert.equal(ran.errors, "");
    assert.deepEqual(pins("orders"), ["alpha==2.0", "beta==1.0"]);
    assert.match(lock("orders"), /^ {4}--hash=sha256:[0-9a-f]{64}$/m);
    const report = JSON.parse(ran.output) as Locks;
    const [set] = report.sets;
    assert.equal(set?.packages, 2);
    assert.equal(set.sha256, createHash("sha256").update(lock("orders")).digest("hex"));
    const first = lock("orders");
    assert.equal((await resolve("--base-lock", "base.txt")).code, 0);
    assert.equal(lock("orders"), first);
    assert.equal(locks().sets[0]?.sha256, set.sha256);
  });

  it("keeps what the base image has, and does not write it again", async () => {
    await resolve("--base-lock", "base.txt");
    const hashes = lock("orders")
      .split("\n")
      .filter((line) => line.includes("--hash"));
    file("base.txt", `alpha==2.0 ${hashes[0]?.trim() ?? ""}\n`);
    assert.equal((await resolve("--base-lock", "base.txt")).code, 0);
    assert.deepEqual(pins("orders"), ["beta==1.0"]);
    file("source/requirements.txt", "alpha\n");
    const ran = await resolve("--base-lock", "base.txt");
    assert.match(ran.output, /orders {2}nothing beyond its base image/);
    assert.deepEqual(pins("orders"), []);
    assert.equal(locks().sets[0]?.packages, 0);
  });

  it("names both requirements where the base image's version does not go with the application's", async () => {
    file("base.txt", `alpha==1.0 --hash=sha256:${"0".repeat(64)}\n`);
    const ran = await resolve("--base-lock", "base.txt");
    assert.equal(ran.code, 2);
    assert.match(
      ran.errors,
      /requirements\.txt: a requirement does not go with the base image: python-web has alpha==1\.0/,
    );
    assert.match(ran.errors, /beta depend.* on alpha>=2/);
    assert.match(ran.errors, /base-images\/python-web\/requirements\.in/);
    assert.ok(!existsSync(path.join(folder, "locks")));
  });

  it("leaves out what is for other systems", async () => {
    file("source/requirements.txt", "gamma\n");
    await resolve("--base-lock", "base.txt");
    assert.deepEqual(pins("orders"), ["gamma==1.0", "linux-only==1.0"]);
    assert.doesNotMatch(lock("orders"), /;/);
  });

  it("takes a release as soon as the feed has it", async () => {
    file("source/requirements.txt", "delta\n");
    feed.add({ name: "delta", version: "1.0" });
    await resolve("--base-lock", "base.txt");
    assert.deepEqual(pins("orders"), ["delta==1.0"]);
    feed.add({ name: "delta", version: "1.1" });
    await resolve("--base-lock", "base.txt");
    assert.deepEqual(pins("orders"), ["delta==1.1"]);
  });

  const failures: readonly [what: string, password: string, code: number, message: RegExp][] = [
    [
      "a wrong token",
      "wrong-token-of-this-test",
      3,
      /refused the credentials \(401\): nothing was taken from elsewhere/,
    ],
    ["a token that may not read", weakToken, 3, /did not allow it \(403\)[\s\S]*Feed and Upstream Reader/],
  ];
  for (const [what, password, code, message] of failures) {
    it(`stops at ${what}, though the cache has all of it, and never shows it`, async () => {
      netrc(password);
      const ran = await resolve("--base-lock", "base.txt", "--json");
      assert.equal(ran.code, code);
      assert.match(ran.errors, message);
      assert.equal((JSON.parse(ran.output) as { error: { kind: string } }).error.kind, "OutsideError");
      assert.doesNotMatch(ran.errors + ran.output, new RegExp(password));
      assert.ok(!existsSync(path.join(folder, "locks")));
    });
  }

  it("asks nobody where the netrc is missing, empty, or of another host", async () => {
    for (const [text, message] of [
      [undefined, /cannot be read/],
      ["\n", /is empty/],
      ["machine example.com login a password b", /has no entry for 127\.0\.0\.1/],
      ["machine 127.0.0.1 login a", /has no password for 127\.0\.0\.1/],
    ] as const) {
      rmSync(path.join(folder, "netrc"));
      if (text !== undefined) file("netrc", text);
      const ran = await resolve("--base-lock", "base.txt");
      assert.equal(ran.code, 3);
      assert.match(ran.errors, message);
      file("netrc", "x");
    }
    assert.deepEqual(feed.requests, []);
  });

  it("refuses an index in the team's requirements, with its line, and repeats no credential", async () => {
    file("source/requirements.txt", "beta\n-r more/extra.txt\n");
    file("source/more/extra.txt", "# more\n--extra-index-url https://u:s3cret@example.com/simple\n");
    const ran = await resolve("--base-lock", "base.txt");
    assert.equal(ran.code, 2);
    assert.match(
      ran.errors,
      /more\/extra\.txt:2 {2}--extra-index-url would change where packages come from\n {2}take it out/,
    );
    assert.doesNotMatch(ran.errors, /s3cret/);
    for (const [line, message] of [
      ["foo @ https://example.com/foo.whl", /it is a URL or a path/],
      ["git+https://example.com/foo", /it is a URL or a path/],
      ["./local", /it is a URL or a path/],
      ["-e .", /is not an option/],
      ["-r ../../etc/passwd", /lies outside of the source/],
    ] as const) {
      file("source/requirements.txt", `${line}\n`);
      const refused = await resolve("--base-lock", "base.txt");
      assert.equal(refused.code, 2, line);
      assert.match(refused.errors, message);
    }
    assert.deepEqual(feed.requests, []);
  });

  it("says that a package is not in the feed, and does not look for it elsewhere", async () => {
    file("source/requirements.txt", "public-only\n");
    const ran = await resolve("--base-lock", "base.txt");
    assert.equal(ran.code, 2);
    assert.match(ran.errors, /public-only is not in the feed at http/);
  });

  it("refuses an index address with credentials before it is passed on", async () => {
    const url = feed.indexUrl.replace("://", `://build:${token}@`);
    const ran = await resolve("--base-lock", "base.txt", "--index-url", url);
    assert.equal(ran.code, 2);
    assert.match(ran.errors, /--index-url has credentials in it/);
    assert.doesNotMatch(ran.errors, new RegExp(token));
  });

  it("says how to get uv where there is none", async () => {
    const without = { ...environment, PATH: path.join(folder, "nothing") };
    const args = ["resolve", "--recipe", "recipe", "--source", "source", "--index-url", feed.indexUrl];
    const ran = await wheelhouse([...args, "--netrc", "netrc", "--output", "locks", "--base-lock", "base.txt"], {
      environment: without,
      workingFolder: folder,
    });
    assert.equal(ran.code, 3);
    assert.match(ran.errors, /uv is not on PATH\n {2}install it, such as with: python3 -m pip install uv/);
  });

  describe("for a project", () => {
    const pyproject = (more = "") =>
      file(
        "source/pyproject.toml",
        `[project]\nname = "orders"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["alpha"]\n${more}` +
          `[project.scripts]\norders-api = "orders:main"\norders-worker = "orders:main"\n` +
          `[project.optional-dependencies]\norders_worker = ["gamma"]\norders_base = ["linux-only"]\nmetrics = ["beta"]\n` +
          `[tool.uv.sources]\nalpha = { index = "elsewhere" }\n[[tool.uv.index]]\nname = "elsewhere"\nurl = "${trap.indexUrl}"\n`,
      );
    const recipe = (scripts: readonly string[], extras: readonly string[] = []) =>
      writeRecipe(path.join(folder, "recipe"), applicationFacts({ requirements: "pyproject.toml", scripts, extras }));

    it("makes a lock for each script, with the extras named as it and those of every image", async () => {
      pyproject();
      recipe(["orders-api", "orders-worker"], ["metrics"]);
      const ran = await resolve("--base-lock", "base.txt");
      assert.equal(ran.code, 0, ran.errors);
      assert.deepEqual(
        locks().sets.map(({ extras }) => extras),
        [
          ["metrics", "orders_base"],
          ["metrics", "orders_base", "orders_worker"],
        ],
      );
      assert.deepEqual(pins("orders-api"), ["alpha==2.0", "beta==1.0", "linux-only==1.0"]);
      assert.deepEqual(pins("orders-worker"), ["alpha==2.0", "beta==1.0", "gamma==1.0", "linux-only==1.0"]);
    });

    it("names the console scripts that there are where one of the spec's is none", async () => {
      pyproject();
      recipe(["orders-apii"]);
      const ran = await resolve("--base-lock", "base.txt");
      assert.equal(ran.code, 2);
      assert.match(
        ran.errors,
        /scripts\[0\]: "orders-apii" is not a console script of orders\n {2}pyproject\.toml defines: orders-api, orders-worker/,
      );
    });

    it("names the extras that there are where one of the spec's is none", async () => {
      pyproject();
      recipe(["orders-api"], ["metricks"]);
      const ran = await resolve("--base-lock", "base.txt");
      assert.equal(ran.code, 2);
      assert.match(ran.errors, /"metricks" is not an extra of orders\n {2}pyproject\.toml: did you mean metrics\?/);
    });

    it("refuses one that is no TOML, not for this Python, or requires a URL, with the place", async () => {
      recipe(["orders-api"]);
      for (const [text, message] of [
        ["[project\n", /pyproject\.toml:1:\d+ {2}it is not TOML/],
        [
          '[project]\nname = "orders"\nrequires-python = ">=3.14"\n[project.scripts]\norders-api = "a:b"\n',
          /requires-python is ">=3\.14", and the base image python-web has Python 3\.13/,
        ],
        [
          '[project]\nname = "orders"\ndependencies = [\n  "alpha @ https://example.com/a.whl",\n]\n',
          /pyproject\.toml:4 {2}"alpha" is required from a URL or a path/,
        ],
      ] as const) {
        file("source/pyproject.toml", text);
        const ran = await resolve("--base-lock", "base.txt");
        assert.equal(ran.code, 2);
        assert.match(ran.errors, message);
      }
    });
  });

  describe("for a lock that the team committed", () => {
    const hash = `--hash=sha256:${"1".repeat(64)}`;

    beforeEach(() => {
      writeRecipe(
        path.join(folder, "recipe"),
        applicationFacts({ requirements: "requirements.txt", lock: "team.lock" }),
      );
    });

    it("takes its pins as they are and asks the feed nothing", async () => {
      file("source/team.lock", `alpha==1.0 ${hash}\nold==0.1 ${hash}\n`);
      file("base.txt", `old==0.1 ${hash}\n`);
      const ran = await resolve("--base-lock", "base.txt");
      assert.equal(ran.code, 0, ran.errors);
      assert.deepEqual(pins("orders"), ["alpha==1.0"]);
      assert.deepEqual(feed.requests, []);
    });

    it("refuses one without hashes, and one that conflicts with the base image, with its line", async () => {
      file("source/team.lock", "alpha==1.0\n");
      assert.match((await resolve("--base-lock", "base.txt")).errors, /team\.lock:1 {2}alpha has no hash/);
      file("source/team.lock", `# ours\nalpha==1.0 ${hash}\n`);
      file("base.txt", `alpha==2.0 ${hash}\n`);
      const ran = await resolve("--base-lock", "base.txt");
      assert.equal(ran.code, 2);
      assert.match(ran.errors, /team\.lock:2 {2}alpha==1\.0, but python-web has alpha==2\.0/);
    });
  });

  describe("with an index beside the feed (compatibility mode)", () => {
    let other: Feed;

    beforeEach(async () => {
      other = await Feed.start(
        [
          { name: "alpha", version: "9.0" },
          { name: "only-there", version: "1.0" },
        ],
        { "token-of-the-other": "reader" },
      );
      const facts = applicationFacts({ requirements: "requirements.txt" });
      const indexes = [{ name: "nexus.two", url: other.indexUrl, secret: "index-nexus" }];
      writeRecipe(path.join(folder, "recipe"), { ...facts, indexes });
      file("source/requirements.txt", "alpha\nonly-there\n");
      const url = other.indexUrl.replace("://", "://reader:token-of-the-other@");
      file("secrets/index-nexus", url);
    });

    afterEach(() => other.close());

    it("takes from it only what the feed has not, in whatever version", async () => {
      const ran = await resolve("--base-lock", "base.txt", "--secrets", "secrets");
      assert.equal(ran.code, 0, ran.errors);
      assert.deepEqual(pins("orders"), ["alpha==2.0", "only-there==1.0"]);
      assert.doesNotMatch(lock("orders") + ran.output + ran.errors, /token-of-the-other/);
    });

    it("does not turn to it where the feed refuses the token", async () => {
      for (const password of ["wrong-token-of-this-test", weakToken]) {
        netrc(password);
        const ran = await resolve("--base-lock", "base.txt", "--secrets", "secrets");
        assert.equal(ran.code, 3);
        assert.match(ran.errors, /^resolving.*\nwheelhouse: the feed at http/);
        assert.ok(!existsSync(path.join(folder, "locks")));
        assert.ok(
          !other.requests.some((request) => request.includes("alpha-9.0")),
          "it was asked for the feed's package",
        );
      }
    });

    it("names it where it refuses the credentials, and wants them", async () => {
      other.revoke("token-of-the-other");
      const ran = await resolve("--base-lock", "base.txt", "--secrets", "secrets");
      assert.equal(ran.code, 3);
      assert.match(ran.errors, /the index nexus\.two at http\S+ refused the credentials \(401\)/);
      const without = await resolve("--base-lock", "base.txt");
      assert.equal(without.code, 2);
      assert.match(
        without.errors,
        /the index nexus\.two wants credentials\n {2}name the folder that holds the file index-nexus/,
      );
    });
  });

  it("resolves a base image into one lock", async () => {
    writeRecipe(path.join(folder, "recipe"), {
      kind: "base-image",
      name: "python-web",
      builder: "python-web-builder",
      python: "3.13",
      platforms: ["linux/amd64", "linux/arm64"],
      requirements: "requirements.in",
      upstream: "python:3.13-slim",
      targets: { builder: "builder", runtime: "runtime" },
    });
    file("recipe/requirements.in", "gamma\n");
    const ran = await resolve();
    assert.equal(ran.code, 0, ran.errors);
    assert.deepEqual(pins(""), ["gamma==1.0", "linux-only==1.0"]);
    assert.match((await resolve("--base-lock", "base.txt")).errors, /python-web is a base image and has none itself/);
  });
});
