/** Secrets in text: every form that a log could show. */
import { strict as assert } from "node:assert";

import fc from "fast-check";

import { SecretMasker } from "../../../../sandbox/agent/job/masking";
import { OutputStream } from "../../../../sandbox/agent/job/output";
import { token } from "./harness";

function masker(...secrets: string[]): SecretMasker {
  const made = new SecretMasker();
  for (const secret of secrets) made.add(secret);
  return made;
}

function tokens(): SecretMasker {
  const made = new SecretMasker();
  made.add(token, { token: true });
  return made;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("masking", () => {
  it("hides a secret wherever it stands, overlapping ones too", () => {
    assert.equal(masker("hunter2").mask("a hunter2, hunter2hunter2"), "a ***, ***");
    assert.equal(masker("abcd", "cdef").mask("xabcdefx"), "x***x");
    assert.equal(masker("aa").mask("aaaaa"), "***");
  });

  it("hides each line of a secret with several", () => {
    const masked = masker("-----BEGIN-----\nMIIsecret\r\n-----END-----");
    assert.equal(masked.mask("> MIIsecret <"), "> *** <");
  });

  it("lets everything else be, and takes no blanks for a secret", () => {
    const made = masker("", "  ", "\n");
    assert.equal(made.mask("nothing  here"), "nothing  here");
    assert.equal(made.longest, 0);
  });

  for (const [form, show] of [
    ["URL-encoded", encodeURIComponent],
    [
      "URL-encoded in small letters",
      (text: string) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
    ],
    ["as JSON", (text: string) => JSON.stringify(text)],
    ["in base64", base64],
    ["in base64 for URLs", (text: string) => Buffer.from(text).toString("base64url")],
    ["in URL-encoded base64", (text: string) => encodeURIComponent(base64(text))],
    [
      "escaped as in a command",
      (text: string) => text.replaceAll("%", "%AZP25").replaceAll(";", "%3B").replaceAll("]", "%5D"),
    ],
  ] as const) {
    it(`hides a secret ${form}`, () => {
      fc.assert(
        fc.property(fc.string({ minLength: 4, maxLength: 60, unit: "grapheme" }), (secret) => {
          fc.pre(secret.trim().length >= 4);
          const shown = show(secret);
          const masked = masker(secret).mask(`> ${shown} <`);
          assert.ok(!masked.includes(shown.trim()), masked);
        }),
      );
    });
  }

  it("hides a token in the base64 of a user and a token, whatever stands before it", () => {
    for (const user of ["build:", ":", "ab:", "a"]) {
      const encoded = base64(`${user}${token}\n`);
      assert.equal(tokens().mask(`auth ${encoded} end`), "auth *** end");
    }
  });

  it("hides base64 that was wrapped, at every width", () => {
    for (const width of [24, 64, 76]) {
      for (const line of base64(`build:${token}`).match(new RegExp(`.{1,${width}}`, "g"))!) {
        if (line.length >= 12) assert.equal(tokens().mask(line), "***");
      }
    }
  });

  it("hides a token that was wrapped or shown in part", () => {
    for (const line of token.match(/.{1,30}/g)!) if (line.length >= 12) assert.equal(tokens().mask(line), "***");
    assert.equal(tokens().mask(`https://build:${token}@host/simple/`), "https://build:***@host/simple/");
  });

  it("does not take words that a secret of several words has for it", () => {
    const made = masker("the registry of the platform is at example.com");
    assert.equal(made.mask("the registry of the platform"), "the registry of the platform");
  });
});

describe("lines of output", () => {
  function read(secrets: readonly string[], chunks: readonly Buffer[], lineBytes = 1000): string[] {
    const lines: string[] = [];
    const known = masker(...secrets);
    const parts = { masker: known, limits: { lineBytes, logBytes: 1e9 }, full: () => false };
    const stream = new OutputStream(parts, (text) => lines.push(known.mask(text)));
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
    return lines;
  }

  it("are the same however they come in pieces", () => {
    const text = "first\nzweite Zeile: käse 🧀\r\nprogress 1\rprogress 2\rlast hunter2 end";
    fc.assert(
      fc.property(fc.array(fc.nat(Buffer.byteLength(text)), { maxLength: 12 }), (cuts) => {
        const bytes = Buffer.from(text);
        const places = [0, ...cuts.sort((one, other) => one - other), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        assert.deepEqual(read(["hunter2"], chunks), [
          "first",
          "zweite Zeile: käse 🧀",
          "progress 1",
          "progress 2",
          "last *** end",
        ]);
      }),
    );
  });

  it("that are too long are cut, and never within a secret", () => {
    const secret = "S".repeat(40);
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 1, max: 90 }), (before, size) => {
        const bytes = Buffer.from(`${"x".repeat(before)}${secret}${"y".repeat(200)}\nnext`);
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        const lines = read([secret], chunks, 100);
        assert.ok(
          lines.every((line) => line.length <= 190 && !line.includes("S")),
          lines.join("\n"),
        );
        assert.equal(lines.at(-1), "next");
        assert.equal(lines.slice(0, -1).join(""), `${"x".repeat(before)}***${"y".repeat(200)}`);
      }),
    );
  });
});
