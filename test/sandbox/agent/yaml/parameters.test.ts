/** Parameters of templates and pipelines: their types, defaults and values. */
import { strict as assert } from "node:assert";
import { expand, refused, scripts } from "./expansion";

describe("parameters", () => {
  const declaring = (declaration: string, use = "parameters.p"): string =>
    `parameters:\n  - ${declaration}\nsteps: [{ script: "\${{ ${use} }}" }]`;
  const giving = (value: string): string => `extends:\n  template: t.yml\n  parameters:\n    p: ${value}\n`;

  it("have the values that are given, or their defaults, whatever the letter case of their names", async () => {
    const template = { "t.yml": declaring("{ name: P, type: string, default: d }") };
    assert.deepEqual(await scripts(giving("x"), template), ["x"]);
    assert.deepEqual(await scripts("extends: { template: t.yml }", template), ["d"]);
    assert.deepEqual(await scripts(giving('""'), template), [""]);
  });

  it("come from the run for the main file", async () => {
    const text = declaring("{ name: p, type: object }", "convertToJson(parameters.p)");
    const given = { p: { a: [1, true, null, "x"] } };
    assert.deepEqual(await scripts(text, {}, { parameters: given }), [
      '{\n  "a": [\n    "1",\n    "true",\n    "",\n    "x"\n  ]\n}',
    ]);
    const place = "the run's parameters";
    await refused(expand(text, {}, { parameters: { q: 1 } }), place, /no parameter "q"/, /did you mean p/);
    await refused(expand(text, {}, { parameters: { p: () => 1 } }), place, /cannot be function/);
    await refused(expand(text), "azure-pipelines.yml:1:1", /parameter "p" has no value/);
    const number = declaring("{ name: p, type: number, values: [1, 2] }");
    assert.deepEqual(await scripts(number, {}, { parameters: { p: 2 } }), ["2"]);
    await refused(
      expand(number, {}, { parameters: { p: 3 } }),
      place,
      /parameter "p" cannot be "3"/,
      /known here: 1, 2/,
    );
    await refused(expand(number, {}, { parameters: { p: "x" } }), place, /must be a number, not "x"/);
    let deep: unknown = "end";
    for (let level = 0; level < 5000; level++) deep = [deep];
    await refused(expand(text, {}, { parameters: { p: deep } }), place, /more than 100 levels/);
  });

  it("are cast to their types", async () => {
    const cast = async (type: string, value: string, use: string): Promise<string | undefined> =>
      (await scripts(giving(value), { "t.yml": declaring(`{ name: p, type: ${type} }`, use) }))[0];
    assert.equal(await cast("boolean", "TRUE", "convertToJson(parameters.p)"), "true");
    assert.equal(await cast("number", '"07.50"', "convertToJson(parameters.p)"), "7.5");
    assert.equal(await cast("string", "07.50", "convertToJson(parameters.p)"), '"07.50"');
    assert.equal(await cast("object", "true", "convertToJson(parameters.p)"), '"true"');
    assert.equal(await cast("string", "${{ eq(1, 1) }}", "convertToJson(parameters.p)"), '"True"');
  });

  const misfits: readonly (readonly [string, string, string, RegExp, RegExp?])[] = [
    ["an unknown name", "{ name: other, default: x }", "x", /no parameter "p"/, /known here: other/],
    ["a text for a number", "{ name: p, type: number }", "five", /must be a number, not "five"/, /digits/],
    ["nothing for a number", "{ name: p, type: number }", '""', /must be a number, not ""/],
    ["an exponent for a number", "{ name: p, type: number }", "1e3", /must be a number/],
    ["yes for a boolean", "{ name: p, type: boolean }", "yes", /must be a boolean, not "yes"/, /true or false/],
    ["a list for a string", "{ name: p, type: string }", "[a]", /must be a string, not a list/],
    ["a map for a string", "{ name: p }", "{ a: b }", /must be a string, not a map/],
    [
      "a value that is none of its values",
      "{ name: p, values: [debug, release] }",
      "relase",
      /cannot be "relase"/,
      /did you mean release\?/,
    ],
    ["a value in another letter case", "{ name: p, values: [debug] }", "Debug", /cannot be "Debug"/],
  ];
  for (const [what, declaration, value, message, mend] of misfits) {
    it(`are refused with ${what}`, async () => {
      const place = what === "an unknown name" ? "4:5" : "4:8";
      await refused(
        expand(giving(value), { "t.yml": declaring(declaration) }),
        `azure-pipelines.yml:${place}`,
        message,
        mend,
      );
    });
  }

  it("are refused where one has no value, at the place that names the template", async () => {
    await refused(
      expand("extends:\n  template: t.yml\n", { "t.yml": declaring("{ name: p, type: number }") }),
      "azure-pipelines.yml:2:13",
      /parameter "p" has no value/,
      /it is a number/,
    );
  });

  const declarations: readonly (readonly [string, string, string, RegExp, RegExp?])[] = [
    ["no name", "{ type: string }", "2:5", /has no name/],
    ["an empty name", '{ name: "" }', "2:7", /name is empty/],
    ["an unknown key", "{ name: p, defalt: x }", "2:16", /"defalt" is no key of a parameter/, /did you mean default/],
    ["an unknown type", "{ name: p, type: strng }", "2:16", /"strng" is no type/, /did you mean string/],
    ["a default that does not fit", "{ name: p, type: number, default: x }", "2:39", /must be a number/],
    ["a default that is none of its values", "{ name: p, values: [a], default: b }", "2:38", /cannot be "b"/],
    ["values that do not fit", "{ name: p, type: number, values: [x] }", "2:39", /must be a number/],
    ["values of an object", "{ name: p, type: object, values: [x] }", "2:30", /values of a parameter of type object/],
    [
      "values of a boolean",
      "{ name: p, type: boolean, values: [true] }",
      "2:31",
      /values of a parameter of type boolean/,
    ],
    [
      "an expression",
      "{ name: p, default: \"${{ 'x' }}\" }",
      "2:26",
      /expression cannot stand in a declaration/,
      /literal/,
    ],
    [
      "a name that stands twice",
      "{ name: P, default: a }\n  - { name: p, default: b }",
      "3:5",
      /parameter "p" is declared twice/,
    ],
  ];
  for (const [what, declaration, place, message, mend] of declarations) {
    it(`are refused where they are declared with ${what}`, async () => {
      await refused(expand(declaring(declaration)), `azure-pipelines.yml:${place}`, message, mend);
    });
  }

  it("are refused as a map, which is the old form", async () => {
    await refused(
      expand("parameters:\n  p: x\nsteps: [{ script: a }]"),
      "azure-pipelines.yml:2:3",
      /as a map are not supported/,
      /- name/,
    );
  });

  const types = [
    "step",
    "stepList",
    "job",
    "jobList",
    "deployment",
    "deploymentList",
    "stage",
    "stageList",
    "container",
    "containerList",
    "stringList",
    "environment",
    "filePath",
    "pool",
    "secureFile",
    "serviceConnection",
    "legacyObject",
  ];
  it("are refused with the types that the sandbox does not have, by name", async () => {
    for (const type of types) {
      await refused(
        expand(declaring(`{ name: p, type: ${type} }`)),
        "azure-pipelines.yml:2:16",
        new RegExp(`of type ${type} are not supported`),
        /string, number, boolean, object/,
      );
    }
  });
});
