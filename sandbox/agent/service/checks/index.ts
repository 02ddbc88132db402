/** The checks that come before a job starts. */
import type { ExpandedPipeline } from "../../model";
import type { Definition, World } from "../world";
import { connectionProblems, poolProblems, repositoryProblems } from "./authorizations";
import { demandProblems, type Capability } from "./demands";
import { templateProblems } from "./required-template";

export { endpointNamed, isAuthorized, isOfProjectOnly, reachesNamedOnly } from "./authorizations";
export { capabilitiesOf, type Capability } from "./demands";
export { hasRoleWithin, registryRole, SignInRefused } from "./registry-role";
export { inlineRepository, namedRepositories, repositoryNamed, same, type NamedRepository } from "./resources";

/** Of a run, what the checks look at. */
export interface Checked {
  readonly pipeline: ExpandedPipeline;
  readonly definition: Definition;
  /** Full name. */
  readonly branch: string;
}

/** Why a run may not start, a sentence for each reason; empty when it may. */
export function problemsOf({ pipeline, definition, branch }: Checked, world: World, capability: Capability): string[] {
  return [
    ...connectionProblems(pipeline, definition, world),
    ...repositoryProblems(pipeline, definition, world),
    ...poolProblems(pipeline, definition, world),
    ...templateProblems(pipeline, definition, branch, world),
    ...demandProblems(pipeline, capability),
  ];
}
