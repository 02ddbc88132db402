/** Tests that what this process knows as a secret is in no text of a report, in whatever form it turns up. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { environmentSecrets, makeReport, renderComment } from "../../../tools/preview";
import { diagnostic, preview, stackOutputs, step, violation } from "./samples";

const token = "ey/J+secret~token value=1234";

function rendered(value: string, secrets = [token]): string {
  const events = [
    step({ op: "create", name: `n-${value}`, after: { [value]: value, text: `a\n${value}\nb`, deep: [{ x: value }] } }),
    step({ op: "update", name: "u", before: { text: `a\n${value}\n` }, after: { text: `a\n${value} more\n` } }),
    diagnostic("error", `it said ${value}`),
    violation("mandatory", "p", `found ${value}`),
    stackOutputs({}, { out: value }),
  ];
  const failure = { what: "it failed", mend: "", output: `…${value}…` };
  const report = makeReport([preview(events, { failure, project: `p-${value}` })], { secrets });
  return renderComment(report, { limit: Infinity }) + JSON.stringify(report);
}

describe("secrets of the environment", () => {
  it("are those whose variables say so, without what is no secret", () => {
    const environment = {
      SYSTEM_ACCESSTOKEN: "system-token",
      AZDO_PERSONAL_ACCESS_TOKEN: "azdo-token",
      ARM_CLIENT_SECRET: "arm-secret",
      PULUMI_ACCESS_TOKEN: "pul-token",
      PULUMI_CONFIG_PASSPHRASE: "a passphrase",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/etc/passphrase",
      GITHUB_TOKEN: "ghs-token",
      servicePrincipalKey: "principal-key",
      idToken: "id-token",
      DEBUG_TOKEN: "true",
      SHORT_TOKEN: "abc",
      ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.example.com/x",
      PATH: "/usr/bin:/bin",
      HOME: "/home/agent",
      KEYBOARD: "qwertyuiop",
    };
    assert.deepEqual(environmentSecrets(environment), [
      "a passphrase",
      "arm-secret",
      "azdo-token",
      "ghs-token",
      "id-token",
      "principal-key",
      "pul-token",
      "system-token",
    ]);
  });

  const forms: Readonly<Record<string, (secret: string) => string>> = {
    raw: (secret) => secret,
    base64: (secret) => Buffer.from(secret).toString("base64"),
    "base64 of user and token": (secret) => Buffer.from(`user:${secret}`).toString("base64"),
    "base64 behind one more byte": (secret) => Buffer.from(`me:${secret}\n`).toString("base64"),
    "base64 for URLs": (secret) => Buffer.from(secret).toString("base64url"),
    "URL-encoded": (secret) => encodeURIComponent(secret),
    "URL-encoded in small letters": (secret) => encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase()),
    JSON: (secret) => JSON.stringify(secret),
    hex: (secret) => Buffer.from(secret).toString("hex"),
  };
  for (const [name, form] of Object.entries(forms)) {
    it(`are in no text of a report (${name})`, () => {
      const text = rendered(form(token));
      const core = form(token).replace(/=+$/, "");
      assert.ok(!text.includes(core), name);
      assert.ok(!text.includes(token), name);
      // Most of it, from the middle: what is left of a base64 group at either end tells nothing.
      assert.ok(!text.includes(core.slice(4, -4)), `${name}: a part is left`);
      assert.ok(text.includes("[secret]"));
    });
  }

  it("are masked also where they have several lines, which a diff tears apart", () => {
    const key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----";
    assert.ok(!rendered(key, [key]).includes("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"));
    assert.ok(!rendered("x MIIEvQIBADANBgkqhkiG9w0BAQEFAASC y", [key]).includes("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"));
  });

  it("do not show whatever they are made of", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 40, unit: "grapheme-ascii" }), (secret) => {
        // What is part of every report would be found without being a secret.
        fc.pre(secret.trim() === secret && !rendered("nothing", [secret]).includes(secret));
        const text = rendered(secret, [secret]);
        assert.ok(!text.includes(secret) && !text.includes(JSON.stringify(secret).slice(1, -1)));
      }),
      { numRuns: 60 },
    );
  });
});
