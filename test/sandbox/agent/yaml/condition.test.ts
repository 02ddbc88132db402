/** Run-time conditions, and macros. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import {
  evaluateCondition,
  PipelineFileError,
  replaceMacros,
  type ConditionContext,
  type Dependency,
  type JobStatus,
} from "../../../../sandbox/agent/yaml";
import { textOf } from "./expansion";
import { startProcessorTime } from "../../../processor-time";

const statuses: readonly JobStatus[] = ["succeeded", "succeededWithIssues", "failed", "canceled"];

function context(status: JobStatus, parts: Partial<ConditionContext> = {}): ConditionContext {
  return { status, variables: new Map([["wheelhouse.changed", "true"]]), ...parts };
}

describe("a condition", () => {
  const table: readonly (readonly [string, readonly boolean[]])[] = [
    ["succeeded()", [true, true, false, false]],
    ["failed()", [false, false, true, false]],
    ["canceled()", [false, false, false, true]],
    ["always()", [true, true, true, true]],
    ["succeededOrFailed()", [true, true, true, false]],
    ["true", [true, true, true, true]],
    ["False", [false, false, false, false]],
    ["and(succeeded(), eq(variables['wheelhouse.changed'], 'true'))", [true, true, false, false]],
    ["and(succeeded(), ne(variables['Wheelhouse.Changed'], 'TRUE'))", [false, false, false, false]],
    // A condition of its own takes the place of succeeded(), as in the service.
    ["eq(variables['wheelhouse.changed'], 'true')", [true, true, true, true]],
    ["variables.missing", [false, false, false, false]],
    ["\n  or(\n    failed(),\n    canceled()\n  )\n", [false, false, true, true]],
  ];
  for (const [condition, results] of table) {
    it(`holds as it should: ${condition.trim()}`, () => {
      assert.deepEqual(
        statuses.map((status) => evaluateCondition(condition, context(status))),
        results,
      );
    });
  }

  const dependency = (result: Dependency["result"], outputs: Record<string, string> = {}): Dependency => ({
    result,
    outputs: new Map(Object.entries(outputs)),
  });

  it("of a job asks for the jobs that it depends on, all or by their names", () => {
    const dependencies = new Map([
      ["a", dependency("succeeded", { "step.name": "value" })],
      ["b", dependency("failed")],
      ["c", dependency("skipped")],
      ["d", dependency("succeededWithIssues")],
    ]);
    const holds = (condition: string, names = "abcd", status: JobStatus = "succeeded"): boolean =>
      evaluateCondition(
        condition,
        context(status, { dependencies: new Map([...dependencies].filter(([name]) => names.includes(name))) }),
      );
    assert.equal(holds("succeeded()"), false);
    assert.equal(holds("succeeded()", "ad"), true);
    assert.equal(holds("succeeded()", "ac"), false);
    assert.equal(holds("succeeded()", "ad", "canceled"), false);
    assert.equal(holds("failed()"), true);
    assert.equal(holds("failed()", "ac"), false);
    assert.equal(holds("succeeded('A', 'd')"), true);
    assert.equal(holds("succeeded('a', 'b')"), false);
    assert.equal(holds("failed('a', 'b')"), true);
    assert.equal(holds("in(dependencies.c.result, 'Succeeded', 'Skipped')"), true);
    assert.equal(holds("eq(dependencies.d.result, 'SucceededWithIssues')"), true);
    assert.equal(holds("eq(dependencies.a.outputs['step.name'], 'value')"), true);
    assert.equal(holds("eq(dependencies.nope.result, '')"), true);
    assert.throws(() => holds("succeeded('nope')"), /does not depend on a job "nope"/);
  });

  it("is refused with what is not there at run time, naming it", () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ["", /the expression is empty/],
      ["eq(parameters.a, 1)", /character 4: parameters are known only while templates are expanded/],
      ["counter('a', 1)", /counter\(\) cannot stand in a condition/],
      ["stageDependencies.a.b.result", /stageDependencies are not supported/],
      ["eq(null, 1)", /null cannot be written/],
      ["resources.a", /resources is not known here/],
      ["always(1)", /always takes 0 arguments/],
      ["succeeded('job')", /does not depend on a job "job"/],
      ["lt(1, 'x')", /cannot be compared/],
      ["eq('a, 1)", /character 4: a text is not closed/],
      ["$(macro)", /"\$" means nothing/],
    ];
    for (const [condition, message] of cases) {
      assert.throws(
        () => evaluateCondition(condition, context("succeeded")),
        (error) => error instanceof PipelineFileError && message.test(error.message) && error.mend !== "",
        condition,
      );
    }
  });

  it("takes the last of the variables whose names differ in letter case alone, as templates and macros do", async () => {
    const variables = new Map([
      ["build.reason", "Manual"],
      ["Build.Reason", "PullRequest"],
    ]);
    assert.equal(
      evaluateCondition("eq(variables['BUILD.REASON'], 'PullRequest')", context("succeeded", { variables })),
      true,
    );
    assert.equal(replaceMacros("$(BUILD.REASON)", variables), "PullRequest");
    assert.equal(await textOf("variables['BUILD.REASON']", "", { variables }), "PullRequest");
  });

  it("finds no value in names that every object has", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      assert.equal(evaluateCondition(`eq(variables['${name}'], '')`, context("succeeded")), true);
      assert.equal(evaluateCondition(`eq(dependencies.${name}.result, '')`, context("succeeded")), true);
      const variables = new Map([[name, "set"]]);
      assert.equal(evaluateCondition(`eq(variables['${name}'], 'set')`, context("succeeded", { variables })), true);
    }
  });
});

describe("macros", () => {
  const variables = new Map([
    ["Build.BuildId", "7"],
    ["a", "$(b)"],
    ["b", "x"],
    ["money", "$& $1 $$"],
    ["empty", ""],
  ]);

  const table: readonly (readonly [string, string])[] = [
    ["id $(Build.BuildId), $(build.buildid)", "id 7, 7"],
    // A value is not looked through again.
    ["$(a)", "$(b)"],
    ["$(money)$(empty)|", "$& $1 $$|"],
    ["$(unknown) $() $( b)", "$(unknown) $() $( b)"],
    ["$(date -u +%s) $(echo $(b))", "$(date -u +%s) $(echo x)"],
    ["$$(b) \\$(b) $(b", "$x \\x $(b"],
    ["$($(b))", "$(x)"],
    ["${b} $[b] $b", "${b} $[b] $b"],
    ["$(__proto__) $(constructor)", "$(__proto__) $(constructor)"],
  ];
  for (const [text, result] of table) {
    it(`are replaced in ${text}`, () => {
      assert.equal(replaceMacros(text, variables), result);
    });
  }

  it("leave a text without variables as it is, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("$", "(", ")", "a", "b", "\n", "$(", "$(a)") }), (text) => {
        assert.equal(replaceMacros(text, new Map()), text);
        assert.equal(replaceMacros(text, new Map([["a", "$(a)"]])), text);
        assert.equal(replaceMacros(text, new Map([["a", "A"]])), text.replaceAll("$(a)", "A"));
      }),
    );
  });

  it("take time with the length of the text only", () => {
    const taken = startProcessorTime();
    const hostile = `${"$(".repeat(500_000)})`;
    assert.equal(replaceMacros(hostile, variables), hostile);
    assert.ok(taken() < 3000);
  });
});
