/** What holds for all rules: each has its violation, none stumbles over what a preview does not know, none tells a value. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { rules } from "../../policy/index";
import { ask, askAll, UNKNOWN } from "./asking";
import { isReference, type Declared } from "./declared";
import { configuration, violations } from "./violations";

const folder = join(__dirname, "../../policy/rules");
const names = rules.map(({ name }) => name);
const all = Object.values(violations).flatMap(({ resources }) => resources);

/** They see what is there or missing, whatever it holds: protection, a schedule, a tag, a connection with a password. */
const known = [
  "federation-only",
  "no-provider-schedules",
  "one-upstream-set",
  "protected-resources",
  "pull-requests-are-built",
  "required-tags",
];

/** The same with each text, number and switch replaced, whatever it lies in. */
function replaced(value: unknown, leaf: (value: unknown) => unknown): unknown {
  if (isReference(value)) return value;
  if (Array.isArray(value)) return value.map((inner) => replaced(inner, leaf));
  if (typeof value !== "object" || value === null) return leaf(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner, leaf)]));
}

function withArguments(resources: readonly Declared[], change: (args: Declared["args"]) => unknown): Declared[] {
  return resources.map((resource) => ({ ...resource, args: change(resource.args) as Declared["args"] }));
}

describe("every rule", () => {
  it("is in a file of its name, and the only one there", () => {
    const files = readdirSync(folder).filter((file) => file !== "index.ts");
    assert.deepEqual(names, files.map((file) => file.replace(/\.ts$/, "")).toSorted());
  });

  it("has a test of its name", () => {
    const tests = readdirSync(join(__dirname, "rules")).map((file) => file.replace(/\.test\.ts$/, ""));
    assert.deepEqual(tests.toSorted(), names);
  });

  it("says what it is for, how severe it is and how it is mended, in sentences", () => {
    for (const { name, description, severity, remediationSteps } of rules) {
      assert.match(description, /^[A-Z].{20,150}\.$/, name);
      assert.match(remediationSteps ?? "", /^[A-Z].{10,200}\.$/, name);
      assert.ok(severity !== undefined, name);
    }
  });

  for (const [name, { about, resources }] of Object.entries(violations)) {
    it(`${name} finds its violation, once, and no other rule finds anything in it`, () => {
      const findings = askAll(resources, configuration);
      assert.deepEqual(
        findings.map(({ rule, resource }) => ({ rule, resource })),
        [{ rule: name, resource: about }],
      );
    });
  }

  it("has a violation in this test", () => {
    assert.deepEqual(Object.keys(violations).toSorted(), names);
  });

  it("names the resource and the property, and says why and how to mend it", () => {
    for (const { rule, resource, message } of askAll(all, configuration)) {
      assert.match(message, new RegExp(`^[A-Z]\\w+ ${resource}, [^:]+: [^;]+; .+\\. [A-Z].+\\.$`), rule);
    }
  });

  it("finds nothing where nothing is known yet", () => {
    const nothingKnown = withArguments(all, (args) => replaced(args, () => UNKNOWN));
    assert.deepEqual(
      names.filter((name) => !known.includes(name)).flatMap((name) => ask(name, nothingKnown)),
      [],
    );
  });

  it("finds nothing where whole properties are unknown", () => {
    const unknown = withArguments(all, (args) =>
      Object.fromEntries(Object.entries(args).map(([key, value]) => [key, isReference(value) ? value : UNKNOWN])),
    );
    assert.deepEqual(
      names.filter((name) => !known.includes(name)).flatMap((name) => ask(name, unknown)),
      [],
    );
  });

  it("reads whatever a property holds without stumbling", () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.object({ maxDepth: 4 }), fc.boolean(), (resource, extra, only) => {
        const keys = Object.keys(resource.args);
        const values = Object.values(extra);
        const args = Object.fromEntries(keys.map((key, index) => [key, values[index] ?? null]));
        askAll([{ ...resource, args: only ? args : { ...resource.args, ...extra } }], configuration);
      }),
      { numRuns: 200 },
    );
  });

  it("reads whatever a text holds without stumbling", () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.string({ unit: "binary", maxLength: 300 }), (resource, text) => {
        const args = replaced(resource.args, (value) => (typeof value === "string" ? text : value));
        askAll([{ ...resource, args: args as Declared["args"] }, ...all], configuration);
      }),
      { numRuns: 50 },
    );
  });

  it("repeats no value of a property, for it may be a secret", () => {
    const canary = "kanarienvogel";
    // Values that decide stay, so that the rules still find what they find.
    const deciding =
      /^(?:endpoint|project|public|administrator|WorkloadIdentityFederation|ServicePrincipal|refs\/heads\/main|careful-push)$|\/|\n/;
    let changed = 0;
    const marked = withArguments(all, (args) =>
      replaced(args, (value) => {
        if (typeof value !== "string") return value;
        if (value.includes("\n")) return `${value.trimEnd()}\n# ${canary}\n`;
        if (deciding.test(value)) return value;
        changed += 1;
        return `${canary}-${value}`;
      }),
    );
    assert.ok(changed > 50);
    const findings = askAll(marked, { ...configuration, "organization-names": { repository: "^team-" } });
    assert.ok(findings.length >= names.length - 3, findings.map(({ rule }) => rule).join());
    for (const { rule, message } of findings) assert.ok(!message.includes(canary), rule);
  });
});
