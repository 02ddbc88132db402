/** What the generator of the local SDK makes of small schemas, and what it refuses instead of guessing. */
import assert from "node:assert/strict";
import { entryOf, type SchemaResource } from "../../sdks/azuredevops/generator/provider-schema";
import { reduceType } from "../../sdks/azuredevops/generator/reduce";
import { renderFunction } from "../../sdks/azuredevops/generator/render-function";
import { renderResource } from "../../sdks/azuredevops/generator/render-resource";
import { renderMembers, renderType } from "../../sdks/azuredevops/generator/render-types";

const INPUT = { direction: "input", inside: false } as const;
const REFERENCE = { $ref: "#/types/azuredevops:index/FeedFeature:FeedFeature" } as const;

function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim());
}

describe("the generator of @pulumi/azuredevops", () => {
  it("tells scalars, lists, maps and named types apart, at any depth", () => {
    assert.deepEqual(reduceType({ type: "integer" }), { type: "integer" });
    assert.deepEqual(reduceType({ type: "array", items: { type: "object", additionalProperties: REFERENCE } }), {
      type: "array",
      items: { type: "map", values: { type: "object", ref: "FeedFeature" } },
    });
  });

  it("refuses a type that it does not know", () => {
    assert.throws(() => reduceType({ type: "union" }), /does not know the schema type \{"type":"union"\}/);
    assert.throws(() => reduceType({ type: "object" }), /does not know/);
    assert.throws(() => reduceType({ type: "array" }), /does not know/);
    assert.throws(() => reduceType({}), /does not know/);
  });

  it("refuses a name that the schema does not have", () => {
    const feed = { "azuredevops:index/feed:Feed": 1 };
    assert.deepEqual(entryOf(feed, "Feed"), ["azuredevops:index/feed:Feed", 1]);
    assert.throws(() => entryOf(feed, "feed"), /has no "feed": take it out of selection.ts/);
  });

  it("lets outputs in at each level of an argument, and nowhere in a plain one", () => {
    const list = reduceType({ type: "array", items: { type: "object", additionalProperties: { type: "integer" } } });
    assert.equal(renderType(list, INPUT), "pulumi.Input<Record<string, pulumi.Input<number>>>[]");
    assert.equal(renderType(list, { direction: "plain", inside: false }), "Record<string, number>[]");
    assert.equal(renderType(reduceType(REFERENCE), INPUT), "inputs.FeedFeature");
    assert.equal(renderType(reduceType(REFERENCE), { direction: "output", inside: true }), "FeedFeature");
    assert.throws(() => renderType(reduceType(REFERENCE), { direction: "plain", inside: false }), /"FeedFeature"/);
  });

  it("says of an argument whether it replaces and whether it is secret", () => {
    const properties = {
      name: { type: "string", willReplaceOnChanges: true },
      token: { type: "string", secret: true },
    } as const;
    const members = renderMembers(properties, ["name"], { summary: "", token: "What opens it." }, INPUT);
    assert.deepEqual(lines(members), [
      "/** A change replaces the resource. */",
      "name: pulumi.Input<string>;",
      "/** What opens it. Secret. */",
      "token?: pulumi.Input<string | undefined>;",
    ]);
  });

  it("describes a resource by what is required, secret, computed and renamed", () => {
    const token = "azuredevops:index/vault:Vault";
    const resource: SchemaResource = {
      inputProperties: { key: { type: "string", secret: true }, label: { type: "string" } },
      requiredInputs: ["key"],
      properties: { key: { type: "string", secret: true }, label: { type: "string" }, size: { type: "integer" } },
      required: ["size"],
      aliases: [{ type: "azuredevops:Old/vault:Vault" }],
    };
    const rendered = lines(renderResource(token, resource));
    for (const line of [
      'inputs: { key: "required secret", label: "optional", },',
      'computed: ["size"],',
      'secretOutputs: ["key"],',
      'aliases: ["azuredevops:Old/vault:Vault"],',
      "declare readonly size: pulumi.Output<number>;",
      "declare readonly label: pulumi.Output<string | undefined>;",
      "constructor(name: string, args: VaultArgs, opts: pulumi.CustomResourceOptions = {}) {",
    ]) {
      assert.ok(rendered.includes(line), `${line}\nis not in\n${rendered.join("\n")}`);
    }
  });

  it("refuses a resource with an input that is no output", () => {
    const resource: SchemaResource = { inputProperties: { hidden: { type: "string" } }, properties: {} };
    assert.throws(() => renderResource("azuredevops:index/vault:Vault", resource), /no outputs: hidden/);
  });

  it("gives a function without arguments no parameter for them", () => {
    const called = { outputs: { properties: { id: { type: "string" } }, required: ["id"] } };
    const rendered = renderFunction("azuredevops:index/getVault:getVault", called);
    assert.doesNotMatch(rendered, /args/);
    assert.match(rendered, /pulumi\.runtime\.invoke\(TOKEN, \{ {2}\}, invokeOptions\(opts\)\)/);
  });
});
