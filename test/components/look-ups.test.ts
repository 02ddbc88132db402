import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { existingGroup, existingProject, existingQueue, existingRepository } from "../../components/look-ups";
import { record } from "./recording";

const group = { projectId: "project", name: "commerce" };

/** What the program would fail with when Azure DevOps finds nothing. */
async function failure(lookUp: () => pulumi.Output<string>): Promise<Error> {
  const missing = (): never => {
    // The engine tells an error of a function in `details`.
    throw Object.assign(new Error(), { details: "the service says 404" });
  };
  const all = ["Project", "Group", "AgentQueue", "GitRepository"];
  const answers = Object.fromEntries(all.map((what) => [`azuredevops:index/get${what}:get${what}`, missing]));
  let outcome: Promise<unknown> | undefined;
  await record(
    () => {
      outcome = (lookUp() as unknown as { promise(): Promise<unknown> }).promise().catch((error: unknown) => error);
    },
    false,
    answers,
  );
  const error = await outcome;
  assert.ok(error instanceof Error, "nothing failed");
  return error;
}

describe("a look-up of what must exist", () => {
  for (const [what, lookUp, mend] of [
    [
      "project",
      () => existingProject("Platform", {}),
      /^cannot look up project "Platform": if there is none, make it, or set wheelhouse:/,
    ],
    [
      "team",
      () => existingGroup(group, {}),
      /^cannot look up team "commerce": if there is none, make a team or group of that name/,
    ],
    [
      "pool",
      () => existingQueue(group, {}),
      /^cannot look up agent pool "commerce": if there is none, add it under Project settings/,
    ],
    [
      "repository",
      () => existingRepository(group, {}).id,
      /^cannot look up repository "commerce": if there is none, make it, or correct/,
    ],
  ] as const) {
    it(`says what is missing and how to mend it, without a stack trace: ${what}`, async () => {
      const error = await failure(lookUp);
      assert.ok(pulumi.RunError.isInstance(error));
      assert.match(error.message, mend);
      assert.match(error.message, /the service says 404/);
      error.message = `error serializing property "projectId": ${error.message}`;
      assert.match(error.message, mend);
    });
  }
});
