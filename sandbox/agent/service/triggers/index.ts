/** Decides, from what the clouds hold and what was looked at before, which runs are to be made and which to be ended. */
import type { Memory, Start } from "../memory";
import type { World } from "../world";
import { startsOfCompletions } from "./completions";
import { startsOfPullRequests } from "./pull-requests";
import { startsOfPushes } from "./pushes";
import { startsOfSchedules } from "./schedules";
import type { TriggerSources } from "./sources";

export { isSource } from "./completions";
export { branchTips, defaultBranch, shortName } from "./repository-state";
export type { TriggerSources } from "./sources";

export interface Decision {
  /** What to remember: with what was looked at, and the runs that are to be made. */
  readonly memory: Memory;
  /** Numbers of runs that newer ones replace. */
  readonly cancel: readonly number[];
}

/**
 * One look. Nothing is changed here: put the memory away, make the runs that are pending in it, and each is made once.
 * @param now On the sandbox's clock.
 */
export async function look(world: World, memory: Memory, now: Date, sources: TriggerSources): Promise<Decision> {
  const pushes = await startsOfPushes(world, memory, sources);
  const schedules = await startsOfSchedules(world, memory, now, sources);
  const completions = await startsOfCompletions(world, memory, sources);
  const pullRequests = startsOfPullRequests(world);
  const starts: readonly Start[] = [
    ...pushes.starts,
    ...schedules.starts,
    ...completions.starts,
    ...pullRequests.starts,
  ];
  return {
    memory: {
      push: Math.max(memory.push, ...world.pushes.map(({ id }) => id)),
      definitions: world.definitions.map(({ id }) => id),
      held: [...pushes.held],
      schedules: { ...schedules.schedules },
      completed: [...completions.completed],
      pending: [...memory.pending, ...starts],
      lastRun: Math.max(memory.lastRun, ...world.runs.map(({ id }) => id)),
    },
    cancel: pullRequests.cancel,
  };
}
