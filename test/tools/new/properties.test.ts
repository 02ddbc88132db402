/** Tests by properties: what `wheelhouse new` writes says what was asked for, in the form of the samples, or is not written. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { format } from "prettier";
import { parse } from "yaml";
import { appImages } from "../../../spec";
import { checkApp, checkBaseImage } from "../../../spec/check";
import { appSpecification, baseImageSpecification, type AppValues } from "../../../tools/new/specification";

const schema = "../schemas/app.json";
const bytes = (text: string) => new TextEncoder().encode(text);

/** Texts that YAML takes for something else, or that would break out of it. */
const awkward = fc.constantFrom(
  "null",
  "true",
  "no",
  "on",
  "1",
  "1e3",
  "0x1f",
  "3.10",
  "~",
  "-",
  "- a",
  "a: b",
  "a #b",
  "#",
  "'",
  '"',
  "[a]",
  "{a: b}",
  "*a",
  "&a",
  "!a",
  "|",
  ">",
  "%a",
  "@a",
  "`a`",
  "${{ x }}",
  "$(x)",
  "a\nb: c",
  "\u2028",
  "\u202e",
  " a ",
  "a, b",
  "]",
  "💥",
  "2026-01-01",
  "<<",
  "=",
  "yes",
  "\ud800",
);
const text = fc.oneof(awkward, fc.string({ maxLength: 20 }), fc.stringMatching(/^[a-z]{1,12}$/));
const path = fc.oneof(
  fc.constantFrom("requirements.txt", "a/b.in", "pyproject.toml", "requirements.lock", "bindep.txt"),
  text,
);
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const values: fc.Arbitrary<AppValues> = fc.record({
  name: fc.oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[a-z]{2,8}(?:-[a-z0-9]{1,5})?$/) },
    { weight: 1, arbitrary: text },
  ),
  description: optional(text),
  team: optional(text),
  baseImage: fc.oneof(fc.constant("python-web"), text),
  repository: optional(
    fc.oneof(text, fc.record({ existing: text, pipelineFile: fc.constantFrom("a.yml", "b/c.yaml") })),
  ),
  requirements: optional(path),
  lock: optional(path),
  scripts: optional(fc.uniqueArray(text, { maxLength: 12 })),
  systemPackages: optional(path),
  dockerfile: optional(path),
  ports: optional(fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { maxLength: 5 })),
});

/** What the file says, defaults left out. */
function said(written: AppValues): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(written).filter(
      ([key, value]) =>
        value !== undefined &&
        value !== "" &&
        !(Array.isArray(value) && value.length === 0) &&
        !(key === "requirements" && value === "pyproject.toml"),
    ),
  );
}

describe("What wheelhouse new writes", () => {
  it("is YAML that reads as what was asked for, whatever that is, on at most 12 lines", () => {
    fc.assert(
      fc.property(values, (written) => {
        const content = appSpecification(written, schema);
        assert.deepEqual(parse(content, { strict: true }), structuredClone(said(written)));
        const lines = content.trimEnd().split("\n");
        assert.equal(lines[0], `# yaml-language-server: $schema=${schema}`);
        assert.ok(lines.length <= 12, content);
        assert.equal(lines.length, Object.keys(said(written)).length + 1);
        assert.ok(content.endsWith("\n") && !content.endsWith("\n\n"));
      }),
      { numRuns: 500 },
    );
  });

  it("is loaded as what was asked for, where the rules allow it", () => {
    let loaded = 0;
    const lawful = fc.record({
      name: fc.stringMatching(/^[a-z]{2,8}(?:-[a-z0-9]{1,5})?$/),
      description: optional(fc.stringMatching(/^[A-Za-zäß .,:;!?()/&+_-]{1,40}$/)),
      team: optional(fc.oneof(fc.constantFrom("null", "yes", "1", "a - b"), fc.stringMatching(/^[a-z]{1,12}$/))),
      baseImage: fc.constant("python-web"),
      repository: optional(
        fc.oneof(
          fc.constantFrom("true", "1.0", "My Shop"),
          fc.record({ existing: fc.constantFrom("on", "shop"), pipelineFile: fc.constant("b/c.yaml") }),
        ),
      ),
      requirements: optional(fc.constantFrom("requirements.txt", "pyproject.toml", "a/b.in")),
      lock: optional(fc.constantFrom("requirements.lock", "locks/prod.txt")),
      scripts: optional(
        fc.uniqueArray(fc.oneof(fc.constantFrom("1", "null", "3.10", "1e3"), fc.stringMatching(/^[a-z]{2,20}$/)), {
          maxLength: 12,
        }),
      ),
      systemPackages: optional(fc.constant("bindep.txt")),
      ports: optional(fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { maxLength: 5 })),
    });
    fc.assert(
      fc.property(lawful, (written) => {
        const checked = checkApp(
          { file: "apps/x.yaml", bytes: bytes(appSpecification(written, schema)) },
          written.name,
        );
        if (checked.spec === undefined) return;
        loaded += 1;
        const { spec } = checked;
        assert.deepEqual(
          [spec.name, spec.description, spec.team, spec.lock, spec.systemPackages, spec.scripts, spec.ports],
          [
            written.name,
            written.description,
            written.team,
            written.lock,
            written.systemPackages,
            written.scripts ?? [],
            written.ports ?? [],
          ],
        );
        assert.equal(spec.requirements, written.requirements ?? "pyproject.toml");
        const { repository } = written;
        assert.deepEqual(
          spec.repository,
          repository === undefined
            ? { kind: "create", name: written.name }
            : typeof repository === "string"
              ? { kind: "existing", name: repository, pipelineFile: "azure-pipelines.yml" }
              : { kind: "existing", name: repository.existing, pipelineFile: repository.pipelineFile },
        );
        assert.equal(appImages(spec).length, Math.max(1, written.scripts?.length ?? 0));
      }),
      { numRuns: 300 },
    );
    assert.ok(loaded > 150, `${loaded} of them were loaded`);
  });

  it("is formatted as the samples are, where a list fits on its line", async () => {
    const names = ["orders-api", "orders-worker"];
    for (const written of [
      {
        name: "orders",
        description: "Takes orders: all of them",
        team: "yes",
        baseImage: "python-web",
        repository: { existing: "My Shop", pipelineFile: "a/b.yml" },
        scripts: names,
        ports: [80, 81],
      },
      {
        name: "orders",
        baseImage: "python-web",
        repository: "1",
        requirements: "requirements.in",
        lock: "requirements.txt",
        systemPackages: "bindep.txt",
      },
    ]) {
      const content = appSpecification(written, schema);
      assert.equal(await format(content, { parser: "yaml", printWidth: 120 }), content);
    }
    const base = baseImageSpecification(
      { name: "python-web", python: "3.10", description: "a: b", schedule: "*/30 4 * * *" },
      schema,
    );
    assert.equal(await format(base, { parser: "yaml", printWidth: 120 }), base);
  });

  it("leaves out of a base image what is its default", () => {
    const content = baseImageSpecification(
      { name: "py", python: "3.10", upstream: "python", tag: "3.10-slim", schedule: "0 4 * * *" },
      "x.json",
    );
    assert.equal(content, '# yaml-language-server: $schema=x.json\nname: py\npython: "3.10"\n');
    const file = (name: string, said_: string) => ({ file: name, bytes: bytes(said_) });
    const { spec } = checkBaseImage({
      folder: "py",
      specification: file("x", content),
      requirements: file("y", ""),
      systemPackages: undefined,
    });
    assert.deepEqual(
      [spec?.python, spec?.tag, spec?.schedule, spec?.upstream],
      ["3.10", "3.10-slim", "0 4 * * *", "python"],
    );
  });
});
