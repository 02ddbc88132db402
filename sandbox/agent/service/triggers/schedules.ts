/** Starts runs at the times that pipelines' main files say. */
import type { Schedule } from "../../model";
import { branchPasses, nextRun } from "../../yaml";
import type { Memory, Start } from "../memory";
import type { Definition, World } from "../world";
import { branchTips } from "./repository-state";
import type { TriggerSources } from "./sources";

/** More times than that between two looks are counted no further; all of them together start one run. */
const mostTimes = 10_000;

interface ScheduleResult {
  readonly starts: readonly Start[];
  readonly schedules: Readonly<Record<string, string>>;
}

/** The last time at or before `now` at which a schedule was due since `after`. */
function lastDue(schedule: Schedule, after: Date, now: Date): Date | undefined {
  let due: Date | undefined;
  let next = nextRun(schedule, after);
  for (let count = 0; next !== undefined && next <= now && count < mostTimes; count += 1) {
    due = next;
    next = nextRun(schedule, next);
  }
  return due;
}

/** Whether the last scheduled run that was fine, or goes on, was of this very commit. */
function isBuilt(definition: Definition, branch: string, commit: string, world: World): boolean {
  const last = world.runs.findLast(
    (run) =>
      run.definitionId === definition.id &&
      run.branch === branch &&
      run.reason === "Schedule" &&
      run.result !== "failed" &&
      run.result !== "canceled",
  );
  return last?.commit === commit;
}

/**
 * What is due on the sandbox's clock. A schedule counts from when it is first seen. Times that went by at once, because the clock was set
 * forward or nobody looked, start one run together.
 */
export async function startsOfSchedules(
  world: World,
  memory: Memory,
  now: Date,
  sources: TriggerSources,
): Promise<ScheduleResult> {
  const starts: Start[] = [];
  const schedules: Record<string, string> = {};
  for (const definition of world.definitions.filter(({ queueStatus }) => queueStatus !== "disabled")) {
    for (const [branch, commit] of branchTips(world, definition.repositoryId)) {
      const main = await sources.mainFile(definition, commit);
      for (const schedule of main?.schedules ?? []) {
        if (!branchPasses(schedule.branches, branch)) continue;
        const key = [definition.id, branch, schedule.cron, schedule.displayName].join(" ");
        const after = memory.schedules[key];
        const due = after === undefined ? undefined : lastDue(schedule, new Date(after), now);
        // Only what is due moves it, so that the memory is not written at each look.
        schedules[key] = after === undefined || due !== undefined ? now.toISOString() : after;
        if (due === undefined || (!schedule.always && isBuilt(definition, branch, commit, world))) continue;
        const name = schedule.displayName === "" ? schedule.cron : schedule.displayName;
        const because = `schedule "${name}", due ${due.toISOString().slice(0, 16).replace("T", " ")} UTC`;
        starts.push({ definitionId: definition.id, branch, commit, reason: "Schedule", because });
      }
    }
  }
  return { starts, schedules };
}
