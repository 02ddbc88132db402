/** Nobody pulls without being known. */
import { resourceRule } from "../resource-rule";
import { REGISTRY } from "../resource-types";
import { isOn } from "../values";

export const registryWithoutAnonymousPull = resourceRule({
  name: "registry-without-anonymous-pull",
  description: "Container registries give images only to those who have a role.",
  severity: "critical",
  mend: "Set anonymousPullEnabled to false, and give whoever pulls the role AcrPull.",
  types: [REGISTRY],
  check: ({ inputs }) =>
    isOn(inputs.anonymousPullEnabled)
      ? [
          {
            where: "anonymousPullEnabled",
            what: "anonymous pull is on",
            why: "everyone who can reach the registry gets the private code in its images",
            mend: "Set it to false, and give whoever pulls the role AcrPull",
          },
        ]
      : [],
});
