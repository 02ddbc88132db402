/** Tests what the platform may say of agents that come and go. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { problems, read } from "./settings";

const scaleSet =
  "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-agents/providers/Microsoft.Compute/virtualMachineScaleSets/agents";
const least = { name: "linux-builders", scaleSet, connection: "Azure (agents)" };
const first = (elasticPool: unknown) => {
  const [problem] = problems({ elasticPool });
  ok(problem !== undefined, JSON.stringify(elasticPool));
  equal(problem.file, "config wheelhouse:elasticPool");
  return problem;
};

describe("The platform's pool over a scale set", () => {
  it("is none by default, also as the project file writes that", () => {
    for (const elasticPool of [undefined, {}, ""]) equal(read({ elasticPool }).elasticPool, undefined);
  });

  it("has sizes that suit a small team, or those that are set", () => {
    const usual = { maxAgents: 4, idleAgents: 1, idleMinutes: 30, recycle: true };
    deepEqual(read({ elasticPool: least }).elasticPool, { ...least, ...usual });
    const own = { maxAgents: 40, idleAgents: 0, idleMinutes: 5, recycle: false };
    deepEqual(read({ elasticPool: { ...least, ...own } }).elasticPool, { ...least, ...own });
  });

  it("is told what it lacks, and what it does not know", () => {
    deepEqual(
      problems({ elasticPool: { name: "x" } }).map(({ path, message }) => `${path} ${message}`),
      ["scaleSet is missing", "connection is missing"],
    );
    match(first({ ...least, maxAgent: 2 }).mend, /did you mean maxAgents\?/);
    ok(problems({ elasticPool: [] }).length > 0);
  });

  it("takes the id of a scale set and of nothing else", () => {
    for (const wrong of [
      "agents",
      "",
      scaleSet.replace("virtualMachineScaleSets", "virtualMachines"),
      scaleSet.replace("11111111", "1"),
      `${scaleSet}/extensions/x`,
      `${scaleSet}\n`,
      scaleSet.replace("rg-agents", "rg/agents"),
      scaleSet.replace("agents", "$(x)"),
    ]) {
      const problem = first({ ...least, scaleSet: wrong });
      deepEqual([problem.path, problem.message.includes("is not the id of a scale set")], ["scaleSet", true], wrong);
      match(problem.mend, /az vmss show/);
    }
    equal(read({ elasticPool: { ...least, scaleSet: scaleSet.toLowerCase() } }).elasticPool?.name, "linux-builders");
  });

  it("is a pool of its own, under a name that pipelines can call", () => {
    for (const name of ["Azure Pipelines", "default", "a/b", "", " x", "${{ x }}"]) {
      equal(first({ ...least, name }).path, "name", name);
    }
    for (const connection of ["", "a,b", "$(x)", "a\nb"]) {
      equal(first({ ...least, connection }).path, "connection", connection);
    }
  });

  it("has no more agents that wait than it has agents", () => {
    const problem = first({ ...least, maxAgents: 2, idleAgents: 3 });
    deepEqual([problem.path, problem.message], ["idleAgents", "3 agents cannot wait where there are at most 2"]);
    equal(read({ elasticPool: { ...least, maxAgents: 3, idleAgents: 3 } }).elasticPool?.idleAgents, 3);
    for (const sizes of [
      { maxAgents: 0 },
      { maxAgents: 1001 },
      { idleAgents: -1 },
      { idleMinutes: 0 },
      { recycle: "yes" },
    ]) {
      ok(problems({ elasticPool: { ...least, ...sizes } }).length > 0, JSON.stringify(sizes));
    }
  });
});
