import assert from "node:assert/strict";
import { SignedTokens } from "../../../sandbox/cloud/signed-tokens";

describe("tokens that the clouds sign", () => {
  let now = 1_700_000_000_000;
  const tokens = new SignedTokens("key", () => now);

  it("say what they were issued with until their time is over", () => {
    const token = tokens.issue("federation", { sub: "sc://acme/Platform/preview" }, 600);
    assert.equal((tokens.read("federation", token) as { sub: string }).sub, "sc://acme/Platform/preview");
    now += 599_000;
    assert.notEqual(tokens.read("federation", token), "expired");
    now += 1000;
    assert.equal(tokens.read("federation", token), "expired");
  });

  it("are nothing for another purpose, with another key, changed or malformed", () => {
    const token = tokens.issue("federation", { sub: "x" }, 600);
    assert.equal(tokens.read("azure", token), undefined);
    assert.equal(new SignedTokens("other", () => now).read("federation", token), undefined);
    assert.equal(new SignedTokens().read("federation", new SignedTokens().issue("federation", {}, 600)), undefined);
    const [head, , signature] = token.split(".");
    const body = Buffer.from(JSON.stringify({ sub: "y", exp: 9_999_999_999 })).toString("base64url");
    for (const wrong of ["", "a.b.c", "..", `${token}.more`, `${String(head)}.${body}.${String(signature)}`]) {
      assert.equal(tokens.read("federation", wrong), undefined, wrong);
    }
  });
});
