/** Tests how the facts of a recipe are read out of its bake file. */
import { deepEqual, throws } from "node:assert/strict";
import { readRecipeFacts, type BaseImageFacts } from "../../spec";

const facts: BaseImageFacts = {
  kind: "base-image",
  name: "python-web",
  builder: "python-web-builder",
  python: "3.13",
  platforms: ["linux/amd64"],
  requirements: "requirements.in",
  upstream: "python:3.13-slim",
  targets: { builder: "builder", runtime: "runtime" },
};

describe("The facts of a recipe", () => {
  it("are plain texts again, where the bake file has templates", () => {
    const written = { "x-wheelhouse": { ...facts, upstream: '${"$"}{UPSTREAM}${"$"}${"%"}{' } };
    deepEqual(readRecipeFacts(written), { ...facts, upstream: "${UPSTREAM}$%{" });
  });

  it("are missing from a bake file that Wheelhouse did not render, and the error says so", () => {
    for (const other of [{}, null, [], "text", { target: {} }]) {
      throws(() => readRecipeFacts(other), /it has no key "x-wheelhouse"/);
    }
  });

  it("are refused with the place of the mistake", () => {
    throws(() => readRecipeFacts({ "x-wheelhouse": { ...facts, python: 3 } }), /x-wheelhouse\.python: /);
    throws(() => readRecipeFacts({ "x-wheelhouse": { ...facts, targets: {} } }), /x-wheelhouse\.targets\.builder: /);
    throws(() => readRecipeFacts({ "x-wheelhouse": { ...facts, kind: "other" } }), /x-wheelhouse\.kind: /);
    throws(() => readRecipeFacts({ "x-wheelhouse": { ...facts, name: "a\nb" } }), /line end or a control character/);
    throws(() => readRecipeFacts({ "x-wheelhouse": { ...facts, added: true } }), /x-wheelhouse: .*added/);
  });
});
