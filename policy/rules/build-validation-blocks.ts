/** A pull request that does not build is not merged. */
import { resourceRule } from "../resource-rule";
import { BRANCH_POLICY_BUILD_VALIDATION } from "../resource-types";
import { at, isOff, isOn } from "../values";

const WHY = "code that does not build, or does not pass the scan, can be merged";

export const buildValidationBlocks = resourceRule({
  name: "build-validation-blocks",
  description: "Build validations are on, start by themselves, and block merging.",
  severity: "medium",
  mend: "Leave enabled and blocking true, and manualQueueOnly false.",
  types: [BRANCH_POLICY_BUILD_VALIDATION],
  check: ({ inputs }) => [
    ...(["enabled", "blocking"] as const)
      .filter((property) => isOff(inputs[property]))
      .map((where) => ({ where, what: "it is off", why: WHY, mend: "Set it to true" })),
    ...(isOn(at(inputs.settings, "manualQueueOnly"))
      ? [
          {
            where: "settings.manualQueueOnly",
            what: "the build starts only by hand",
            why: "pull requests wait for someone to remember it",
            mend: "Set it to false",
          },
        ]
      : []),
  ],
});
