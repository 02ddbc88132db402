/** Holds the TypeScript declarations of the local SDK against the facts of the provider: names, optionality and kinds. */
import assert from "node:assert/strict";
import { Declarations, expectedMembers, kindOfFact, type Declared } from "./declarations";
import { FACTS, nameOf, namesWith, type Properties } from "./facts";

function kinds(properties: Properties): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, kindOfFact(property)]));
}

function kindsOf(members: Record<string, Declared>): Record<string, string> {
  return Object.fromEntries(Object.entries(members).map(([name, { kind }]) => [name, kind]));
}

describe("the declarations of @pulumi/azuredevops", () => {
  let declarations: Declarations;

  before(function () {
    this.timeout(120_000);
    declarations = new Declarations();
  });

  for (const [token, { inputs, outputs }] of Object.entries(FACTS.resources)) {
    const name = nameOf(token);
    const args = namesWith(inputs, "required").length === 0 ? "args?" : "args";

    it(`take the arguments of ${name} by their names, kinds and optionality`, () => {
      assert.deepEqual(declarations.interface(`${name}Args`), expectedMembers(inputs, { promised: true }));
      assert.deepEqual(declarations.constructorParameters(name), [
        "name: string",
        `${args}: ${name}Args`,
        "opts?: CustomResourceOptions",
      ]);
    });

    it(`take every output of ${name} as optional state, and give each in its kind`, () => {
      assert.deepEqual(
        declarations.interface(`${name}State`),
        expectedMembers(outputs, { promised: true, state: true }),
      );
      assert.deepEqual(declarations.outputs(name), kinds(outputs));
      assert.deepEqual(declarations.staticParameters(name, "get"), [
        "name: string",
        "id: Input<string>",
        `state?: ${name}State`,
        "opts?: CustomResourceOptions",
      ]);
    });
  }

  for (const [token, { inputs, outputs }] of Object.entries(FACTS.functions)) {
    const name = nameOf(token);
    const stem = name.charAt(0).toUpperCase() + name.slice(1);

    it(`take the arguments of ${name} by their names, kinds and optionality, and give its results`, () => {
      const optional = namesWith(inputs, "required").length === 0 ? "?" : "";
      const takesArguments = Object.keys(inputs).length > 0;
      assert.deepEqual(declarations.call(name), {
        parameters: [...(takesArguments ? [`args${optional}: ${stem}Args`] : []), "opts?: InvokeOptions"],
        result: `Promise<${stem}Result>`,
      });
      assert.deepEqual(declarations.call(`${name}Output`), {
        parameters: [...(takesArguments ? [`args${optional}: ${stem}OutputArgs`] : []), "opts?: InvokeOutputOptions"],
        result: `Output<${stem}Result>`,
      });
      assert.equal(declarations.has(`${stem}Args`), takesArguments);
      if (takesArguments) {
        assert.deepEqual(declarations.interface(`${stem}Args`), expectedMembers(inputs, { promised: false }));
        assert.deepEqual(declarations.interface(`${stem}OutputArgs`), expectedMembers(inputs, { promised: true }));
      }
      assert.deepEqual(kindsOf(declarations.interface(`${stem}Result`)), kinds(outputs));
    });
  }

  for (const [name, { properties }] of Object.entries(FACTS.types)) {
    it(`have the nested type ${name} for arguments and for outputs`, () => {
      assert.deepEqual(declarations.nestedType("input", name), expectedMembers(properties, { promised: true }));
      assert.deepEqual(kindsOf(declarations.nestedType("output", name)), kinds(properties));
    });
  }

  it("have no nested type besides", () => {
    const expected = Object.keys(FACTS.types).sort();
    assert.deepEqual(declarations.nestedTypes("input").sort(), expected);
    assert.deepEqual(declarations.nestedTypes("output").sort(), expected);
  });

  it("take every setting of the provider as optional", () => {
    assert.deepEqual(
      declarations.interface("ProviderArgs"),
      expectedMembers(FACTS.config, { promised: true, state: true }),
    );
    assert.deepEqual(declarations.constructorParameters("Provider"), [
      "name: string",
      "args?: ProviderArgs",
      "opts?: ResourceOptions",
    ]);
  });
});
