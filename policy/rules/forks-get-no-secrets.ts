/** A pull request from a fork, by whomever, builds without secrets. */
import { resourceRule } from "../resource-rule";
import { BUILD_DEFINITION } from "../resource-types";
import { at, isOn } from "../values";

export const forksGetNoSecrets = resourceRule({
  name: "forks-get-no-secrets",
  description: "Runs for pull requests from forks get no secrets.",
  severity: "high",
  mend: "Set pullRequestTrigger.forks.shareSecrets to false.",
  types: [BUILD_DEFINITION],
  check: ({ inputs }) =>
    isOn(at(inputs.pullRequestTrigger, "forks", "shareSecrets"))
      ? [
          {
            where: "pullRequestTrigger.forks.shareSecrets",
            what: "it is on",
            why: "whoever can fork the repository can print the secrets",
            mend: "Set it to false",
          },
        ]
      : [],
});
