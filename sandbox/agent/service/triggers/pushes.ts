/** Starts runs for pushes. */
import { pushStarts } from "../../yaml";
import type { HeldPushes, Memory, Start } from "../memory";
import type { CloudRun, Definition, Push, World } from "../world";
import { branchTips, branchUpdates, defaultBranch, isNewBranch, shortName, wasThere } from "./repository-state";
import type { TriggerSources } from "./sources";

/** In a commit's message they keep its push from starting anything (the service's documentation, "Skipping CI for individual pushes"). */
const skipMark =
  /\[(skip ci|ci skip|skip azurepipelines|azurepipelines skip|skip azpipelines|azpipelines skip|skip azp|azp skip)\]|skip-checks:\s*true|\*\*\*NO_CI\*\*\*/i;

interface PushResult {
  readonly starts: readonly Start[];
  readonly held: readonly HeldPushes[];
}

function isBusy(definition: Definition, branch: string, runs: readonly CloudRun[], starts: readonly Start[]): boolean {
  const ofPush = (reason: string): boolean => reason === "IndividualCI" || reason === "BatchedCI";
  return (
    runs.some(
      (run) =>
        run.definitionId === definition.id && run.branch === branch && run.state !== "completed" && ofPush(run.reason),
    ) || starts.some((start) => start.definitionId === definition.id && start.branch === branch && ofPush(start.reason))
  );
}

interface PushedBranch {
  readonly push: Push;
  readonly branch: string;
  readonly before: string | undefined;
  readonly after: string;
}

/** A branch that is new is compared with the default branch: what it brings is what that one lacks. */
function pushedBranches(push: Push, definition: Definition, world: World): PushedBranch[] {
  return branchUpdates(push).map((update) => {
    const base = branchTips(world, push.repositoryId).get(defaultBranch(definition, world));
    const before = isNewBranch(update) ? (base === update.after ? undefined : base) : update.before;
    return { push, branch: update.name, before, after: update.after };
  });
}

/** @returns whether the pushed branch's main file wants a run, and whether it wants pushes put together */
async function judge(
  { push, branch, before, after }: PushedBranch,
  definition: Definition,
  sources: TriggerSources,
): Promise<"start" | "batch" | undefined> {
  const main = await sources.mainFile(definition, after);
  if (main === undefined || main.trigger === "none") return undefined;
  const paths = await sources.changedPaths(push.repositoryId, before, after);
  if (!pushStarts(main.trigger, branch, paths)) return undefined;
  const messages = await sources.messages(push.repositoryId, before, after);
  if (messages.some((message) => skipMark.test(message))) return undefined;
  return main.trigger?.batch === true ? "batch" : "start";
}

function hold(held: readonly HeldPushes[], definitionId: number, branch: string, commit: string): HeldPushes[] {
  const same = held.find((one) => one.definitionId === definitionId && one.branch === branch);
  const others = held.filter((one) => one !== same);
  return [...others, { definitionId, branch, commit, pushes: (same?.pushes ?? 0) + 1 }];
}

/** Runs for pushes that were held until the run before them ended. */
function released(held: readonly HeldPushes[], world: World): PushResult {
  const starts: Start[] = [];
  const left: HeldPushes[] = [];
  for (const one of held) {
    const definition = world.definitions.find(({ id }) => id === one.definitionId);
    if (definition === undefined || definition.queueStatus === "disabled") continue;
    if (isBusy(definition, one.branch, world.runs, starts)) {
      left.push(one);
      continue;
    }
    const { definitionId, branch, commit, pushes } = one;
    const because = `${pushes === 1 ? "a push" : `${pushes} pushes`} to ${shortName(branch)} during the run before, the last of ${commit.slice(0, 7)}`;
    starts.push({ definitionId, branch, commit, reason: "BatchedCI", because });
  }
  return { starts, held: left };
}

/** What pushes since the last look start, and what they are held for. */
export async function startsOfPushes(world: World, memory: Memory, sources: TriggerSources): Promise<PushResult> {
  const first = released(memory.held, world);
  const starts: Start[] = [...first.starts];
  let { held } = first;
  for (const push of world.pushes.filter(({ id }) => id > memory.push)) {
    const definitions = world.definitions.filter(
      (one) =>
        one.repositoryId === push.repositoryId && one.queueStatus !== "disabled" && wasThere(one, push.date, memory),
    );
    for (const definition of definitions) {
      for (const pushed of pushedBranches(push, definition, world)) {
        const { branch, after: commit } = pushed;
        const wanted = await judge(pushed, definition, sources);
        if (wanted === undefined) continue;
        if (wanted === "batch" && isBusy(definition, branch, world.runs, starts)) {
          held = hold(held, definition.id, branch, commit);
          continue;
        }
        const because = `push of ${commit.slice(0, 7)} to ${shortName(branch)}`;
        starts.push({ definitionId: definition.id, branch, commit, reason: "IndividualCI", because });
      }
    }
  }
  return { starts, held };
}
