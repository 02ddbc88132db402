/** Every pull request to an application, and to the platform itself, is built before it is merged. */
import {
  APP_IMAGE_PIPELINE,
  BRANCH_POLICY_BUILD_VALIDATION,
  BUILD_DEFINITION,
  PREVIEW_PIPELINE,
} from "../resource-types";
import { refersTo, stackRule } from "../stack-rule";
import { at } from "../values";

export const pullRequestsAreBuilt = stackRule({
  name: "pull-requests-are-built",
  description: "Pipelines of applications and of the platform's preview have a build validation.",
  severity: "medium",
  mend: "Declare a BranchPolicyBuildValidation with the pipeline, for each branch that it publishes.",
  types: [BRANCH_POLICY_BUILD_VALIDATION, BUILD_DEFINITION],
  check: (stack) => {
    const policies = stack.ofType(BRANCH_POLICY_BUILD_VALIDATION);
    return stack
      .ofType(BUILD_DEFINITION)
      .filter(({ parentType }) => parentType === APP_IMAGE_PIPELINE || parentType === PREVIEW_PIPELINE)
      .filter(
        (definition) =>
          !policies.some((policy) =>
            refersTo(policy, "settings", at(policy.outputs.settings, "buildDefinitionId"), definition, ["id"]),
          ),
      )
      .map((resource) => ({
        resource,
        where: "build validation",
        what: "no branch policy runs this pipeline for pull requests",
        why: "what is merged was never built, and Azure Repos starts nothing else for pull requests",
        mend: "Declare a BranchPolicyBuildValidation with it, for each branch that it publishes",
      }));
  },
});
