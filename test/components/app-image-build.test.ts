/** The arguments of a build, as a recipe's bake file says them. */
import { deepStrictEqual, notStrictEqual, strictEqual, throws } from "node:assert";
import * as fc from "fast-check";
import {
  buildOrder,
  buildTag,
  fillTemplate,
  neededVariables,
  readBake,
  targetBuild,
  type TargetBuild,
} from "../../components/app-image-build";
import { literal } from "../../recipes/bake";

function bake(target: Record<string, unknown> = {}) {
  const shared = { context: "apps/x", dockerfile: "Dockerfile", platforms: ["linux/amd64"] };
  return readBake(
    JSON.stringify({
      variable: { REGISTRY: {}, NAME: { default: "x" }, NESTED: { default: "${NAME}/y" }, WITHOUT: {} },
      group: { default: { targets: ["image"] } },
      target: {
        stage: { ...shared, target: "stage", output: ["type=cacheonly"] },
        image: { ...shared, contexts: { from: "target:stage" }, ...target },
      },
    }),
  );
}

describe("a template of a bake file", () => {
  it("gives back any text that was made literal", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[${}%a"]*$/)), (text) => {
        strictEqual(fillTemplate(bake(), literal(text), {}), text);
      }),
    );
  });

  it("takes a given value, else the default, else nothing", () => {
    const fill = (template: string, values = {}): string => fillTemplate(bake(), template, values);
    strictEqual(fill("${NAME}-${NESTED}"), "x-x/y");
    strictEqual(fill("${NAME}-${NESTED}", { NAME: "z" }), "z-z/y");
    strictEqual(fill("a${WITHOUT}b"), "ab");
  });

  it("does not read a value as a template", () => {
    strictEqual(fillTemplate(bake(), "${NAME}", { NAME: "${REGISTRY}" }), "${REGISTRY}");
  });

  it("may hold no other expression", () => {
    for (const template of [
      "${OTHER}",
      '${NAME == "x" ? "a" : "b"}',
      "%{if NAME}",
      "${upper(NAME)}",
      "${constructor}",
    ]) {
      throws(() => fillTemplate(bake(), template, {}), /no variable of it: render the recipe anew/, template);
    }
  });
});

describe("a target's build", () => {
  it("names the repository that the recipe pushes to, and none for what it does not push", () => {
    const output = ["type=image,name=${REGISTRY}/team/x-deps:${NAME},push=true"];
    strictEqual(targetBuild(bake({ output }), "image", {}).repository, "team/x-deps");
    strictEqual(targetBuild(bake(), "stage", {}).repository, undefined);
  });

  it("tells what other targets make from addresses and folders", () => {
    const contexts = { from: "target:stage", base: "docker-image://${REGISTRY}/b", source: "src" };
    const { links, contexts: others } = targetBuild(bake({ contexts }), "image", { REGISTRY: "r" });
    deepStrictEqual(
      { links, others },
      { links: { from: "stage" }, others: { base: "docker-image://r/b", source: "src" } },
    );
  });

  it("takes a result that lies there already in the place of a target", () => {
    const { links, contexts } = targetBuild(bake({ contexts: { from: "${NAME}" } }), "image", { NAME: "dist" });
    deepStrictEqual({ links, contexts }, { links: {}, contexts: { from: "dist" } });
  });

  it("leaves out labels without a value", () => {
    const { labels } = targetBuild(bake({ labels: { a: "${WITHOUT}", b: "${NAME}" } }), "image", {});
    deepStrictEqual(labels, { b: "x" });
  });

  it("wants the variables without a default, but not those of its labels", () => {
    const wanted = { contexts: { base: "docker-image://${REGISTRY}/${NAME}" }, labels: { a: "${WITHOUT}" } };
    deepStrictEqual(neededVariables(bake(wanted), "image"), ["REGISTRY"]);
  });

  it("comes after those of the targets that it needs, each once", () => {
    deepStrictEqual(buildOrder(bake(), ["image", "stage"], {}), ["stage", "image"]);
    throws(
      () => buildOrder(bake({ contexts: { from: "target:image" } }), ["image"], {}),
      /need each other: image → image/,
    );
    throws(() => buildOrder(bake({ contexts: { from: "target:none" } }), ["image"], {}), /no target "none"/);
  });
});

describe("a build's tag", () => {
  const build = (parts: Partial<TargetBuild> = {}): TargetBuild => ({
    ...targetBuild(bake(), "image", {}),
    args: { a: "1", b: "2" },
    contexts: { lock: "/one/locks", base: "docker-image://r/b@sha256:00" },
    ...parts,
  });
  const hashes = { recipe: "r", lock: "l" };
  const tag = (parts?: Partial<TargetBuild>, of = hashes, links = { from: "t" }, platform = "linux/amd64"): string =>
    buildTag(build(parts), of, links, platform);

  it("does not depend on where a folder lies, on order, or on secrets", () => {
    strictEqual(tag({ contexts: { base: "docker-image://r/b@sha256:00", lock: "/another" } }), tag());
    strictEqual(tag({ args: { b: "2", a: "1" } }), tag());
    strictEqual(tag({ secrets: ["netrc"] }), tag());
  });

  it("is another one when anything is that decides what is built", () => {
    const others = [
      tag({ args: { a: "1", b: "3" } }),
      tag({ labels: { a: "1" } }),
      tag({ stage: "other" }),
      tag({ dockerfile: "other" }),
      tag({ contexts: { lock: "/one/locks", base: "docker-image://r/b@sha256:01" } }),
      tag({}, { recipe: "r", lock: "m" }),
      tag({}, hashes, { from: "u" }),
      tag({}, hashes, { from: "t" }, "linux/arm64"),
    ];
    others.forEach((other) => notStrictEqual(other, tag()));
    strictEqual(new Set(others).size, others.length);
  });
});

describe("a file that is no bake file of a recipe", () => {
  it("is refused with the place of the first mistake", () => {
    throws(
      () => readBake('{"target":{},"variable":{},"group":{}}'),
      /^Error: group\.default: .*render the recipe anew/,
    );
  });
});
