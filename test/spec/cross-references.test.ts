/** Tests what no file can tell alone. */
import { deepEqual, equal, match } from "node:assert/strict";
import { appImages, imageName } from "../../spec";
import { crossReferences } from "../../spec/cross-references";
import { read } from "./settings";
import { app, baseImage, between, told } from "./specs";

const web = baseImage('name: python-web\npython: "3.12"\n');
const named = (name: string, ...lines: readonly string[]) =>
  app([`name: ${name}`, "baseImage: python-web", ...lines].join("\n"), name);

describe("Images", () => {
  it("are named as the application, or as the script with the application before it", () => {
    equal(imageName("orders", "orders-api"), "orders-api");
    equal(imageName("orders", "Orders_Worker"), "orders-worker");
    equal(imageName("orders", "migrate"), "orders-migrate");
    equal(imageName("orders", "orders"), "orders");
    equal(imageName("orders", "ordersapi"), "orders-ordersapi");
    deepEqual(appImages({ name: "orders", scripts: [] }), [{ repository: "orders", script: undefined }]);
    deepEqual(appImages({ name: "orders", scripts: ["migrate"] }), [
      { repository: "orders-migrate", script: "migrate" },
    ]);
  });
});

describe("Specifications together", () => {
  it("are fine when every name is there once", () => {
    deepEqual(
      between([web], [named("orders", "scripts: [orders-api]"), named("orders-worker"), named("forecast")]),
      [],
    );
  });

  it("share one name space", () => {
    const [problem, ...more] = between([web], [named("python-web")]);
    match(problem!.message, /"python-web" is already base image python-web/);
    match(problem!.mend, /base-images\/python-web\/base-image.yaml:1:7/);
    deepEqual(more, []);
  });

  it("may not have two images of one name", () => {
    const clash = (...apps: Parameters<typeof between>[1]): string[] => told(between([web], apps));
    match(
      clash(named("orders", "scripts: [orders-api]"), named("orders-api")).join(),
      /^name: "orders-api" is already the image of script orders-api of orders/,
    );
    match(
      clash(named("orders-api"), named("orders", "scripts: [api]")).join(),
      /^scripts\[0\]: "orders-api" is already application orders-api/,
    );
    match(clash(named("orders", "scripts: [Orders_API]"), named("orders-api")).join(), /^name: "orders-api"/);
    match(clash(named("orders"), named("orders-deps")).join(), /the dependency image of orders/);
    match(clash(named("orders"), named("orders-runtime")).join(), /the run-time image of orders/);
    match(
      clash(named("orders", "scripts: [deps]")).join(),
      /^scripts\[0\]: "orders-deps" is already the dependency image/,
    );
    match(clash(named("python-web-builder")).join(), /the builder of base image python-web/);
  });

  it("may not have two applications in one repository, unless each has its own pipeline file", () => {
    const clash = (...apps: Parameters<typeof between>[1]): string[] => told(between([web], apps));
    match(
      clash(named("a1", "repository: shop"), named("a2", "repository: Shop")).join(),
      /^repository: .* is already the repository of a1/,
    );
    match(clash(named("a1"), named("a2", "repository: { create: a1 }")).join(), /^repository\.create: /);
    deepEqual(
      clash(
        named("a1", "repository: { existing: shop, pipelineFile: a.yml }"),
        named("a2", "repository: { existing: shop, pipelineFile: b.yml }"),
      ),
      [],
    );
  });

  it("need a base image that is there; the nearest is named, and all of them", () => {
    const [problem] = between([web], [app("name: orders\nbaseImage: python-wep\n")]);
    deepEqual([problem!.path, problem!.line, problem!.column], ["baseImage", 2, 12]);
    equal(problem!.mend, "did you mean python-web? known here: python-web");
    match(between([], [named("orders")])[0]!.mend, /make one/);
  });

  it("do not tell a base image as missing when only its file is wrong", () => {
    deepEqual(between([baseImage("name: [\n")], [named("orders")]), []);
  });

  it("must leave room for the platform's mirror before an upstream image", () => {
    const long = `team/${"a".repeat(150)}`;
    const found = (upstreamRegistry: string, upstream: string) =>
      crossReferences([baseImage(`name: python-web\npython: "3.12"\nupstream: ${upstream}\n`)], [], {
        ...read({}),
        upstreamRegistry,
      });
    deepEqual(found(`a.example/${"b".repeat(89)}`, long), []);
    const [problem] = found(`a.example/${"b".repeat(90)}`, long);
    deepEqual([problem?.path, problem?.line], ["upstream", 3]);
    match(problem?.message ?? "", /it has 256 characters/);
    deepEqual(found(`a.example/${"b".repeat(90)}`, `host.example/${long}`), []);
  });

  it("must agree on the Python version and the user", () => {
    deepEqual(told(between([web], [named("orders", 'python: "3.11"')])), [
      'python: "3.11" is not the Python version of base image python-web, "3.12"',
    ]);
    deepEqual(told(between([web], [named("orders", 'python: "3.12"', "user: app")])), []);
    deepEqual(told(between([web], [named("orders", "user: web")])), [
      'user: "web" is not the user of base image python-web, "app"',
    ]);
    deepEqual(told(between([web], [named("orders", 'user: "1000"')])), []);
  });
});
