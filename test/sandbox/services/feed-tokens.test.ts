import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { withCredentials, writeFeedSecrets } from "../../../sandbox/services/feed/secrets";
import { FeedTokens, isAtLeast } from "../../../sandbox/services/feed/tokens";

describe("a job token", () => {
  let now: number;
  let tokens: FeedTokens;
  beforeEach(() => {
    now = 1_000_000_000_000;
    tokens = new FeedTokens(() => now);
  });

  it("has its role until it expires, and none from then on", () => {
    const token = tokens.issue({ role: "collaborator", seconds: 60 });
    strictEqual(tokens.roleOf(token), "collaborator");
    now += 59_999;
    strictEqual(tokens.roleOf(token), "collaborator");
    now += 1;
    strictEqual(tokens.roleOf(token), undefined);
  });

  it("has none once it is revoked, and others keep theirs", () => {
    const [one, other] = [1, 2].map(() => tokens.issue({ role: "reader", seconds: 60 }));
    tokens.revoke(one!);
    deepStrictEqual([tokens.roleOf(one!), tokens.roleOf(other!)], [undefined, "reader"]);
  });

  it("of another feed, a changed one, and what is no token has none", () => {
    const token = tokens.issue({ role: "reader", seconds: 60 });
    const [head, body, signature] = token.split(".");
    const more = Buffer.from(JSON.stringify({ jti: "x", role: "contributor", exp: 9e9 })).toString("base64url");
    const foreign = new FeedTokens(() => now).issue({ role: "contributor", seconds: 60 });
    for (const wrong of [
      foreign,
      `${head}.${more}.${signature}`,
      `${head}.${body}.`,
      `${token}.x`,
      `${head}.${body}`,
      "",
      "x",
    ]) {
      strictEqual(tokens.roleOf(wrong), undefined, wrong);
    }
  });

  it("is another one each time", () => {
    strictEqual(new Set([1, 2, 3].map(() => tokens.issue({ role: "reader", seconds: 60 }))).size, 3);
  });

  it("is not issued for no time", () => {
    for (const seconds of [0, -1, Number.NaN]) throws(() => tokens.issue({ role: "reader", seconds }), RangeError);
  });

  it("is known wherever its key is, with what its job may fetch", () => {
    const key = "a key of thirty-two characters..";
    const [here, there] = [1, 2].map(() => new FeedTokens(() => now, key));
    const job = { project: "p", repositories: ["r"] };
    const token = here!.issue({ role: "reader", seconds: 60, job });
    deepStrictEqual([there!.roleOf(token), there!.jobOf(token)], ["reader", job]);
    const elsewhere = new FeedTokens(() => now, `${key}x`);
    deepStrictEqual([elsewhere.roleOf(token), elsewhere.jobOf(token)], [undefined, undefined]);
    now += 60_000;
    strictEqual(there!.jobOf(token), undefined);
  });

  it("fetches nothing where it was issued for the feed alone, or is revoked", () => {
    strictEqual(tokens.jobOf(tokens.issue({ role: "reader", seconds: 60 })), undefined);
    const token = tokens.issue({ role: "reader", seconds: 60, job: {} });
    deepStrictEqual(tokens.jobOf(token), {});
    tokens.revoke(token);
    strictEqual(tokens.jobOf(token), undefined);
  });

  it("is not signed with a key that can be guessed", () => {
    throws(() => new FeedTokens(() => now, "short"), RangeError);
  });

  it("may do what the lesser roles may", () => {
    strictEqual(isAtLeast("contributor", "collaborator"), true);
    strictEqual(isAtLeast("collaborator", "collaborator"), true);
    strictEqual(isAtLeast("reader", "collaborator"), false);
  });
});

describe("a token written down for a build", () => {
  it("is in each of the three files, which only their owner reads, and whole again when it is rotated", () => {
    const folder = mkdtempSync(join(tmpdir(), "wheelhouse-secrets-"));
    try {
      const index = "http://127.0.0.1:8080/acme/_packaging/python/pypi/simple/";
      writeFeedSecrets(folder, index, "first-token-that-is-a-long-one");
      writeFeedSecrets(folder, index, "a%b");
      const text = (name: string): string => readFileSync(join(folder, name), "utf8");
      strictEqual(text("netrc"), "machine 127.0.0.1 login build password a%b\n");
      const address = "http://build:a%25b@127.0.0.1:8080/acme/_packaging/python/pypi/simple/";
      strictEqual(text("pip_index_url"), address);
      strictEqual(text("pip.conf"), `[global]\nindex-url = ${address.replace("%25", "%%25")}\n`);
      for (const name of ["netrc", "pip.conf", "pip_index_url"])
        strictEqual(statSync(join(folder, name)).mode & 0o777, 0o600);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("keeps its characters in an address", () => {
    strictEqual(new URL(withCredentials("http://127.0.0.1/simple/", "a/b:c@d%e")).password, "a%2Fb%3Ac%40d%25e");
  });
});
