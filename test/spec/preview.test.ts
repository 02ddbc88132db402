/** Tests what the platform may say of the stacks that pull requests preview. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { problems, read } from "./settings";

const least = { backend: "azblob://state?storage_account=contoso", stacks: ["production"] };
const platformRepository = "platform";
const first = (preview: unknown) => {
  const [problem] = problems({ platformRepository, preview });
  ok(problem !== undefined, JSON.stringify(preview));
  equal(problem.file, "config wheelhouse:preview");
  return problem;
};

describe("The preview of the platform's own pull requests", () => {
  it("is set by hand by default, also as the project file writes that", () => {
    for (const preview of [undefined, {}, ""]) equal(read({ platformRepository, preview }).preview, undefined);
  });

  it("has a connection of a fixed name and no variable group, or those that are set", () => {
    const usual = { connection: "wheelhouse-preview", variableGroup: undefined };
    deepEqual(read({ platformRepository, preview: least }).preview, { ...least, ...usual });
    const own = { connection: "Azure (read)", variableGroup: 12, stacks: ["a", "contoso/wheelhouse/b"] };
    deepEqual(read({ platformRepository, preview: { ...least, ...own } }).preview, { ...least, ...own });
  });

  it("takes the kinds of state that the engine knows", () => {
    for (const backend of [
      "file:///srv/state?metadata=skip",
      "s3://state?region=eu-west-1",
      "gs://state",
      "https://api.pulumi.example/contoso",
      "azblob://state/production?storage_account=contoso",
    ]) {
      equal(read({ platformRepository, preview: { ...least, backend } }).preview?.backend, backend);
    }
  });

  it("is told what it lacks, and what it does not know", () => {
    deepEqual(
      problems({ platformRepository, preview: { connection: "x" } }).map(({ path, message }) => `${path} ${message}`),
      ["backend is missing", "stacks is missing"],
    );
    match(first({ ...least, stack: "production" }).mend, /did you mean stacks\?/);
    ok(problems({ platformRepository, preview: [] }).length > 0);
  });

  it("takes no address that holds credentials, that a shell or Azure Pipelines could change, or of another kind", () => {
    for (const backend of [
      "",
      "production",
      "ftp://state",
      "azblob://",
      "https://user:password@state.example",
      "azblob://state?sas=$(SAS)",
      "azblob://state?sas=${{ x }}",
      "file:///srv/state space",
      "file:///srv/state\n",
      `azblob://${"x".repeat(401)}`,
    ]) {
      equal(first({ ...least, backend }).path, "backend", backend);
    }
  });

  it("takes only names of stacks, each once, and one at least", () => {
    for (const stack of ["", "a b", "-a", "a/b/c/d", "a//b", "$(x)", "*", "a;b", "a\n", "x".repeat(101)]) {
      equal(first({ ...least, stacks: [stack] }).path, "stacks[0]", stack);
    }
    equal(first({ ...least, stacks: [] }).path, "stacks");
    match(first({ ...least, stacks: ["a", "b", "a"] }).path, /^stacks/);
  });

  it("takes a connection's name and a variable group's number", () => {
    for (const connection of ["", "a,b", "$(x)", "a\nb"]) {
      equal(first({ ...least, connection }).path, "connection", connection);
    }
    for (const variableGroup of [0, -1, 1.5, "wheelhouse-preview"]) {
      equal(first({ ...least, variableGroup }).path, "variableGroup", String(variableGroup));
    }
  });

  it("needs a repository whose pull requests show it", () => {
    const [problem] = problems({ preview: least });
    equal(problem?.file, "config wheelhouse:preview");
    match(problem.mend, /set platformRepository/);
  });
});
