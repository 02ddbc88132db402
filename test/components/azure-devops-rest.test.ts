import assert from "node:assert/strict";
import { credentialFrom } from "../../components/azure-devops-credential";
import { RestError, sendJson, type Clock, type RestOptions } from "../../components/azure-devops-rest";
import { FeedsService, type Answer } from "./feeds-service";

const TOKEN = "pat-4f9c2d81e6b7a350";

const about = { subject: "feed python", rights: "the scope X", parts: "organization and feed" };

/** A clock that never waits, and remembers how long it should have. */
class SkippingClock implements Clock {
  readonly slept: number[] = [];
  private time = 1_700_000_000_000;

  now(): number {
    return this.time;
  }

  sleep(milliseconds: number): Promise<void> {
    this.slept.push(milliseconds);
    this.time += milliseconds;
    return Promise.resolve();
  }
}

describe("requests to Azure DevOps", () => {
  let service: FeedsService | undefined;
  let clock: SkippingClock;

  beforeEach(() => {
    clock = new SkippingClock();
  });

  afterEach(async () => {
    await service?.stop();
    service = undefined;
  });

  async function send(answers: readonly Answer[], more: Partial<RestOptions> = {}): Promise<unknown> {
    service = await FeedsService.start((_, index) => answers[Math.min(index, answers.length - 1)]!);
    return sendJson(
      { method: "GET", url: `${service.url}/x`, ...about },
      { credential: () => credentialFrom({ AZDO_PERSONAL_ACCESS_TOKEN: TOKEN }), clock, random: () => 0.5, ...more },
    );
  }

  async function refused(answers: readonly Answer[], more: Partial<RestOptions> = {}): Promise<RestError> {
    const outcome: unknown = await send(answers, more).catch((error: unknown) => error);
    assert.ok(outcome instanceof RestError, `no RestError: ${String(outcome)}`);
    return outcome;
  }

  it("returns the answer's JSON and sends the token as the password of Basic authentication", async () => {
    assert.deepEqual(await send([{ body: { name: "python" } }]), { name: "python" });
    assert.equal(service!.received[0]!.headers.authorization, `Basic ${Buffer.from(`:${TOKEN}`).toString("base64")}`);
  });

  it("waits as long as Retry-After says after 429", async () => {
    await send([{ status: 429, headers: { "retry-after": "7" } }, { body: {} }]);
    assert.deepEqual(clock.slept, [7000]);
  });

  it("understands a date in Retry-After", async () => {
    const date = new Date(clock.now() + 9000).toUTCString();
    await send([{ status: 429, headers: { "retry-after": date } }, {}]);
    assert.equal(clock.slept.length, 1);
    assert.ok(clock.slept[0]! > 7900 && clock.slept[0]! <= 9000, String(clock.slept[0]));
  });

  it("backs off by itself where Retry-After says nothing that it understands", async () => {
    await send([{ status: 503, headers: { "retry-after": "soon" } }, {}]);
    assert.deepEqual(clock.slept, [375]);
  });

  it("tries again after a 500 and succeeds", async () => {
    assert.deepEqual(await send([{ status: 500 }, { status: 502 }, { body: { ok: true } }]), { ok: true });
    assert.equal(service!.received.length, 3);
  });

  it("tries again after a broken connection", async () => {
    assert.deepEqual(await send([{ broken: true }, { body: { ok: true } }]), { ok: true });
  });

  it("doubles the wait up to twenty seconds, half of it random", async () => {
    await refused([{ status: 503 }], { random: () => 0 });
    assert.deepEqual(clock.slept.slice(0, 8), [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    clock = new SkippingClock();
    await service!.stop();
    await refused([{ status: 503 }], { random: () => 1 });
    assert.deepEqual(clock.slept.slice(0, 7), [500, 1000, 2000, 4000, 8000, 16_000, 20_000]);
  });

  it("gives up when the time is over, and says so", async () => {
    const error = await refused([{ status: 503 }], { totalMilliseconds: 2000 });
    assert.ok(clock.slept.reduce((sum, one) => sum + one, 0) < 2000);
    assert.equal(error.status, 503);
    assert.match(error.message, /gave up after 3 attempts/);
  });

  it("does not begin a wait that Retry-After makes longer than the time that is left", async () => {
    const error = await refused([{ status: 429, headers: { "retry-after": "3600" } }]);
    assert.deepEqual(clock.slept, []);
    assert.match(error.message, /answered 429; gave up after 1 attempt:/);
  });

  it("ends an attempt that gets no answer", async () => {
    const hanging: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init!.signal!.addEventListener("abort", () => reject(init!.signal!.reason as Error));
      });
    const error = await refused([{}], { fetch: hanging, attemptMilliseconds: 20, totalMilliseconds: 300 });
    assert.match(error.message, /no answer from 127\.0\.0\.1/);
  });

  for (const [status, mend] of [
    [401, /renew AZDO_PERSONAL_ACCESS_TOKEN/],
    [203, /renew AZDO_PERSONAL_ACCESS_TOKEN/],
    [302, /renew AZDO_PERSONAL_ACCESS_TOKEN/],
    [403, /it needs the scope X$/],
    [404, /check organization and feed$/],
  ] as const) {
    it(`says at once how to mend ${String(status)}`, async () => {
      const error = await refused([{ status, headers: { location: "https://signin.example/" }, body: "<html>" }]);
      assert.equal(error.status, status);
      assert.match(error.message, /^feed python: 127\.0\.0\.1:\d+ answered /);
      assert.match(error.message, mend);
      assert.equal(service!.received.length, 1);
    });
  }

  it("hands on what the service says, but no page", async () => {
    const told = await refused([{ status: 400, body: { message: "The name is taken." } }]);
    assert.match(told.message, /answered 400 \(The name is taken\.\)$/);
    await service!.stop();
    const page = await refused([{ status: 400, body: "<html><body>Bad</body></html>" }]);
    assert.doesNotMatch(page.message, /html/);
  });

  it("refuses an answer that is not JSON", async () => {
    await assert.rejects(send([{ body: "<html>" }]), /answered something that is not JSON/);
  });

  it("never puts the token into an error, whatever the service echoes", async () => {
    const encoded = Buffer.from(`:${TOKEN}`).toString("base64");
    for (const status of [400, 401, 403, 404, 500]) {
      const message = `you sent ${TOKEN}, that is Basic ${encoded}, or ${encodeURIComponent(encoded)}`;
      const error = await refused([{ status, body: { message } }], { totalMilliseconds: 500, random: () => 1 });
      const texts = [error.message, error.stack, String(error.cause), JSON.stringify(error)].join("\n");
      assert.ok(!texts.includes(TOKEN) && !texts.includes(encoded), texts);
      assert.match(error.message, /\*\*\*/);
      await service!.stop();
    }
  });

  it("never puts the token into an error that fetch throws", async () => {
    const leaking: typeof fetch = (_, init) => Promise.reject(new Error(JSON.stringify(init!.headers)));
    const error = await refused([{}], { fetch: leaking, totalMilliseconds: 1 });
    assert.ok(!`${error.message}${String(error.stack)}`.includes(Buffer.from(`:${TOKEN}`).toString("base64")));
  });

  it("asks for the credential before every attempt", async () => {
    const tokens = ["first", "second"];
    await send([{ status: 500 }, {}], {
      credential: () => credentialFrom({ SYSTEM_ACCESSTOKEN: tokens.shift()! }),
    });
    assert.deepEqual(
      service!.received.map(({ headers }) => headers.authorization),
      ["Bearer first", "Bearer second"],
    );
  });

  for (const [url, complaint] of [
    ["http://feeds.example/contoso", /would send the token unencrypted: use https/],
    ["https://user:password@feeds.example/contoso", /holds credentials: remove them/],
  ] as const) {
    it(`sends nothing to ${new URL(url).protocol}//${new URL(url).username ? "user@" : ""}…`, async () => {
      let asked = false;
      const options: RestOptions = {
        credential: () => credentialFrom({ AZDO_PERSONAL_ACCESS_TOKEN: TOKEN }),
        fetch: () => {
          asked = true;
          return Promise.resolve(new Response("{}"));
        },
      };
      const error: unknown = await sendJson({ method: "GET", url, ...about }, options).catch((e: unknown) => e);
      assert.ok(error instanceof RestError);
      assert.match(error.message, complaint);
      assert.ok(!error.message.includes("password"));
      assert.equal(asked, false);
    });
  }
});

describe("the credential for Azure DevOps", () => {
  it("is the personal access token before the job's token", () => {
    const { authorization } = credentialFrom({ AZDO_PERSONAL_ACCESS_TOKEN: " pat\n", SYSTEM_ACCESSTOKEN: "job" });
    assert.equal(authorization, `Basic ${Buffer.from(":pat").toString("base64")}`);
  });

  it("is the job's token where there is no other", () => {
    const { authorization } = credentialFrom({ AZDO_PERSONAL_ACCESS_TOKEN: "", SYSTEM_ACCESSTOKEN: "job" });
    assert.equal(authorization, "Bearer job");
  });

  it("is missing where neither is set, and the error names both", () => {
    assert.throws(() => credentialFrom({}), /set AZDO_PERSONAL_ACCESS_TOKEN .* or SYSTEM_ACCESSTOKEN/);
  });

  it("is refused, unquoted, where no header could carry it", () => {
    assert.throws(
      () => credentialFrom({ SYSTEM_ACCESSTOKEN: "two\nlines" }),
      (error: Error) => error.message.includes("white space") && !/two|lines/.test(error.message),
    );
  });
});
