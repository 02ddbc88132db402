/** Comments on GitHub, at a stand-in for the part of its REST interface that they need. */
import assert from "node:assert/strict";
import { commentOn, makeReport, type Commented, type Report, type Target } from "../../../tools/preview";
import { GitHubService } from "./github-service";
import { preview, step } from "./samples";

const bot = "github-actions[bot]";
const accounts = {
  "token-of-the-workflow": { login: bot, type: "Bot", mayWrite: true },
  "token-of-a-fork": { login: bot, type: "Bot", mayWrite: false },
  "token-of-robin": { login: "robin", type: "User", mayWrite: true },
} as const;

describe("comments on GitHub", () => {
  let service: GitHubService;
  const notes: string[] = [];
  beforeEach(async () => {
    notes.length = 0;
    service = await GitHubService.start(accounts);
  });
  afterEach(async () => service.stop());

  const says = (what: string): Report => makeReport([preview([step({ op: "create", name: what, after: {} })])]);
  const write = (report: Report, number: number, token: keyof typeof accounts | "none" = "token-of-the-workflow") => {
    const target: Target = {
      ...{ provider: "github", api: service.address, owner: "contoso", repository: "platform" },
      ...{ pullRequest: 3, token },
    };
    const run = { number: { number, attempt: 1 }, name: `run ${number}`, pipeline: "preview" };
    const signal = new AbortController().signal;
    return commentOn(
      report,
      { target, run, settle: 5, firstPause: 5 },
      { signal, progress: (line) => void notes.push(line) },
    );
  };
  const actions = (commented: readonly Commented[]) =>
    commented.map(({ kept, problem }) => kept?.action ?? `${problem?.why ?? ""} ${problem?.mend ?? ""}`);
  const bodies = () => service.comments.map(({ body }) => body);

  it("are made once and edited after, by a workflow's token, which may not ask who it is", async () => {
    assert.deepEqual(actions(await write(says("one"), 1)), ["created"]);
    assert.deepEqual(actions(await write(says("two"), 2)), ["edited"]);
    assert.equal(service.comments.length, 1);
    assert.match(bodies()[0]!, /^<!-- wheelhouse-preview [\w-]+ -->\n### Preview of [^]*`two`/);
    await write(makeReport([preview([])]), 3);
    assert.match(bodies()[0]!, /Nothing changes/);
  });

  it("are found behind hundreds of others", async () => {
    await write(says("one"), 1);
    const [own] = service.comments.splice(0);
    for (let index = 0; index < 230; index++) service.add(`talk ${index}`, "robin");
    service.comments.push(own!);
    assert.deepEqual(actions(await write(says("two"), 2)), ["edited"]);
    assert.equal(service.comments.length, 231);
  });

  it("are not those of people who copied the first line, nor broken ones", async () => {
    await write(says("one"), 1);
    service.add(bodies()[0]!, "robin");
    service.add("<!-- wheelhouse-preview bm90LWpzb24 -->\nx", bot, "Bot");
    await write(says("two"), 2);
    assert.deepEqual(
      bodies().map((body) => body.includes("`two`")),
      [true, false, false],
    );
    assert.deepEqual(actions(await write(says("three"), 3, "token-of-robin")), ["edited"]);
    assert.deepEqual(
      bodies().map((body) => /`(\w+)`\s*\(/.exec(body)?.[1]),
      ["two", "three", undefined],
    );
  });

  it("come to one with the newest run's words when several runs write at once", async () => {
    await Promise.all([2, 4, 1, 3].map((number) => write(says(`word-${number}`), number)));
    assert.equal(service.comments.length, 1);
    assert.match(bodies()[0]!, /`word-4`/);
    assert.deepEqual(actions(await write(says("old"), 3)), ["left to a newer run"]);
  });

  it("are never longer than the service takes", async () => {
    const many = Array.from({ length: 600 }, (_, index) =>
      step({ op: "create", name: `r-${index}-é\u{1f600}`, after: { text: `${index} `.repeat(200) } }),
    );
    assert.deepEqual(actions(await write(makeReport([preview(many)]), 1)), ["created"]);
  });

  it("wait when the service limits calls for a moment, and not when for an hour", async () => {
    const message = "You have exceeded a secondary rate limit";
    service.refusals.push({ status: 403, headers: { "retry-after": "0" }, message });
    assert.deepEqual(actions(await write(says("one"), 1)), ["created"]);
    assert.match(notes.join("\n"), /reading comments: 403 /);
    service.refusals.push({ status: 403, headers: { "retry-after": "3600" }, message });
    const started = Date.now();
    assert.match(actions(await write(says("two"), 2))[0]!, /GitHub answered 403 .*secondary rate limit/);
    assert.ok(Date.now() - started < 5_000);
  });

  it("tell which permission is missing", async () => {
    const [fork] = actions(await write(says("one"), 1, "token-of-a-fork"));
    assert.match(fork!, /answered 403 .*pull-requests: write .*from a fork may only read/);
    const [none] = actions(await write(says("one"), 1, "none"));
    assert.match(none!, /answered 401 .*map GITHUB_TOKEN/);
    assert.deepEqual(bodies(), []);
  });
});
