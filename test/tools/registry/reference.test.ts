import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { InvalidReferenceError, formatReference, parseReference } from "../../../tools/registry";
import { parseChallenges } from "../../../tools/registry/challenge";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("an image reference", () => {
  const read: [string, unknown][] = [
    ["python", { registry: "docker.io", repository: "library/python" }],
    ["python:3.13-slim", { registry: "docker.io", repository: "library/python", tag: "3.13-slim" }],
    ["index.docker.io/python", { registry: "docker.io", repository: "library/python" }],
    ["team/orders", { registry: "docker.io", repository: "team/orders" }],
    ["localhost/orders", { registry: "localhost", repository: "orders" }],
    ["127.0.0.1:5000/orders", { registry: "127.0.0.1:5000", repository: "orders" }],
    ["[::1]:5000/orders:a", { registry: "[::1]:5000", repository: "orders", tag: "a" }],
    [
      `contoso.azurecr.io/a/b__c:1@${digest}`,
      { registry: "contoso.azurecr.io", repository: "a/b__c", tag: "1", digest },
    ],
  ];
  for (const [text, parts] of read) {
    it(`is read from ${text}`, () => {
      assert.deepEqual(parseReference(text), parts);
      assert.deepEqual(parseReference(formatReference(parseReference(text))), parts);
    });
  }

  for (const text of [
    "",
    "a b",
    "Orders",
    "https://host/a",
    "host.io/a:",
    "host.io/",
    "a@sha256:12",
    "host.io/a//b",
    "-a",
    "a:b c",
    "host.io:99999999/a",
  ]) {
    it(`is refused in ${JSON.stringify(text)}, with a mend`, () => {
      assert.throws(
        () => parseReference(text),
        (error: InvalidReferenceError) => {
          assert.ok(error instanceof InvalidReferenceError);
          return error.mend !== "";
        },
      );
    });
  }

  it("is the same when read back from any text that is one", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (first, second) => {
        const text = `${first}/${second}`;
        let parsed;
        try {
          parsed = parseReference(text);
        } catch (error) {
          return error instanceof InvalidReferenceError;
        }
        assert.deepEqual(parseReference(formatReference(parsed)), parsed);
        return true;
      }),
    );
  });
});

describe("a registry's challenge", () => {
  it("is read with its parameters", () => {
    const header =
      'Bearer realm="https://r.io/token",service="r.io",scope="repository:a/b:pull,push", Basic realm="a \\"b\\""';
    assert.deepEqual(
      parseChallenges(header).map(({ scheme, parameters }) => ({ scheme, ...Object.fromEntries(parameters) })),
      [
        { scheme: "bearer", realm: "https://r.io/token", service: "r.io", scope: "repository:a/b:pull,push" },
        { scheme: "basic", realm: 'a "b"' },
      ],
    );
  });

  it("never hangs or fails, whatever the header holds", () => {
    fc.assert(fc.property(fc.string(), (header) => Array.isArray(parseChallenges(header))));
  });
});
