/** The list of pushes to each repository, told from where its branches were and are. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { newGuid, type Entity } from "../state";
import { requireOwner } from "./identities";
import { freshenPullRequests } from "./merges";
import { tokens } from "./tokens";

const none = "0".repeat(40);

/** One push, as the service lists it. */
export interface Push {
  readonly pushId: number;
  readonly repositoryId: string;
  /** ISO 8601. */
  readonly date: string;
  /** Id of the identity. */
  readonly pushedBy: string;
  readonly refUpdates: readonly { readonly name: string; readonly oldObjectId: string; readonly newObjectId: string }[];
}

/**
 * Writes down what changed in a repository since the last time, if anything; also what a killed process did not write down. Pull
 * requests follow. `person` has pushed; absent, the owner has.
 */
export async function recordPushes(cloud: Cloud, repositoryId: string, person?: Entity): Promise<void> {
  const changed = await record(cloud, repositoryId, person);
  if (changed) {
    await freshenPullRequests(cloud, repositoryId);
  }
}

/** @returns whether something had changed */
async function record(cloud: Cloud, repositoryId: string, person: Entity | undefined): Promise<boolean> {
  const now = await cloud.repositories.references(repositoryId);
  // From here on nothing waits, so no push is written down twice.
  const before = known(cloud.state.get(tokens.references, repositoryId));
  const names = [...new Set([...Object.keys(before), ...now.keys()])];
  const refUpdates = names
    .map((name) => ({ name, oldObjectId: before[name] ?? none, newObjectId: now.get(name) ?? none }))
    .filter(({ oldObjectId, newObjectId }) => oldObjectId !== newObjectId);
  if (refUpdates.length === 0 || cloud.state.get(tokens.git, repositoryId) === undefined) {
    return false;
  }
  const within = [{ token: tokens.git, id: repositoryId }];
  const pushId = cloud.state.nextNumber("push");
  const pushedBy = (person ?? requireOwner(cloud)).id;
  const push: Push = { pushId, repositoryId, date: new Date().toISOString(), pushedBy, refUpdates };
  cloud.state.put({ token: tokens.push, id: newGuid(), key: String(pushId), within, properties: { ...push } });
  cloud.state.put({
    token: tokens.references,
    id: repositoryId,
    key: repositoryId,
    within,
    properties: { references: Object.fromEntries(now) },
  });
  return true;
}

/** Pushes to a repository, the newest first. */
export function pushesTo(cloud: Cloud, repositoryId: string): Push[] {
  return cloud.state
    .list(tokens.push)
    .filter((entity) => entity.properties.repositoryId === repositoryId)
    .map((entity) => entity.properties as unknown as Push)
    .sort((one, other) => other.pushId - one.pushId);
}

function known(entity: Entity | undefined): Record<string, string> {
  return z.record(z.string(), z.string()).catch({}).parse(entity?.properties.references);
}
