/** Whatever a value holds: it is refused, or it is only a value in what is rendered. */
import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import type { App, BaseImage, RenderedFile } from "../../spec";
import { RecipeError, renderApplicationRecipe, renderBaseImageRecipe } from "../../recipes";
import { hostileText as hostile } from "./hostile-text";
import { evaluated, instructions, unquoted } from "./parse";
import { application, baseImage } from "./specs";

/** The text of a file whose path ends so, or undefined where the recipe refused. */
function rendered(files: () => RenderedFile[], end: string): string | undefined {
  try {
    return files().find(({ path }) => path.endsWith(end))?.content;
  } catch (error) {
    if (error instanceof RecipeError) return undefined;
    throw error;
  }
}

const recipe = (app: Partial<App>, end: string) =>
  rendered(() => renderApplicationRecipe(application(app), baseImage()), end);
const baseRecipe = (base: Partial<BaseImage>, end: string) =>
  rendered(() => renderBaseImageRecipe(baseImage(base)), end);
const keywords = (dockerfile: string) => instructions(dockerfile).map(({ keyword }) => keyword);

/** All keys of a JSON text, in order, with the path to each. */
function keys(json: string): string[] {
  const walk = (value: unknown, at: string): string[] =>
    typeof value !== "object" || value === null
      ? []
      : Object.entries(value).flatMap(([key, inner]) => [`${at}/${key}`, ...walk(inner, `${at}/${key}`)]);
  return walk(JSON.parse(json), "");
}

describe("a hostile value", () => {
  it("in env is one ENV line with that very value, or refused", () => {
    const expected = keywords(recipe({ env: { NAME: "x" } }, "Dockerfile")!);
    let taken = 0;
    fc.assert(
      fc.property(hostile, (value) => {
        const text = recipe({ env: { NAME: value } }, "Dockerfile");
        if (text === undefined) return;
        taken++;
        assert.deepEqual(keywords(text), expected);
        const line = instructions(text).find(({ keyword }) => keyword === "ENV");
        assert.equal(unquoted(line!.text.slice("NAME=".length)), value);
      }),
    );
    assert.ok(taken > 10, "hardly any value was rendered");
  });

  it("as the name of a variable is refused unless it is a name", () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const text = recipe({ env: { [name]: "x" } }, "Dockerfile");
        assert.equal(text !== undefined, /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
      }),
    );
  });

  it("as user is one USER line with that very name, or refused", () => {
    const expected = keywords(recipe({ user: "x" }, "Dockerfile")!);
    fc.assert(
      fc.property(hostile, (user) => {
        const text = recipe({ user }, "Dockerfile");
        if (text === undefined) return;
        assert.deepEqual(keywords(text), expected);
        assert.equal(unquoted(instructions(text).find(({ keyword }) => keyword === "USER")!.text), user);
      }),
    );
  });

  it("in a health check is one word of its command, or refused", () => {
    const check = { interval: 30, timeout: 5, startPeriod: 10, retries: 3 };
    const expected = keywords(recipe({ healthcheck: { ...check, command: ["x"] } }, "Dockerfile")!);
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 4 }), (command) => {
        const text = recipe({ healthcheck: { ...check, command } }, "Dockerfile");
        if (text === undefined) return;
        assert.deepEqual(keywords(text), expected);
        const line = instructions(text).find(({ keyword }) => keyword === "HEALTHCHECK")!.text;
        assert.deepEqual(JSON.parse(line.slice(line.indexOf("CMD ") + 4)), command);
      }),
    );
  });

  it("keeps a health check's word that looks like the end of one word and the start of the next", () => {
    const check = { interval: 30, timeout: 5, startPeriod: 10, retries: 3 };
    for (const command of [[","], [",", ","], ["x", ","], ['","']]) {
      const text = recipe({ healthcheck: { ...check, command } }, "Dockerfile")!;
      const line = instructions(text).find(({ keyword }) => keyword === "HEALTHCHECK")!.text;
      assert.deepEqual(JSON.parse(line.slice(line.indexOf("CMD ") + 4)), command);
    }
  });

  it("as a script's name adds no instruction", () => {
    const expected = keywords(recipe({ scripts: ["x"] }, "Dockerfile")!);
    fc.assert(
      fc.property(hostile, (script) => {
        const text = recipe({ scripts: [script] }, "Dockerfile");
        if (text !== undefined) assert.deepEqual(keywords(text), expected);
      }),
    );
  });

  it("as description is one label with that very text and no key or expression of its own", () => {
    const expected = keys(recipe({ description: "x" }, ".json")!);
    fc.assert(
      fc.property(hostile, (description) => {
        const text = recipe({ description }, ".json")!;
        assert.deepEqual(keys(text), expected);
        const bake = JSON.parse(text) as { target: Record<string, { labels?: Record<string, string> }> };
        assert.equal(
          evaluated(bake.target["image-orders"]!.labels!["org.opencontainers.image.description"]!),
          description,
        );
      }),
    );
  });

  it("as the path of a Dockerfile is that path and no expression", () => {
    const expected = keys(recipe({ dockerfile: "x" }, ".json")!);
    fc.assert(
      fc.property(hostile, (dockerfile) => {
        const text = recipe({ dockerfile }, ".json")!;
        assert.deepEqual(keys(text), expected);
        const bake = JSON.parse(text) as { target: Record<string, { dockerfile: string }> };
        assert.equal(evaluated(bake.target["image-orders"]!.dockerfile), dockerfile);
      }),
    );
  });

  it("as a base image's user or variable adds no instruction", () => {
    const expected = keywords(baseRecipe({ user: "x", env: { NAME: "x" } }, "Dockerfile")!);
    fc.assert(
      fc.property(hostile, hostile, (user, value) => {
        const text = baseRecipe({ user, env: { NAME: value } }, "Dockerfile");
        if (text !== undefined) assert.deepEqual(keywords(text), expected);
      }),
    );
  });

  it("as a number is refused unless it is a whole number in its range", () => {
    for (const port of [0, -1, 1.5, 65536, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(recipe({ ports: [port] }, "Dockerfile"), undefined, String(port));
    }
    const check = { command: ["x"], interval: 30, timeout: 5, startPeriod: 10, retries: 3 };
    for (const part of ["interval", "timeout", "retries"]) {
      assert.equal(recipe({ healthcheck: { ...check, [part]: 0 } }, "Dockerfile"), undefined, part);
    }
  });
});
