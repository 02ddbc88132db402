import * as assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { AnchorTable, anchorLength, bestAnchor } from "../../../tools/scan/anchors";
import { find } from "./find";

const printable = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 6,
  maxLength: 60,
});
const anyText = fc.string({ unit: "grapheme", minLength: 6, maxLength: 40 }).filter((text) => text.length >= 6);
const secret = fc.oneof(printable, anyText);
const around = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const cuts = fc.array(fc.nat(2000), { maxLength: 12 });

const percent = (byte: number) => `%${byte.toString(16).padStart(2, "0").toUpperCase()}`;
const lowerHex = (text: string) => text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());

/** Each encoding, made in another way than the scan makes it. */
const encodings: Record<string, (value: string) => Buffer> = {
  raw: (value) => Buffer.from(value),
  base64: (value) => Buffer.from(Buffer.from(value).toString("base64").replace(/=+$/, "")),
  "URL-encoded, as little as must be": (value) => Buffer.from(encodeURIComponent(value)),
  "URL-encoded, in lower case": (value) => Buffer.from(lowerHex(encodeURIComponent(value))),
  "URL-encoded, every byte": (value) => Buffer.from([...Buffer.from(value)].map(percent).join("")),
  "URL-encoded, every byte in lower case": (value) =>
    Buffer.from(lowerHex([...Buffer.from(value)].map(percent).join(""))),
  "as a form": (value) => Buffer.from(new URLSearchParams({ x: value }).toString().slice(2)),
  "UTF-16 LE": (value) => Buffer.from(value, "utf16le"),
  "UTF-16 BE": (value) => Buffer.from(value, "utf16le").swap16(),
  hex: (value) => Buffer.from(Buffer.from(value).toString("hex")),
  JSON: (value) => Buffer.from(JSON.stringify(value).slice(1, -1)),
};

describe("the search for given secrets", () => {
  for (const [name, encode] of Object.entries(encodings)) {
    it(`finds any secret that is ${name}, wherever the content is cut`, () => {
      fc.assert(
        fc.property(secret, around, around, cuts, (value, before, after, places) => {
          const content = Buffer.concat([before, encode(value), after]);
          assert.ok(find(content, { secrets: [value], cuts: places }).leaks.length > 0);
        }),
        { numRuns: 150 },
      );
    });
  }

  for (const [alphabet, encoding] of [
    ["standard", "base64"],
    ["URL-safe", "base64url"],
  ] as const) {
    it(`finds any secret in base64 of what it lies in, at every alignment (${alphabet} alphabet)`, () => {
      fc.assert(
        fc.property(
          secret,
          fc.uint8Array({ maxLength: 9 }),
          fc.uint8Array({ maxLength: 9 }),
          cuts,
          (value, head, tail, places) => {
            const content = Buffer.concat([head, Buffer.from(value), tail]).toString(encoding);
            assert.ok(find(content, { secrets: [value], cuts: places }).leaks.length > 0);
          },
        ),
        { numRuns: 300 },
      );
    });
  }

  it("finds base64 that a program broke into lines of any usual length", () => {
    fc.assert(
      fc.property(
        printable,
        fc.nat(80),
        fc.constantFrom(60, 64, 70, 72, 76),
        fc.constantFrom("\n", "\r\n", "\\n", "\n    "),
        (value, padding, width, end) => {
          fc.pre(!end.endsWith(" ") || value.length > 10);
          const text = Buffer.from(`${"x".repeat(padding)}${value}`).toString("base64");
          const lines = text.match(new RegExp(`.{1,${width}}`, "g"))!.join(end);
          assert.ok(find(lines, { secrets: [value] }).leaks.length > 0);
        },
      ),
      { numRuns: 300 },
    );
  });

  for (const end of ["\\n", "\\r"]) {
    it(`finds base64 whose last letter before a break is that of the written break ${end}`, () => {
      const letter = end.slice(1);
      const text = `ISE${letter}ISEhISEh`;
      const value = Buffer.from(text, "base64").toString();
      assert.equal(Buffer.from(value).toString("base64"), text);
      assert.ok(find(`${text.slice(0, 4)}${end}${text.slice(4)}`, { secrets: [value] }).leaks.length > 0);
    });
  }

  it("finds a secret of which any bytes are URL-encoded, in either case", () => {
    const parts = fc.tuple(printable, fc.stringMatching(/^[A-Za-z0-9]{6,20}$/), anyText);
    fc.assert(
      fc.property(
        parts,
        fc.array(fc.constantFrom("as it is", "upper", "lower"), { minLength: 1 }),
        cuts,
        (texts, ways, places) => {
          const value = texts.join("");
          const encoded = [...Buffer.from(value)].map((byte, index) => {
            const character = String.fromCharCode(byte);
            const way = ways[index % ways.length];
            if (/[A-Za-z0-9]/.test(character) || (byte < 0x80 && way === "as it is")) return character;
            return way === "upper" ? percent(byte) : lowerHex(percent(byte));
          });
          assert.ok(find(`<${encoded.join("")}>`, { secrets: [value], cuts: places }).leaks.length > 0);
        },
      ),
    );
  });

  it("says when base64 is of user:secret", () => {
    fc.assert(
      fc.property(
        printable,
        fc.string({ unit: fc.constantFrom("a", "b", "c", "x", "y", "z"), minLength: 1, maxLength: 9 }),
        (value, user) => {
          const content = `{"auth": "${Buffer.from(`${user}:${value}`).toString("base64")}"}`;
          const kinds = find(content, { secrets: [value] }).leaks.map(({ encoding }) => encoding);
          assert.ok(
            kinds.some((kind) => kind.endsWith("of user:secret")),
            kinds.join(),
          );
        },
      ),
    );
    assert.equal(
      find(Buffer.from("only-this-secret").toString("base64"), { secrets: ["only-this-secret"] }).leaks[0]?.encoding,
      "base64",
    );
  });

  it("finds every one of many secrets at once, each where it is", () => {
    fc.assert(
      fc.property(fc.uniqueArray(printable, { minLength: 1, maxLength: 8 }), cuts, (values, places) => {
        const content = values.join(" \u0000 ");
        const { hits } = find(content, { secrets: values, cuts: places });
        for (const value of values) {
          assert.ok(
            hits.some(
              ({ offset, encoding }) =>
                encoding === "raw" && offset === Buffer.byteLength(content.slice(0, content.indexOf(value))),
            ),
          );
        }
      }),
    );
  });

  it("finds a secret at every place around the border of the window", () => {
    const value = "s3cr3t-Token/with+signs==";
    const window = (1 << 18) + 2 * (16 << 10);
    for (let offset = window - 60; offset <= window + 60; offset += 1) {
      const content = Buffer.concat([Buffer.alloc(offset, 0x2e), Buffer.from(value), Buffer.alloc(500, 0x2e)]);
      const { hits } = find(content, { secrets: [value] });
      assert.deepEqual(
        hits.map((hit) => hit.offset),
        [offset],
      );
    }
  });

  it("finds nothing in random data, nor parts of a secret", () => {
    const value = "pA9+x/7Kq2mZr5Tw";
    for (let round = 0; round < 8; round += 1) {
      assert.deepEqual(find(randomBytes(2_000_000), { secrets: [value], patterns: true }).hits, []);
      assert.deepEqual(find(randomBytes(1_000_000).toString("base64"), { secrets: [value], patterns: true }).hits, []);
      assert.deepEqual(find(randomBytes(500_000).toString("hex"), { secrets: [value], patterns: true }).hits, []);
    }
    assert.deepEqual(find(`${value.slice(0, -1)} ${value.slice(1)}`, { secrets: [value] }).hits, []);
  });
});

describe("the table of anchors", () => {
  it("reports exactly the places where an anchor lies", () => {
    const bytes = fc.uint8Array({ minLength: anchorLength, maxLength: anchorLength, min: 97, max: 100 });
    const content = fc.uint8Array({ maxLength: 400, min: 97, max: 100 });
    fc.assert(
      fc.property(
        fc.array(bytes, { minLength: 1, maxLength: 12 }),
        content,
        fc.nat(50),
        fc.nat(400),
        (anchors, text, from, length) => {
          const to = Math.min(from + length, text.length);
          const found: string[] = [];
          new AnchorTable(anchors.map((anchor, id) => ({ id, bytes: Buffer.from(anchor) }))).search(
            text,
            from,
            to,
            text.length,
            (id, at) => found.push(`${id}@${at}`),
          );
          const expected = anchors.flatMap((anchor, id) =>
            Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
              .filter((at) =>
                Buffer.from(text)
                  .subarray(at, at + anchorLength)
                  .equals(Buffer.from(anchor)),
              )
              .map((at) => `${id}@${at}`),
          );
          assert.deepEqual(found.toSorted(), expected.toSorted());
        },
      ),
      { numRuns: 500 },
    );
  });

  it("takes its anchor from within the secret", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: anchorLength, maxLength: 100 }), (bytes) => {
        const offset = bestAnchor(Buffer.from(bytes));
        return offset >= 0 && offset + anchorLength <= bytes.length;
      }),
    );
  });
});
