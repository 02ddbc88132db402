/** Whatever can push images is bound to the platform's templates. */
import { connections, CONNECTION_TYPES } from "../connections";
import { stackRule } from "../stack-rule";

/**
 * Which connection may push is told by the roles of its identity. Before the first update these are not known where the
 * program computes them from the registry's id; from then on each preview sees them.
 */
export const pushConnectionsAreChecked = stackRule({
  name: "push-connections-are-checked",
  description: "Service connections that may push images carry a required-template check.",
  severity: "critical",
  mend: "Declare a CheckRequiredTemplate with the platform's templates on the connection.",
  types: CONNECTION_TYPES,
  check: (stack) =>
    connections(stack)
      .filter(({ pushes, checks }) => pushes === true && checks.length === 0)
      .map(({ endpoint }) => ({
        resource: endpoint,
        where: "required-template check",
        what: "the connection may push images and has no such check",
        why: "any pipeline that gets it publishes what was neither built nor scanned by the rules",
        mend: "Declare a CheckRequiredTemplate with the platform's templates on it",
      })),
});
