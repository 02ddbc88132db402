/** Tests that the committed JSON Schemas are those of the checks, and that they help in an editor. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { renderJsonSchemas } from "../../spec";

const ROOT = resolve(__dirname, "../..");

interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
}

describe("The JSON Schemas", () => {
  for (const { path, content } of renderJsonSchemas()) {
    const schema = JSON.parse(content) as Schema;

    it(`${path} is as committed; npm run render makes it again`, () => {
      equal(readFileSync(join(ROOT, path), "utf8"), content);
    });

    it(`${path} has a title, and allows no other keys`, () => {
      ok(schema.title !== undefined && schema.description !== undefined);
      equal(schema.additionalProperties, false);
    });

    it(`${path} describes every property`, () => {
      const bare = Object.entries(schema.properties ?? {}).filter(
        ([, property]) => (property.description ?? "").length < 10,
      );
      deepEqual(bare, []);
    });
  }

  it("say the defaults, and require only what has none", () => {
    const [app = {}, base = {}] = renderJsonSchemas().map(({ content }) => JSON.parse(content) as Schema);
    deepEqual(app.required, ["name", "baseImage"]);
    deepEqual(base.required, ["name", "python"]);
    const defaults = (schema: Schema): Map<string, unknown> =>
      new Map(Object.entries(schema.properties ?? {}).map(([name, property]) => [name, property.default]));
    equal(defaults(app).get("requirements"), "pyproject.toml");
    deepEqual(defaults(app).get("branches"), ["main"]);
    equal(defaults(base).get("schedule"), "0 4 * * *");
  });

  it("are named by the first line of every sample", () => {
    const samples = [
      ...readdirSync(join(ROOT, "apps")).map((name) => ({
        path: join(ROOT, "apps", name),
        line: "# yaml-language-server: $schema=../schemas/app.json",
      })),
      ...readdirSync(join(ROOT, "base-images")).map((name) => ({
        path: join(ROOT, "base-images", name, "base-image.yaml"),
        line: "# yaml-language-server: $schema=../../schemas/base-image.json",
      })),
    ];
    deepEqual(
      samples.filter(({ path, line }) => readFileSync(path, "utf8").split("\n")[0] !== line),
      [],
    );
  });
});
