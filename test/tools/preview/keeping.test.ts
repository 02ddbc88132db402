/** One comment, whatever runs at the same time: every order of the calls of several runs, by chance. */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { compareRuns, keepComment, type CommentStore, type Entry, type KeptComment } from "../../../tools/preview";

/** A pull request whose calls take effect in an order that is given. */
class PullRequest {
  readonly comments: KeptComment[] = [];
  private made = 0;

  public constructor(private readonly pause: () => number) {}

  public store(): CommentStore {
    return {
      list: () => this.later(() => this.comments.map((one) => ({ ...one }))),
      create: (entry) =>
        this.later(() => {
          this.comments.push({ ...entry, id: ++this.made });
        }),
      // In two calls, as the services have it: first whose it is, then what it says.
      update: async ({ id }, { run, digest, content, open }, { reopen }) => {
        await this.later(() => this.change(id, { run, digest, ...(reopen ? { open } : {}) }));
        await this.later(() => this.change(id, { content }));
      },
      remove: ({ id }) =>
        this.later(() => {
          const at = this.comments.findIndex((one) => one.id === id);
          if (at >= 0) this.comments.splice(at, 1);
        }),
    };
  }

  private change(id: number, change: Partial<KeptComment>): void {
    const at = this.comments.findIndex((one) => one.id === id);
    if (at >= 0) this.comments[at] = { ...this.comments[at]!, ...change };
  }

  private async later<T>(work: () => T): Promise<T> {
    for (let wait = this.pause(); wait > 0; wait--) await turn();
    const result = work();
    for (let wait = this.pause(); wait > 0; wait--) await turn();
    return result;
  }
}

const { signal } = new AbortController();
const entry = (number: number, what: string, open = true): Entry => ({
  content: `${what} of ${number}`,
  run: { number, attempt: 1 },
  digest: what,
  open,
});

describe("keeping a comment", () => {
  it("comes to one comment with the newest run's words, in whatever order the calls of several runs take effect", async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 40, maxLength: 40 }),
        async (numbers, pauses) => {
          let at = 0;
          const request = new PullRequest(() => pauses[at++ % pauses.length]!);
          const settle = { signal, settle: 60 };
          await Promise.all(numbers.map((number) => keepComment(request.store(), entry(number, "words"), settle)));
          assert.deepEqual(
            request.comments.map(({ content, run }) => [content, run.number]),
            [[`words of ${Math.max(...numbers)}`, Math.max(...numbers)]],
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it("writes nothing where it says the same already", async () => {
    const request = new PullRequest(() => 0);
    await keepComment(request.store(), entry(1, "words"), { signal, settle: 0 });
    let writes = 0;
    const store = request.store();
    const counting: CommentStore = { ...store, update: (...all) => ((writes += 1), store.update(...all)) };
    assert.equal((await keepComment(counting, entry(1, "words"), { signal, settle: 0 })).action, "edited");
    assert.equal(writes, 0);
  });

  it("stops trying where a service never shows what was written", async () => {
    const request = new PullRequest(() => 0);
    const store = request.store();
    let updates = 0;
    const forgetful: CommentStore = {
      ...store,
      update: () => {
        updates += 1;
        return Promise.resolve();
      },
    };
    await store.create(entry(1, "old"));
    await keepComment(forgetful, entry(2, "new"), { signal, settle: 0 });
    assert.ok(updates > 1 && updates < 20, `${updates} updates`);
  });

  it("takes back its own second comment where a newer run no longer looks", async () => {
    const request = new PullRequest(() => 0);
    const store = request.store();
    let looks = 0;
    // Its first look comes before the newer run's comment, its own comment after.
    const late: CommentStore = { ...store, list: () => (++looks === 1 ? Promise.resolve([]) : store.list()) };
    await store.create(entry(2, "new"));
    const { action } = await keepComment(late, entry(1, "old"), { signal, settle: 0 });
    assert.equal(action, "left to a newer run");
    assert.deepEqual(
      request.comments.map(({ content }) => content),
      ["new of 2"],
    );
  });

  it("orders runs by their number, then by how often they were tried", () => {
    const runs = [
      { number: 2, attempt: 1 },
      { number: 1, attempt: 3 },
      { number: 10, attempt: 1 },
      { number: 2, attempt: 2 },
    ];
    assert.deepEqual(
      runs.toSorted(compareRuns).map(({ number, attempt }) => `${number}.${attempt}`),
      ["1.3", "2.1", "2.2", "10.1"],
    );
  });
});
