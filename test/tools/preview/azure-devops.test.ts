/** Comments as threads of a pull request, at the strict stand-in for Azure DevOps, written with a job's token. */
import assert from "node:assert/strict";
import { FeedTokens } from "../../../sandbox/services/feed/tokens";
import {
  commentOn,
  makeReport,
  type Commented,
  type Report,
  type StackPreview,
  type Target,
} from "../../../tools/preview";
import { basic, body, Changes } from "../../sandbox/cloud/changes";
import { account, TestCloud, type Properties } from "../../sandbox/cloud/client";
import { AccountService } from "./account-service";
import { preview, step } from "./samples";

const jobTokenKey = "key-of-the-job-tokens-of-these-tests";
const personToken = "token-of-a-person-of-these-tests";
const buildService = "Comments Build Service (acme)";

describe("comments in Azure DevOps", function () {
  this.timeout(60_000);
  let cloud: TestCloud;
  let changes: Changes;
  let target: Target;
  let branches = 0;
  const notes: string[] = [];

  before(async () => {
    cloud = await TestCloud.start({ jobTokenKey });
    changes = await Changes.start(cloud, "Comments");
    const person = { displayName: "Robin", mail: "robin@example.com", personalAccessToken: personToken };
    await cloud.make("sandbox:index/person:Person", person);
    const { json } = await cloud.verb("list", "sandbox:index/identity:Identity", {});
    const identities = json.entities as { properties: Properties }[];
    const principal = identities.find(({ properties }) => properties.displayName === buildService)?.properties
      .descriptor;
    await cloud.make("GitPermissions", {
      ...{ projectId: changes.projectId, repositoryId: changes.repositoryId, principal },
      permissions: { PullRequestContribute: "Allow" },
    });
  });
  after(async () => {
    changes.end();
    await cloud.end();
  });
  beforeEach(async () => {
    notes.length = 0;
    branches += 1;
    await changes.push(`topic-${branches}`, { [`${branches}.txt`]: "1" });
    target = {
      provider: "azure-devops",
      organization: `${cloud.address}/devops/acme/`,
      ...{ project: changes.projectId, repository: changes.repositoryId, repositoryName: "code" },
      pullRequest: Number((await changes.open(`topic-${branches}`)).pullRequestId),
      token: new FeedTokens(Date.now, jobTokenKey).issue({
        ...{ role: "reader", seconds: 600 },
        job: { project: changes.projectId },
      }),
    };
  });

  const says = (what: string, more: Partial<StackPreview> = {}): Report =>
    makeReport([preview([step({ op: "create", name: what, after: {} })], more)]);
  const nothing = makeReport([preview([])]);
  const run = (number: number, attempt = 1) => ({ number: { number, attempt }, name: `run ${number}`, pipeline: "7" });
  const write = (report: Report, number: number, more: { target?: Target; attempt?: number } = {}) =>
    commentOn(
      report,
      { target: more.target ?? target, run: run(number, more.attempt), settle: 5, firstPause: 5 },
      { signal: new AbortController().signal, progress: (line) => void notes.push(line) },
    );
  const actions = (commented: readonly Commented[]) =>
    commented.map(({ kept, problem }) => kept?.action ?? `${problem?.why ?? ""} ${problem?.mend ?? ""}`);
  const threads = async (): Promise<(Properties & { comments: Properties[] })[]> =>
    body(await changes.requests("GET", `/${target.pullRequest}/threads`)).value as never[];
  const seen = async () =>
    (await threads())
      .filter(({ isDeleted }) => isDeleted !== true)
      .map(({ id, status, comments }) => ({ id, status, text: String(comments[0]?.content), of: comments.length }));
  const call = (method: string, path: string, sent: object, token: string = account.personalAccessToken) =>
    changes.requests(method, `/${target.pullRequest}/threads${path}`, sent, basic(token));

  it("are made once, edited after, closed when nothing changes, and opened again", async () => {
    assert.deepEqual(actions(await write(says("one"), 1)), ["created"]);
    const [first] = await seen();
    assert.deepEqual([first?.status, first?.of], ["active", 1]);
    assert.deepEqual(actions(await write(says("two"), 2)), ["edited"]);
    assert.match((await seen())[0]!.text, /`two`[^]*run 2/);
    await write(nothing, 3);
    assert.equal((await seen())[0]!.status, "closed");
    await write(says("two"), 4);
    const [last, ...others] = await seen();
    assert.deepEqual([last?.id, last?.status, last?.of, others], [first?.id, "active", 1, []]);
  });

  it("say where they are, as people open it", async () => {
    const [commented] = await write(says("one"), 1);
    assert.equal(
      commented?.kept?.url,
      `${cloud.address}/devops/acme/${changes.projectId}/_git/${changes.repositoryId}/pullrequest/${target.pullRequest}?discussionId=${String((await seen())[0]!.id)}`,
    );
  });

  it("stay closed when somebody closed them, until there is something new", async () => {
    await write(says("one"), 1);
    const id = String((await seen())[0]!.id);
    body(await call("PATCH", `/${id}`, { status: "fixed" }));
    await write(says("one"), 2);
    assert.equal((await seen())[0]!.status, "fixed");
    await write(says("two"), 3);
    assert.equal((await seen())[0]!.status, "active");
  });

  it("are one for each stack, project and pipeline", async () => {
    await write(says("one"), 1);
    await write(says("one", { stack: "staging" }), 1);
    await write(says("one", { project: "other" }), 1);
    const elsewhere = { number: { number: 1, attempt: 1 }, name: "run 1", pipeline: "8" };
    const signal = new AbortController().signal;
    await commentOn(says("one"), { target, run: elsewhere, settle: 5 }, { signal, progress: () => undefined });
    assert.equal((await seen()).length, 4);
  });

  it("are left to a newer run, and to a newer attempt of the same run", async () => {
    await write(says("new"), 5, { attempt: 2 });
    assert.deepEqual(actions(await write(says("old"), 4)), ["left to a newer run"]);
    assert.deepEqual(actions(await write(says("old"), 5, { attempt: 1 })), ["left to a newer run"]);
    assert.match((await seen())[0]!.text, /`new`/);
  });

  it("come to one thread with the newest run's words when many runs write at once", async () => {
    const numbers = [3, 6, 1, 5, 2, 4];
    for (const commented of await Promise.all(numbers.map((number) => write(says(`word-${number}`), number)))) {
      assert.ok(
        commented.every(({ problem }) => problem === undefined),
        JSON.stringify(commented),
      );
    }
    const all = await seen();
    assert.equal(all.length, 1, JSON.stringify(all));
    assert.match(all[0]!.text, /`word-6`/);
    assert.equal(all[0]!.status, "active");
  });

  it("are not those of somebody else, even with the same properties", async () => {
    await write(says("one"), 1);
    const [own] = (await threads()) as unknown as { properties: object; comments: { author: { id: string } }[] }[];
    const copy = { comments: [{ content: "mine" }], status: "active", properties: own!.properties };
    body(await call("POST", "", copy, personToken));
    // The stand-in does not say who calls, as the service does.
    const service = await AccountService.start(cloud.address, own!.comments[0]!.author.id);
    try {
      const organization = `${service.address}/devops/acme/`;
      assert.deepEqual(actions(await write(says("two"), 2, { target: { ...target, organization } as Target })), [
        "edited",
      ]);
    } finally {
      await service.stop();
    }
    const all = await seen();
    assert.deepEqual(
      all.map(({ text }) => (text === "mine" ? "mine" : text.includes("`two`"))),
      [true, "mine"],
    );
  });

  it("are made anew when somebody deleted them", async () => {
    await write(says("one"), 1);
    const id = String((await seen())[0]!.id);
    const { token } = target;
    body(await changes.requests("DELETE", `/${target.pullRequest}/threads/${id}/comments/1`, undefined, basic(token)));
    assert.deepEqual(actions(await write(says("two"), 2)), ["created"]);
    assert.equal((await seen()).length, 1);
  });

  it("keep what people answered: a second thread with answers is closed and not deleted", async () => {
    await write(says("one"), 1);
    const [own] = await threads();
    const second = { comments: [{ content: "second" }], status: "active", properties: own!.properties };
    const { id } = body(await call("POST", "", second, target.token));
    body(await call("POST", `/${String(id)}/comments`, { content: "an answer", parentCommentId: 1 }, personToken));
    await write(says("two"), 2);
    const all = await seen();
    assert.deepEqual(
      all.map(({ status, of }) => [status, of]),
      [
        ["active", 1],
        ["closed", 2],
      ],
    );
    // It is nobody's any more: the next run does not look at it again.
    assert.deepEqual(actions(await write(says("three"), 3)), ["edited"]);
    assert.equal((await seen())[1]!.text, "second");
  });

  it("are tried again when the service asks to come back later, and told of", async () => {
    cloud.injectFault({ status: 503, path: "/threads", count: 2 });
    assert.deepEqual(actions(await write(says("one"), 1)), ["created"]);
    assert.match(notes.join("\n"), /threads: 503 .*; again in 1 s/);
  });

  it("are never longer than the service takes", async () => {
    const many = Array.from({ length: 900 }, (_, index) =>
      step({ op: "create", name: `r-${index}-é\u{1f600}`, after: { text: `${index} `.repeat(200) } }),
    );
    assert.deepEqual(actions(await write(makeReport([preview(many)]), 1)), ["created"]);
    assert.ok((await seen())[0]!.text.length <= 150_000);
  });

  it("tell which right is missing, which pull request there is not, and which token is none", async () => {
    const other = new FeedTokens(Date.now, jobTokenKey).issue({ role: "reader", seconds: 600, job: {} });
    const [forbidden] = actions(await write(says("one"), 1, { target: { ...target, token: other } }));
    assert.match(forbidden!, /answered 40[34] /);
    const [absent] = actions(await write(says("one"), 1, { target: { ...target, pullRequest: 4711 } }));
    assert.match(absent!, /pull request 4711 could not be written: Azure DevOps answered 404 .*allowed to read/);
    const [unknown] = actions(await write(says("one"), 1, { target: { ...target, token: "none" } }));
    assert.match(unknown!, /answered 401 .*map SYSTEM_ACCESSTOKEN/);
    const away = { ...target, organization: "http://127.0.0.1:1/devops/acme/" } as Target;
    const [unreachable] = actions(await write(says("one"), 1, { target: away }));
    assert.match(unreachable!, /could not be reached .*Look at the agent's network and proxy/);
    for (const text of [...notes, forbidden, absent, unknown, unreachable]) assert.ok(!text!.includes(target.token));
  });
});
