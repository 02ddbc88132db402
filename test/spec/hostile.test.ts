/** Tests that no text that a user writes can break out of YAML, shell or a Dockerfile. */
import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { app, baseImage } from "./specs";

type Place = (text: string) => Record<string, unknown>;

const key = (text: string, value: unknown): Record<string, unknown> => Object.fromEntries([[text, value]]);

/** Every place of an application's file that takes a text. */
const APP_PLACES: Readonly<Record<string, Place>> = {
  name: (text) => ({ name: text }),
  description: (text) => ({ description: text }),
  team: (text) => ({ team: text }),
  baseImage: (text) => ({ baseImage: text }),
  repository: (text) => ({ repository: text }),
  "repository.create": (text) => ({ repository: { create: text } }),
  "repository.existing": (text) => ({ repository: { existing: text } }),
  "repository.pipelineFile": (text) => ({ repository: { existing: "shop", pipelineFile: text } }),
  python: (text) => ({ python: text }),
  requirements: (text) => ({ requirements: text }),
  lock: (text) => ({ lock: text }),
  scripts: (text) => ({ scripts: [text] }),
  extras: (text) => ({ extras: [text] }),
  "extras of a script": (text) => ({ scripts: ["orders-api"], extras: { "orders-api": [text] } }),
  "a script of extras": (text) => ({ extras: key(text, ["a"]) }),
  systemPackages: (text) => ({ systemPackages: text }),
  dockerfile: (text) => ({ dockerfile: text }),
  user: (text) => ({ user: text }),
  "a name of env": (text) => ({ env: key(text, "x") }),
  "a value of env": (text) => ({ env: { A: text } }),
  healthcheck: (text) => ({ healthcheck: [text] }),
  "healthcheck.command": (text) => ({ healthcheck: { command: ["a", text] } }),
  branches: (text) => ({ branches: [text] }),
  pool: (text) => ({ pool: text }),
  "pool.name": (text) => ({ pool: { name: text } }),
  "pool.demands": (text) => ({ pool: { name: "linux", demands: [text] } }),
  "a key": (text) => key(text, "x"),
};

/** Every place of a base image's file that takes a text. */
const BASE_PLACES: Readonly<Record<string, Place>> = {
  name: (text) => ({ name: text }),
  description: (text) => ({ description: text }),
  upstream: (text) => ({ upstream: text }),
  python: (text) => ({ python: text }),
  tag: (text) => ({ tag: text }),
  schedule: (text) => ({ schedule: text }),
  platforms: (text) => ({ platforms: [text] }),
  user: (text) => ({ user: text }),
  "a name of env": (text) => ({ env: key(text, "x") }),
  "a value of env": (text) => ({ env: { A: text } }),
  pool: (text) => ({ pool: text }),
};

const PLACES: readonly { kind: string; place: Place; allowed: (written: Record<string, unknown>) => boolean }[] = [
  ...Object.entries(APP_PLACES).map(([name, place]) => ({
    kind: `${name} of an application`,
    place,
    allowed: (written: Record<string, unknown>) =>
      app(stringify({ name: "orders", baseImage: "python-web", ...written })).spec !== undefined,
  })),
  ...Object.entries(BASE_PLACES).map(([name, place]) => ({
    kind: `${name} of a base image`,
    place,
    allowed: (written: Record<string, unknown>) =>
      baseImage(stringify({ name: "python-web", python: "3.12", ...written })).spec !== undefined,
  })),
];

const BREAK_OUTS = [
  "a\nRUN x",
  "a\r\nb",
  "a\u0000",
  "a\u001b[0m",
  "a\u0085b",
  "a\u2028b",
  "a\u200bb",
  "a\u202eb",
  'a"b',
  "a'b",
  "a`b`",
  "$a",
  "${a}",
  "$(a)",
  "$[a]",
  "${{ a }}",
  "##vso[task.setvariable]x",
  "##[error]x",
  "a\\b",
  "a|b",
  "a<b",
  "a>b",
  "a{b}",
  "%{a}",
  "a\tb",
];

/** Spaces are the text's own business in these, and separate words that are safe elsewhere. */
describe("A text that could break out", () => {
  it("is refused in every place where a text can stand", () => {
    const allowed = PLACES.flatMap(({ kind, place, allowed: allows }) =>
      BREAK_OUTS.filter((text) => allows(place(text))).map((text) => `${kind}: ${JSON.stringify(text)}`),
    );
    deepEqual(allowed, []);
  });

  it("is refused wherever its control character stands", () => {
    const control = fc.constantFrom(
      ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)),
      "\u007f",
      "\u0080",
      "\u0085",
      "\u009f",
      "\u2028",
      "\u2029",
      "\ufeff",
    );
    const around = fc.stringMatching(/^[a-z0-9./-]{0,6}$/);
    fc.assert(
      fc.property(
        fc.constantFrom(...PLACES),
        around,
        control,
        around,
        ({ place, allowed }, before, character, after) => !allowed(place(before + character + after)),
      ),
      { numRuns: 600 },
    );
  });

  it("is refused wherever what begins an expression or a quotation stands", () => {
    const opener = fc.constantFrom("$", "`", '"', "'", "\\", "##vso[", "${{", "$(", "$[");
    const around = fc.stringMatching(/^[a-zA-Z0-9 ./:-]{0,6}$/);
    fc.assert(
      fc.property(
        fc.constantFrom(...PLACES),
        around,
        opener,
        around,
        ({ place, allowed }, before, text, after) => !allowed(place(before + text + after)),
      ),
      { numRuns: 600 },
    );
  });

  it("is told without the characters that a terminal would act on", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(APP_PLACES)),
        fc.string({ unit: "binary", maxLength: 20 }),
        (place, text) => {
          const { problems } = app(stringify({ name: "orders", baseImage: "python-web", ...place(text) }));
          for (const { message, mend } of problems) {
            ok(!/[\p{Cc}\u2028\u2029\u202e\u200b]/u.test(message + mend), JSON.stringify(message));
          }
        },
      ),
      { numRuns: 600 },
    );
  });

  it("is not what plain values are: each place takes one", () => {
    const plain: Readonly<Record<string, string>> = {
      name: "orders",
      baseImage: "python-web",
      "repository.pipelineFile": "ci.yml",
      python: "3.12",
      requirements: "pyproject.toml",
      lock: "requirements.lock",
      pool: "ubuntu-24.04",
      tag: "3.12",
      schedule: "0 4 * * *",
      platforms: "linux/arm64",
    };
    for (const { kind, place, allowed } of PLACES) {
      const [name = ""] = kind.split(" of an application").flatMap((part) => part.split(" of a base image"));
      const text = kind === "name of a base image" ? "python-web" : (plain[name] ?? "abc");
      equal(allowed(place(text)), name !== "a key" && name !== "a script of extras", kind);
    }
  });
});
