import assert from "node:assert/strict";
import { found, UNKNOWN } from "../asking";
import { devops, type Declared } from "../declared";

const rule = "agents-are-recycled";
const pool = (recycleAfterEachUse?: unknown): Declared => ({
  token: devops("ElasticPool"),
  name: "pool",
  args: { name: "pool", ...(recycleAfterEachUse === undefined ? {} : { recycleAfterEachUse }) },
});

describe(rule, () => {
  it("lets a pool pass whose machines are new for each job", () => {
    assert.deepEqual(found(rule, [pool(true), pool(UNKNOWN)]), []);
  });

  it("refuses machines that stay, which is the default", () => {
    assert.deepEqual(found(rule, [pool(false), pool()]), ["pool", "pool"]);
  });
});
