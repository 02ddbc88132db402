/** On a registry nobody gets more than what images need. */
import { z } from "zod";
import { resourceRule } from "../resource-rule";
import { ROLE_ASSIGNMENT } from "../resource-types";
import { isRegistryScope, roleOf, ROLES, type RoleName } from "../roles";

const NAMES = Object.keys(ROLES) as [RoleName, ...RoleName[]];
const FOR_IMAGES: readonly RoleName[] = NAMES.filter((name) => !["Owner", "Contributor", "AcrDelete"].includes(name));

export const registryRolesAreNarrow = resourceRule({
  name: "registry-roles-are-narrow",
  description: "Roles on a container registry are about images, and do not delete them.",
  severity: "high",
  mend: "Give AcrPull, or AcrPush to what publishes; allow another role in roles or otherRoles.",
  parameters: z.strictObject({
    roles: z
      .array(z.enum(NAMES))
      .default([...FOR_IMAGES])
      .describe("Built-in roles that may be given on a registry."),
    otherRoles: z.array(z.guid()).default([]).describe("GUIDs of further roles that may be given, such as your own."),
  }),
  types: [ROLE_ASSIGNMENT],
  check: ({ inputs }, { roles, otherRoles }) => {
    const role = roleOf(inputs.roleDefinitionId);
    // Where the scope is not known, it is most likely the registry that this stack makes; elsewhere another rule speaks.
    if (role === undefined || isRegistryScope(inputs.scope) === false) return [];
    if (roles.some((name) => ROLES[name] === role) || otherRoles.some((guid) => guid.toLowerCase() === role)) return [];
    const name = NAMES.find((known) => ROLES[known] === role);
    return [
      {
        where: "roleDefinitionId",
        what: name === undefined ? "the role is not one for images" : `the role is ${name}`,
        why: "its holder can do more than pull and push, such as delete images or let others in",
        mend: "Give AcrPull, or AcrPush to what publishes, or allow the role in this rule's roles or otherRoles",
      },
    ];
  },
});
