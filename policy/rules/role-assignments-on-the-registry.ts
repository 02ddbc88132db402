/** Roles are given on one registry, not on what is around it. */
import { z } from "zod";
import { regularExpression } from "../parameters";
import { resourceRule } from "../resource-rule";
import { ROLE_ASSIGNMENT } from "../resource-types";
import { isRegistryScope } from "../roles";
import { textOf } from "../values";

export const roleAssignmentsOnTheRegistry = resourceRule({
  name: "role-assignments-on-the-registry",
  description: "Role assignments have one container registry as their scope.",
  severity: "high",
  mend: "Set scope to the id of the registry, or name the scope in otherScopes.",
  parameters: z.strictObject({
    otherScopes: z
      .array(regularExpression)
      .default([])
      .describe("Regular expressions, any of which a scope may fit beside registries."),
  }),
  types: [ROLE_ASSIGNMENT],
  check: ({ inputs }, { otherScopes }) => {
    const scope = textOf(inputs.scope);
    if (scope === undefined || isRegistryScope(scope) === true) return [];
    if (otherScopes.some((pattern) => new RegExp(pattern, "u").test(scope))) return [];
    return [
      {
        where: "scope",
        what: "it is not one container registry",
        why: "the role reaches everything else in it, what is made there later included",
        mend: "Set it to the id of the registry, or add the scope to this rule's otherScopes",
      },
    ];
  },
});
