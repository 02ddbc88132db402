/** What the branch policies say of a pull request, over REST. */
import { list, type Answer, type Call } from "../call";
import { evaluate, type Evaluation } from "../devops/evaluations";
import { pullRequestOf } from "../devops/merges";
import { tokens } from "../devops/tokens";
import { invalid, missing, ServiceError } from "../errors";
import { artifactId } from "./pull-request-description";
import { checkQuery } from "./request";

/** The service's own ids of the kinds of policy. */
const types = new Map([
  [tokens.branchPolicyBuildValidation, { id: "0609b952-1397-4640-95ec-e00a01b2c241", displayName: "Build" }],
  [
    tokens.branchPolicyMinReviewers,
    { id: "fa4e907d-c16b-4a4c-9dfa-4906e5d171dd", displayName: "Minimum number of reviewers" },
  ],
]);

/** `_apis/policy/evaluations?artifactId=vstfs:///CodeReview/CodeReviewId/<project id>/<pull request>`. */
export async function policyEvaluations(call: Call, projectId: string): Promise<Answer> {
  if (call.method !== "GET") {
    throw new ServiceError(405, "MethodNotAllowed", `${call.method} on policy evaluations is not served here; GET is`);
  }
  checkQuery(call, ["artifactId"]);
  const artifact = call.query.get("artifactId") ?? "";
  const [, project, id] = /^vstfs:\/\/\/CodeReview\/CodeReviewId\/([^/]+)\/(\d+)$/i.exec(artifact) ?? [];
  if (id === undefined || project?.toLowerCase() !== projectId) {
    throw invalid(
      "InvalidArgumentValueException",
      "artifactId: write vstfs:///CodeReview/CodeReviewId/<id of this project>/<number of the pull request>",
    );
  }
  const entity = call.cloud.state.get(tokens.pullRequest, id);
  const one = entity === undefined ? undefined : pullRequestOf(entity);
  if (one?.projectId !== projectId) {
    throw missing("GitPullRequestNotFoundException", `TF401180: the project has no pull request ${id}`);
  }
  const evaluations = await evaluate(call.cloud, one);
  return list(evaluations.map((evaluation) => ({ ...describe(evaluation), artifactId: artifactId(one) })));
}

function describe({ policy, blocking, status, says }: Evaluation): Record<string, unknown> {
  return {
    evaluationId: policy.id,
    status,
    configuration: {
      id: Number(policy.id),
      type: types.get(policy.token),
      isEnabled: true,
      isBlocking: blocking,
      settings: policy.properties.settings,
    },
    context: { message: says },
  };
}
