/** Jobs act for their own project. */
import { resourceRule } from "../resource-rule";
import { BUILD_DEFINITION } from "../resource-types";
import { UNKNOWN } from "../values";

export const projectJobScope = resourceRule({
  name: "project-job-scope",
  description: "Pipelines' job tokens reach their own project only.",
  severity: "high",
  mend: "Set jobAuthorizationScope to project.",
  types: [BUILD_DEFINITION],
  check: ({ inputs: { jobAuthorizationScope: scope } }) =>
    scope === "project" || scope === UNKNOWN
      ? []
      : [
          {
            where: "jobAuthorizationScope",
            what: scope === undefined ? "it is missing, which means projectCollection" : "it is not project",
            why: "the job's token opens every project of the organization",
            mend: "Set it to project",
          },
        ],
});
