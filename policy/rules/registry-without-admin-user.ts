/** The registry's admin user stays off. */
import { resourceRule } from "../resource-rule";
import { REGISTRY } from "../resource-types";
import { isOn } from "../values";

export const registryWithoutAdminUser = resourceRule({
  name: "registry-without-admin-user",
  description: "Container registries have no admin user.",
  severity: "critical",
  mend: "Set adminUserEnabled to false; whoever used its password gets a role on the registry.",
  types: [REGISTRY],
  check: ({ inputs }) =>
    isOn(inputs.adminUserEnabled)
      ? [
          {
            where: "adminUserEnabled",
            what: "the admin user is on",
            why: "its password is shared, has every right and never expires",
            mend: "Set it to false, and give whoever used the password a role on the registry",
          },
        ]
      : [],
});
