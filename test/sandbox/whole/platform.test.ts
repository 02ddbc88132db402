/** The whole platform on the real engine: up, again, drift, an application that joins and leaves, down. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { Checkout, type Ended } from "./checkout";

interface Secrets {
  readonly personalAccessToken: string;
  readonly clientSecret: string;
  readonly passphrase: string;
}

interface PreviewStep {
  readonly op: string;
  readonly urn: string;
}

/** Seconds that one run of the command line may take on a slow machine. */
const patience = 180;

describe("the platform in the sandbox", function () {
  this.timeout((patience + 20) * 1000);

  let checkout: Checkout;
  let started: Ended;
  const said: string[] = [];

  const run = async (...args: string[]): Promise<Ended> => {
    const ended = await checkout.run(patience, ...args);
    said.push(ended.output);
    return ended;
  };
  const succeed = async (...args: string[]): Promise<string> => {
    const { code, output } = await run(...args);
    assert.equal(code, 0, output);
    return output;
  };
  const sandbox = (): string => {
    assert.ok(checkout.sandbox !== undefined, "there is no sandbox");
    return checkout.sandbox;
  };
  const secrets = (): Secrets => JSON.parse(readFileSync(path.join(sandbox(), "secrets.json"), "utf8")) as Secrets;
  const port = (): number =>
    (JSON.parse(readFileSync(path.join(sandbox(), "cloud/server.json"), "utf8")) as { port: number }).port;
  const ask = async (where: string, options: RequestInit = {}): Promise<Response> => {
    const authorization = `Basic ${Buffer.from(`:${secrets().personalAccessToken}`).toString("base64")}`;
    return fetch(`http://127.0.0.1:${port().toString()}${where}`, {
      ...options,
      headers: { authorization, "content-type": "application/json" },
      signal: AbortSignal.timeout(10_000),
    });
  };
  const feed = "/feeds/wheelhouse-sandbox/Platform/_apis/packaging/feeds/python?api-version=7.1-preview.1";
  const upstreams = async (): Promise<string[]> => {
    const shown = (await (await ask(feed)).json()) as { upstreamSources: { name: string }[] };
    return shown.upstreamSources.map(({ name }) => name);
  };
  const steps = async (): Promise<PreviewStep[]> => {
    const output = await succeed("sandbox", "pulumi", "preview", "--json", "--suppress-progress");
    const preview = JSON.parse(output.slice(output.indexOf("{\n"), output.lastIndexOf("}") + 1)) as {
      steps: PreviewStep[];
    };
    return preview.steps.filter(({ op }) => op !== "same" && op !== "read");
  };
  const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

  before(async () => {
    checkout = new Checkout();
    started = await run("start", "--no-agents");
  });
  after(async () => {
    await checkout.dispose();
  });

  it("comes up with one command, and a second update changes nothing", () => {
    assert.equal(started.code, 0, started.output);
    assert.match(started.output, /a second update changed nothing/);
    for (const name of ["orders", "forecast", "imaging", "legacy"]) {
      assert.match(started.output, new RegExp(`AppImagePipeline wheelhouse-app-${name}`));
    }
    assert.match(
      started.output,
      /feedUrl: http:\/\/127\.0\.0\.1:\d+\/packages\/wheelhouse-sandbox\/Platform\/_packaging\//,
    );
  });

  it("finds nothing to do when it is started again", async () => {
    const output = await succeed("start", "--no-agents");
    assert.match(output, /pulumi up: nothing changed/);
  });

  it("has no drift after it came up", async () => {
    await succeed("sandbox", "pulumi", "refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("finds a change made behind its back to the feed's upstream sources, and mends it", async () => {
    const declared = await upstreams();
    const foreign = {
      name: "someone else's",
      protocol: "pypi",
      location: "http://127.0.0.1:9/elsewhere/simple/",
      upstreamSourceType: "public",
    };
    const changed = await ask(feed, {
      method: "PATCH",
      body: JSON.stringify({ upstreamEnabled: true, upstreamSources: [foreign] }),
    });
    assert.equal(changed.status, 200, await changed.text());
    assert.deepEqual(await upstreams(), [foreign.name]);

    const found = await succeed("sandbox", "pulumi", "refresh", "--yes", "--skip-preview");
    assert.match(found, /1 updated/);
    const output = await succeed("sandbox", "up", "--no-agents");
    assert.match(output, /update wheelhouse-feed-upstreams \(FeedUpstreams\)/);
    assert.deepEqual(await upstreams(), declared);
  });

  it("adds an application with its own resources alone, eight at most", async () => {
    writeFileSync(
      path.join(checkout.folder, "apps/billing.yaml"),
      "name: billing\nteam: commerce\nbaseImage: python-web\n",
    );
    const added = await steps();
    assert.deepEqual([...new Set(added.map(({ op }) => op))], ["create"]);
    assert.ok(added.length > 0 && added.length <= 8, `${added.length.toString()} resources`);
    for (const { urn } of added) assert.match(nameOf(urn), /^wheelhouse-app-billing(-|$)/);
    await succeed("sandbox", "up", "--no-agents");
  });

  it("removes an application, retains its repository, and says so", async () => {
    rmSync(path.join(checkout.folder, "apps/billing.yaml"));
    const removed = await steps();
    assert.deepEqual([...new Set(removed.map(({ op }) => op))], ["delete"]);
    for (const { urn } of removed) assert.match(nameOf(urn), /^wheelhouse-app-billing(-|$)/);
    const output = await succeed("sandbox", "up", "--no-agents");
    assert.match(output, /retain wheelhouse-app-billing \(Git\)/);
    const repository = await ask("/devops/wheelhouse-sandbox/Platform/_apis/git/repositories/billing?api-version=7.1");
    assert.equal(repository.status, 200);
    const definitions = await ask("/devops/wheelhouse-sandbox/Platform/_apis/build/definitions?api-version=7.1");
    const { value } = (await definitions.json()) as { value: { name: string }[] };
    assert.deepEqual(
      value.map(({ name }) => name).filter((name) => name === "billing"),
      [],
    );
  });

  it("refuses a mistake in a spec before anything is changed, with file, line, property and mend", async () => {
    const file = path.join(checkout.folder, "apps/orders.yaml");
    const text = readFileSync(file, "utf8");
    try {
      writeFileSync(file, text.replace("baseImage: python-web", "baseImage: python-wbe"));
      const { code, output } = await run("sandbox", "up", "--no-agents");
      assert.notEqual(code, 0);
      assert.match(output, /apps\/orders\.yaml:\d+:\d+ {2}baseImage: /);
      assert.match(output, /python-web/);
      assert.doesNotMatch(output, /\n\s+at .*\.ts:\d+/);
    } finally {
      writeFileSync(file, text);
    }
    await succeed("sandbox", "pulumi", "preview", "--expect-no-changes");
  });

  it("leaves no secret in the state, a log, a file, its output or a command line", async () => {
    const exported = await succeed("sandbox", "pulumi", "stack", "export", "--show-secrets");
    const { personalAccessToken, clientSecret, passphrase } = secrets();
    const needles = [personalAccessToken, clientSecret, passphrase].flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      // Base64 looks different at each of the three places in which a secret can begin.
      ...[0, 1, 2].map((shift) =>
        Buffer.concat([Buffer.alloc(shift, "x"), Buffer.from(secret)])
          .toString("base64")
          .slice(4, -4),
      ),
    ]);
    const places = [
      { place: "the exported state", text: exported },
      { place: "the output", text: said.join("\n") },
      { place: "the command lines", text: checkout.commandLines().join("\n") },
      ...checkout
        .files(checkout.home)
        .filter(({ file }) => !["secrets.json", "passphrase"].includes(path.basename(file)))
        .map(({ file, content }) => ({ place: file, text: content.toString("latin1") })),
    ];
    assert.ok(checkout.commandLines().length > 0, "the daemon was not found, so its arguments were not looked at");
    assert.deepEqual(
      places.filter(({ text }) => needles.some((needle) => text.includes(needle))).map(({ place }) => place),
      [],
    );
  });

  it("keeps its secrets in files that nobody else can read", () => {
    assert.deepEqual(
      checkout
        .files(sandbox())
        .map(({ file }) => file)
        .filter((file) => ["secrets.json", "passphrase"].includes(path.basename(file)))
        .map((file) => (statSync(file).mode & 0o077).toString(8)),
      ["0", "0"],
    );
  });

  it("goes down and leaves no process, port or file", async () => {
    const folder = sandbox();
    const closed = port();
    await succeed("sandbox", "down");
    assert.equal(existsSync(folder), false);
    assert.deepEqual(checkout.processes(), []);
    assert.equal(await answers(closed), false, `port ${closed.toString()} still answers`);
    assert.deepEqual(
      checkout
        .files(checkout.home)
        .map(({ file }) => path.relative(checkout.home, file))
        // What tsx made of the sources is the cache's.
        .filter((file) => !file.startsWith("temporary/tsx-")),
      [],
    );
    assert.deepEqual(checkout.files(checkout.temporary), []);
  });
});

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
