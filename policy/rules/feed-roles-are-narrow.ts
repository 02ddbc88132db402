/** Teams install, builds save from upstream sources, and nobody gets more by the program. */
import { z } from "zod";
import { resourceRule } from "../resource-rule";
import { FEED_PERMISSION } from "../resource-types";
import { textOf } from "../values";

const ROLE_NAMES = ["reader", "collaborator", "contributor", "administrator"] as const;

export const feedRolesAreNarrow = resourceRule({
  name: "feed-roles-are-narrow",
  description: "Feed permissions let people install, and builds save packages from upstream sources.",
  severity: "medium",
  mend: "Give reader, or collaborator to what builds; allow another role in roles.",
  parameters: z.strictObject({
    roles: z
      .array(z.enum(ROLE_NAMES))
      .default(["reader", "collaborator"])
      .describe("Roles that may be given; a feed that teams publish to needs contributor, too."),
  }),
  types: [FEED_PERMISSION],
  check: ({ inputs }, { roles }) => {
    const role = textOf(inputs.role)?.toLowerCase();
    if (role === undefined || roles.some((allowed) => allowed === role)) return [];
    return [
      {
        where: "role",
        what: `it is not one of ${roles.join(", ")}`,
        why: "its holder can publish or remove packages that every image takes",
        mend: "Give a narrower role, or allow this one in this rule's roles",
      },
    ];
  },
});
