import assert from "node:assert/strict";
import { ask, found, places, UNKNOWN } from "../asking";
import { repositoryFile, type Declared } from "../declared";

const rule = "base-images-by-digest";
const digest = `sha256:${"0a".repeat(32)}`;
const recipe = (...lines: string[]): Declared => repositoryFile("recipe", "apps/orders/Dockerfile", lines.join("\n"));
const bake = (
  contexts: Readonly<Record<string, string>>,
  more: Readonly<Record<string, unknown>> = {},
  variable: Readonly<Record<string, unknown>> = {},
): Declared => {
  const target = { image: { context: "apps/orders", dockerfile: "Dockerfile", contexts, ...more } };
  return repositoryFile("bake", "apps/orders/docker-bake.json", JSON.stringify({ variable, target }));
};

describe(rule, () => {
  it("lets pass what is named by digest, is empty, or is another stage", () => {
    const whole = recipe(
      `# syntax=docker/dockerfile@${digest}`,
      `FROM --platform=$BUILDPLATFORM python:3.13@${digest} AS Build`,
      "RUN --mount=type=bind,from=build,target=/x true",
      "FROM scratch",
      "COPY --from=build /a /a",
      "COPY --from=0 /b /b",
    );
    assert.deepEqual(found(rule, [whole]), []);
  });

  it("refuses a tag, no tag at all, and a name that only looks like a digest", () => {
    for (const image of ["python:3.13-slim", "python", "python@sha256:123", `python:${digest}`, "$BASE:latest"]) {
      assert.deepEqual(places(rule, [recipe("# base", `FROM ${image}`)]), [
        "content of apps/orders/Dockerfile, line 2, FROM",
      ]);
    }
  });

  it("refuses a tag wherever an image is named: copies, mounts, the syntax", () => {
    const everywhere = recipe(
      "# syntax=docker/dockerfile:1",
      "FROM scratch",
      "COPY --from=busybox:latest /bin/sh /bin/sh",
      "RUN --mount=type=bind,from=ghcr.io/tools:1,target=/x <<EOF",
      "FROM python:3.13",
      "EOF",
    );
    assert.deepEqual(places(rule, [everywhere]), [
      "content of apps/orders/Dockerfile, line 1, # syntax",
      "content of apps/orders/Dockerfile, line 3, COPY --from",
      "content of apps/orders/Dockerfile, line 4, RUN --mount",
    ]);
  });

  it("looks through arguments with a default, and leaves those that a build gives", () => {
    assert.deepEqual(found(rule, [recipe("ARG TAG=3.13", "FROM python:${TAG}")]), ["recipe"]);
    assert.deepEqual(found(rule, [recipe("ARG BASE=python:3.13", "FROM $BASE")]), ["recipe"]);
    assert.deepEqual(found(rule, [recipe(`ARG BASE=python@${digest}`, "FROM ${BASE}")]), []);
    assert.deepEqual(found(rule, [recipe("ARG BASE", "FROM ${BASE}")]), []);
    assert.deepEqual(found(rule, [recipe("FROM ${BASE:-python:3.13}")]), ["recipe"]);
  });

  it("takes a name for a context only where a bake file for this very Dockerfile gives it", () => {
    const dockerfile = recipe("FROM builder AS install");
    const contexts = { builder: "docker-image://${REGISTRY}/python-web-builder@${BUILDER_DIGEST}" };
    assert.deepEqual(found(rule, [dockerfile]), ["recipe"]);
    assert.deepEqual(found(rule, [dockerfile, bake(contexts)]), []);
    assert.deepEqual(found(rule, [dockerfile, bake({ base: contexts.builder })]), ["recipe"]);
    assert.deepEqual(found(rule, [dockerfile, bake(contexts, { context: "apps/billing" })]), ["recipe"]);
    const elsewhere = bake(contexts);
    const other = { ...elsewhere, args: { ...elsewhere.args, repositoryId: "another" } };
    assert.deepEqual(found(rule, [dockerfile, other]), ["recipe"]);
  });

  it("refuses a context by tag, given itself or as a variable's default", () => {
    assert.deepEqual(places(rule, [bake({ base: "docker-image://python:3.13" })]), [
      "content of apps/orders/docker-bake.json, context base of target image",
    ]);
    const byVariable = bake({ base: "${RUNTIME}" }, {}, { RUNTIME: { default: "docker-image://python:3.13" } });
    assert.deepEqual(found(rule, [byVariable]), ["bake"]);
    const harmless = { base: "target:base", source: "${SOURCE}", local: "." };
    assert.deepEqual(found(rule, [bake(harmless, {}, { SOURCE: {} })]), []);
  });

  it("waits for contents that are not known yet, and for files that it cannot read", () => {
    const later = repositoryFile("later", "apps/orders/Dockerfile", UNKNOWN);
    const broken = repositoryFile("broken", "apps/orders/docker-bake.json", "{");
    assert.deepEqual(ask(rule, [later, broken]), []);
  });
});
