/** Who makes a call: a person, the build account of a job, or the owner. */
import type { Call } from "../call";
import { buildAccountOf } from "../devops/build-accounts";
import { requireOwner } from "../devops/identities";
import type { Entity } from "../state";

export function callerOf({ cloud, person, job }: Call): Entity {
  return person ?? (job === undefined ? requireOwner(cloud) : buildAccountOf(cloud, job));
}
