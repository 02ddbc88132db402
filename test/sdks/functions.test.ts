/** Holds each function of the local SDK against the facts of the provider, by what it asks of the engine. */
import assert from "node:assert/strict";
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";
import { FACTS, nameOf, namesWith, samplesOf } from "./facts";
import { RecordingMonitor, valueOf } from "./monitor";

type Direct = (...parameters: unknown[]) => Promise<unknown>;
type OnOutputs = (...parameters: unknown[]) => pulumi.Output<unknown>;

const EXPORTS = azuredevops as unknown as Readonly<Record<string, unknown>>;

describe("the functions of @pulumi/azuredevops", () => {
  const monitor = new RecordingMonitor();

  before(() => monitor.start());

  for (const [token, { inputs, outputs }] of Object.entries(FACTS.functions)) {
    const name = nameOf(token);
    const direct = EXPORTS[name] as Direct;
    const onOutputs = EXPORTS[`${name}Output`] as OnOutputs;
    const takesArguments = Object.keys(inputs).length > 0;
    const args = samplesOf(inputs);
    const parameters = (values: unknown): unknown[] => (takesArguments ? [values] : []);

    describe(name, () => {
      beforeEach(() => {
        monitor.result = samplesOf(outputs, "answer");
        monitor.invocations.length = 0;
      });

      it("calls its token with every argument by its name, and asks for the plugin of the package's version", async () => {
        assert.deepEqual(await direct(...parameters(args)), monitor.result);
        assert.deepEqual(monitor.invocations, [{ token, inputs: args, version: FACTS.version }]);
      });

      it("takes and gives outputs in its second form", async () => {
        const promised = Object.fromEntries(
          Object.entries(args).map(([input, value]) => [input, pulumi.output(value)]),
        );
        assert.deepEqual(await valueOf(onOutputs(...parameters(promised))), monitor.result);
        assert.deepEqual(monitor.invocations, [{ token, inputs: args, version: FACTS.version }]);
      });

      it("does not pass on what is no argument of it", async () => {
        await direct(...parameters({ ...args, unknown: "value" }));
        assert.deepEqual(monitor.invocations[0]?.inputs, args);
      });

      it("leaves the version that the program asks for in force", async () => {
        await direct(...parameters(args), { version: "3.14.0" });
        await valueOf(onOutputs(...parameters(args), { version: "3.14.0" }));
        assert.deepEqual(
          monitor.invocations.map(({ version }) => version),
          ["3.14.0", "3.14.0"],
        );
      });

      if (takesArguments && namesWith(inputs, "required").length === 0) {
        it("may be called without arguments", async () => {
          await direct();
          await valueOf(onOutputs());
          assert.deepEqual(
            monitor.invocations.map((invocation) => invocation.inputs),
            [{}, {}],
          );
        });
      }
    });
  }
});
