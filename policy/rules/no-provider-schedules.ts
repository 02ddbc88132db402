/** Schedules are in YAML: those of the provider never run. */
import { resourceRule } from "../resource-rule";
import { BUILD_DEFINITION } from "../resource-types";
import { elements } from "../values";

export const noProviderSchedules = resourceRule({
  name: "no-provider-schedules",
  description: "Pipelines have no schedules but those in their YAML.",
  severity: "medium",
  mend: "Remove schedules from the definition, and write them into the pipeline's YAML with always: true.",
  types: [BUILD_DEFINITION],
  check: ({ inputs }) =>
    elements(inputs.schedules).length > 0
      ? [
          {
            where: "schedules",
            what: "the definition has schedules",
            why: "these do not run but make Azure Pipelines ignore the schedules in YAML",
            mend: "Remove them, and write schedules with always: true into the pipeline's YAML",
          },
        ]
      : [],
});
