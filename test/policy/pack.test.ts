/** The pack as Pulumi gets it: its folder, its versions, its parameters, its start-up configuration. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { ConfigurationError, readConfiguration } from "../../policy/configuration";
import { rules, startPack } from "../../policy/index";
import { registry } from "./declared";
import { ask } from "./asking";

const root = join(__dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

interface Manifest {
  readonly version: string;
  readonly main: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

describe("the policy pack", () => {
  it("has the version of the product and its versions of packages", () => {
    const product = JSON.parse(read("package.json")) as Manifest;
    const pack = JSON.parse(read("policy/package.json")) as Manifest;
    assert.equal(pack.version, product.version);
    for (const [name, version] of Object.entries(pack.dependencies))
      assert.equal(version, product.dependencies[name], name);
  });

  it("is one that Pulumi starts with node", () => {
    const project = parse(read("policy/PulumiPolicy.yaml")) as Record<string, unknown>;
    assert.equal(project.runtime, "nodejs");
    assert.match(String(project.description), /\.$/);
  });

  it("refuses, by default, all that makes an image or a credential available to others", () => {
    const advisory = rules.filter(({ enforcementLevel }) => enforcementLevel !== "mandatory").map(({ name }) => name);
    assert.deepEqual(advisory, ["agents-are-recycled", "organization-names", "required-tags", "single-package-index"]);
  });

  it("shows Pulumi what each rule can be told, with a description and, but for patterns, a default", () => {
    const schemas = rules.flatMap(({ name, configSchema }) =>
      configSchema === undefined ? [] : [[name, configSchema] as const],
    );
    assert.ok(schemas.length > 5);
    for (const [name, { properties, required }] of schemas) {
      assert.equal(required, undefined, name);
      for (const [parameter, schema] of Object.entries(properties)) {
        assert.match(schema.description ?? "", /\.$/, `${name}.${parameter}`);
        assert.ok("default" in schema || schema.format === "regex", `${name}.${parameter}`);
      }
    }
  });

  it("starts with no rule of one's own that has the name of another", () => {
    const [taken] = rules;
    assert.throws(() => startPack({ folder: root, ownRules: [taken!] }), /two rules of the name agents-are-recycled/);
  });

  it("takes no parameter that a rule does not have, which Pulumi itself would overlook", () => {
    assert.throws(
      () => ask("registry-without-admin-user", [registry("r")], { alow: true }),
      /configuration of the policy registry-without-admin-user is wrong: .*alow/,
    );
  });
});

describe("policy-config.json", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "wheelhouse-policy-"))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const given = (text: string) => {
    const file = join(folder, "policy-config.json");
    writeFileSync(file, text);
    return readConfiguration(file, rules);
  };
  const mistakes = (value: unknown): readonly string[] => {
    try {
      given(typeof value === "string" ? value : JSON.stringify(value));
    } catch (error) {
      assert.ok(error instanceof ConfigurationError);
      assert.ok(error.message.includes("policy-config.json cannot be used"));
      return error.mistakes;
    }
    return [];
  };

  it("need not be there", () => {
    assert.equal(readConfiguration(join(folder, "policy-config.json"), rules), undefined);
  });

  it("sets levels for all rules and for one, and parameters", () => {
    const configuration = {
      all: "advisory",
      "federation-only": "mandatory",
      "required-tags": { enforcementLevel: "mandatory", tags: { owner: ".+" } },
      "one-upstream-set": { publicSources: 2 },
    };
    assert.deepEqual(given(JSON.stringify(configuration)), configuration);
  });

  it("is refused for a rule, a parameter or a level that does not exist, all of them at once", () => {
    const found = mistakes({
      "federation-onyl": "mandatory",
      all: "off",
      "required-tags": { tag: {}, enforcementLevel: "must" },
      "private-project": 3,
    });
    assert.equal(found.length, 5);
    assert.match(found.join("\n"), /^federation-onyl: there is no such rule; did you mean federation-only\?$/m);
    assert.match(found.join("\n"), /^all: must be one of advisory, mandatory, disabled$/m);
    assert.match(found.join("\n"), /^required-tags\.tag: there is no such parameter; did you mean tags\?$/m);
    assert.match(found.join("\n"), /^required-tags\.enforcementLevel: must be one of/m);
    assert.match(
      mistakes({ xyz: "advisory" }).join(),
      /^xyz: there is no such rule; there are all, agents-are-recycled,/,
    );
    assert.match(found.join("\n"), /^private-project: must be a level, or a map/m);
  });

  it("is refused where it is no JSON or no map", () => {
    assert.deepEqual(mistakes("{"), ["it is not valid JSON, or cannot be read"]);
    assert.match(mistakes("[]").join(), /must be a map of rules/);
    assert.match(mistakes("null").join(), /must be a map of rules/);
  });
});
