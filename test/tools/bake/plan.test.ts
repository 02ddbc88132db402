/** Tests what of an application's packages is built: only what the registry lacks, and once for equal locks. */
import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { UsageError } from "../../../tools/errors";
import { pairSets, planSets, type PlannedSet } from "../../../tools/bake/plan";
import { formatReference } from "../../../tools/registry";
import { applicationFacts } from "../recipe";

const hash = (digit: string) => digit.repeat(64);
const base = `sha256:${hash("b")}`;
const facts = applicationFacts({ requirements: "pyproject.toml", scripts: ["orders-api", "orders-worker"] });
const lock = (folder: string, sha256: string, packages = 1) => ({
  folder,
  suffix: `_${folder.toUpperCase().replace("-", "_")}`,
  extras: [],
  sha256,
  packages,
});

async function plan(
  locks: ReturnType<typeof lock>[],
  there: (repository: string, tag: string) => boolean,
  application = facts,
  baseDigest = base,
): Promise<PlannedSet[]> {
  return await planSets({
    registry: "registry.example.com",
    application,
    sets: pairSets(application, locks),
    baseDigest,
    lookUp: ({ repository, tag }) => Promise.resolve(there(repository, tag ?? "") ? `sha256:${hash("d")}` : undefined),
  });
}

describe("the plan of a build", () => {
  const locks = [lock("orders-api", hash("1")), lock("orders-worker", hash("2"))];

  it("builds everything where the registry has nothing", async () => {
    const plans = await plan(locks, () => false);
    assert.deepEqual(
      plans.map(({ dependencies, runtime }) => [dependencies?.tag, runtime?.repository]),
      [
        [hash("1"), "orders-runtime"],
        [hash("2"), "orders-runtime"],
      ],
    );
    assert.deepEqual(plans[0]?.variables, {
      LOCK_HASH_ORDERS_API: hash("1"),
      RUNTIME_TAG_ORDERS_API: plans[0]?.runtime?.tag,
    });
  });

  it("joins new run-time images of packages that are there", async () => {
    const plans = await plan(locks, (repository) => repository === "orders-deps");
    for (const { dependencies, runtime, facts: set, variables, grounds } of plans) {
      assert.equal(dependencies, undefined);
      assert.ok(runtime !== undefined);
      assert.equal(
        variables[`DEPENDENCIES${set.suffix}`],
        `docker-image://registry.example.com/orders-deps@sha256:${hash("d")}`,
      );
      assert.equal(grounds.length, 2);
    }
  });

  it("builds nothing where the run-time images are there", async () => {
    const plans = await plan(locks, (repository) => repository === "orders-runtime");
    for (const { dependencies, runtime, facts: set, variables, grounds } of plans) {
      assert.deepEqual([dependencies, runtime], [undefined, undefined]);
      assert.equal(
        variables[`RUNTIME${set.suffix}`],
        `docker-image://registry.example.com/orders-runtime@sha256:${hash("d")}`,
      );
      assert.deepEqual(grounds.map(formatReference), [`registry.example.com/orders-runtime@sha256:${hash("d")}`]);
    }
  });

  it("builds once for scripts with the same lock", async () => {
    const plans = await plan([lock("orders-api", hash("1")), lock("orders-worker", hash("1"))], () => false);
    assert.equal(plans.filter(({ dependencies }) => dependencies !== undefined).length, 1);
    assert.equal(plans[1]?.variables.RUNTIME_ORDERS_WORKER, "target:runtime-orders-api");
    const there = await plan([lock("orders-api", hash("1")), lock("orders-worker", hash("1"))], () => true);
    assert.equal(there[1]?.variables.RUNTIME_ORDERS_WORKER, there[0]?.variables.RUNTIME_ORDERS_API);
  });

  it("makes an image without packages of its own right on the base image", async () => {
    const empty = [lock("orders-api", hash("1"), 0), lock("orders-worker", hash("2"))];
    const [api, worker] = await plan(empty, () => false);
    assert.deepEqual([api?.dependencies, api?.runtime], [undefined, undefined]);
    assert.equal(api?.variables.RUNTIME_ORDERS_API, `docker-image://registry.example.com/python-web@${base}`);
    assert.ok(worker?.dependencies !== undefined);
    const wishes = { requirements: "requirements.txt", systemPackages: "bindep.txt" };
    const withSystemPackages = applicationFacts(wishes);
    const [only] = await plan([{ ...lock("orders", hash("1"), 0), suffix: "" }], () => false, withSystemPackages);
    assert.ok(only?.runtime !== undefined, "system packages need a run-time image");
  });

  it("names a run-time image by base image and lock: another of either is another image", async () => {
    const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
    await fc.assert(
      fc.asyncProperty(digest, digest, digest, digest, async (lockA, lockB, baseA, baseB) => {
        const tag = async (sha256: string, on: string) =>
          (
            await plan(
              [lock("orders-api", sha256), lock("orders-worker", hash("9"))],
              () => false,
              facts,
              `sha256:${on}`,
            )
          )[0]?.runtime?.tag;
        const [first, second] = [await tag(lockA, baseA), await tag(lockB, baseB)];
        assert.match(first ?? "", /^[0-9a-f]{64}$/);
        assert.equal(first === second, lockA === lockB && baseA === baseB);
      }),
      { numRuns: 30 },
    );
  });

  it("refuses locks that were made for another version of the recipe", () => {
    assert.throws(() => pairSets(facts, [lock("orders-api", hash("1"))]), UsageError);
  });
});
