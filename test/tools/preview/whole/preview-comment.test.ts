/** `wheelhouse preview-comment` as pipelines run it: the real engine, the platform's program, and threads of a pull request. */
import assert from "node:assert/strict";
import { Stand, type Ended } from "./stand";

const orders = { description: "Takes orders", baseImage: "python-web", ports: [8000], env: { REGION: "west" } };
const invoices = { description: "Writes invoices", baseImage: "python-web" };
const deployToken = "token-that-the-program-tells";

describe("preview-comment on the real engine", function () {
  this.timeout(240_000);
  let stand: Stand;
  let pullRequest: number;
  let takeBack: () => Promise<void>;
  const warned: string[] = [];

  const preview = (build: number, stack: string, ...more: string[]): Promise<Ended> =>
    stand.preview({ pullRequest, build, variables: { DEPLOY_TOKEN: deployToken } }, "--stack", stack, ...more);
  const expect = (ended: Ended, code: number): Ended => {
    assert.equal(ended.code, code, ended.output + ended.errors);
    warned.push(ended.output, ended.errors);
    return ended;
  };
  const threadOf = async (stack: string) => {
    const threads = await stand.threads(pullRequest);
    const own = threads.filter(({ content }) => content.startsWith(`### Preview of \`wheelhouse\` / \`${stack}\`\n`));
    assert.equal(own.length, 1, `${own.length} threads of ${stack}`);
    return own[0]!;
  };

  before(async () => {
    stand = await Stand.start();
    await stand.stack("production");
    await stand.stack("staging");
    for (const stack of ["production", "staging"]) stand.writeApp(stack, "orders", orders);
    stand.writeApp("production", "invoices", invoices);
    const [up] = await Promise.all([
      stand.pulumi("up", "--yes", "--skip-preview", "--suppress-progress", "--stack", "production"),
      stand.pullRequest("topic").then((number) => (pullRequest = number)),
      stand.contribute().then((undo) => (takeBack = undo)),
    ]);
    assert.equal(up.code, 0, up.output + up.errors);
  });
  after(async () => stand.close());

  it("says what would change in a thread, with deletions above the rendered files' differences", async () => {
    stand.writeApp("production", "orders", { ...orders, env: { REGION: "west", LOG_LEVEL: "debug" } });
    stand.removeApp("production", "invoices");
    stand.writeKey("production", "second-key-of-production");
    const artifact = `${stand.folder}/report/preview.md`;
    const { output } = expect(await preview(1, "production", "--artifact", artifact), 0);
    assert.match(output, /^##vso\[artifact\.upload containerfolder=preview;artifactname=preview\]\//m);
    const { content, status, comments } = await threadOf("production");
    assert.deepEqual([status, comments], ["active", 1]);
    const places = [/^⚠ \*\*\d+ resources would be deleted/m, /^- application `invoices`, all of it: /m, /^\| \|/m]
      .concat([/<summary>application orders: 1 × update<\/summary>/, /^```diff\n[^]*?^\+ENV LOG_LEVEL="debug"$/m])
      .map((pattern) => content.search(pattern));
    assert.ok(
      places.every((place, index) => place > (places[index - 1] ?? 0)),
      `${places.join(" ")}\n${content}`,
    );
  });

  it("lets the newest of several runs at once have its say in the same thread, and another stack have its own", async () => {
    const before = await threadOf("production");
    stand.writeApp("production", "orders", { ...orders, env: { REGION: "east" } });
    const runs = await Promise.all([preview(3, "production"), preview(2, "production"), preview(2, "staging")]);
    for (const ended of runs) expect(ended, 0);
    const after = await threadOf("production");
    assert.deepEqual([after.id, after.status, after.comments], [before.id, "active", 1]);
    assert.match(after.content, /\+ENV REGION="east"/);
    assert.match(after.content, /^Made by run \[20261121\.3\]/m);
    const staging = await threadOf("staging");
    assert.match(staging.content, /^\*\*\d+ to create\.\*\*/m);
    assert.match(staging.content, /^signed in with \[secret\]$/m);
  });

  it("closes the thread when nothing changes any more, and leaves those of other stacks alone", async () => {
    const before = await threadOf("production");
    stand.writeApp("production", "orders", orders);
    stand.writeApp("production", "invoices", invoices);
    stand.writeKey("production", "first-key-of-production");
    expect(await preview(4, "production"), 0);
    const after = await threadOf("production");
    assert.deepEqual([after.id, after.status, after.comments], [before.id, "closed", 1]);
    assert.match(after.content, /✅ \*\*Nothing changes\.\*\* \d+ stay as they are\./);
    assert.equal((await threadOf("staging")).status, "active");
  });

  it("opens the thread again, names the policies that are violated, and ends with 1", async () => {
    const before = await threadOf("production");
    const rule = { enforcementLevel: "mandatory", tags: { owner: ".+" } };
    const pack = stand.pack("own-pack", { all: "advisory", "required-tags": rule });
    stand.removeApp("production", "invoices");
    const { errors } = expect(await preview(5, "production", "--policy-pack", pack), 1);
    assert.match(errors, /findings? of mandatory policies: required-tags/);
    const after = await threadOf("production");
    assert.deepEqual([after.id, after.status, after.comments], [before.id, "active", 1]);
    assert.match(after.content, /^❌ \*\*Refused: \d+ findings? of mandatory policies\.\*\* It would be: /m);
    const places = [/^- `required-tags` of `own@/m, /^⚠ \*\*\d+ resources would be deleted/m, /^\| \|/m].map(
      (pattern) => after.content.search(pattern),
    );
    assert.ok(
      places.every((place, index) => place > (places[index - 1] ?? 0)),
      `${places.join(" ")}\n${after.content}`,
    );
  });

  it("says why a preview failed, and ends with 3", async () => {
    stand.writeApp("production", "orders", { ...orders, baseImage: "python-wbe" });
    const { errors } = expect(await preview(6, "production"), 3);
    assert.match(errors, /the preview of production failed: /);
    const { content, status } = await threadOf("production");
    assert.equal(status, "active");
    assert.match(content, /^❌ \*\*The preview failed\.\*\*/m);
    assert.match(content, /orders\.yaml:\d+:\d+/);
    assert.match(content, /python-wbe/);
  });

  it("warns where the comment cannot be written, says which right is missing, and ends with 0", async () => {
    const before = await threadOf("staging");
    await takeBack();
    stand.writeApp("staging", "orders", { ...orders, env: {} });
    const { output } = expect(await preview(7, "staging"), 0);
    assert.match(
      output,
      /^##vso\[task\.logissue type=warning\]The comment on pull request \d+ could not be written: /m,
    );
    assert.match(output, /Allow "Contribute to pull requests" on the repository code/);
    assert.deepEqual(await threadOf("staging"), before);
  });

  it("tells no secret, whoever said it", async () => {
    const threads = await stand.threads(pullRequest);
    const secrets = [...stand.secrets, deployToken, "key-of-production", "key-of-staging"];
    for (const text of [...threads.map(({ content }) => content), ...warned]) {
      for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} in ${text}`);
    }
  });
});
