/** Starts the pipelines that listen for the end of another pipeline's run. */
import type { PipelineResource } from "../../model";
import { pipelineCompletionStarts } from "../../yaml";
import { same } from "../checks";
import type { Memory, Start } from "../memory";
import type { CloudRun, Definition, World } from "../world";
import { branchTips, defaultBranch, wasThere } from "./repository-state";
import type { TriggerSources } from "./sources";

interface CompletionResult {
  readonly starts: readonly Start[];
  readonly completed: readonly number[];
}

/** Whether a resource's `source` means a pipeline: by its name, or by its folder and name. */
export function isSource(source: string, definition: Definition): boolean {
  const { path, name } = definition;
  const full = `${path.replace(/\\+$/, "")}\\${name}`;
  return source.includes("\\") ? same(`\\${source.replace(/^\\+/, "")}`, full) : same(source, name);
}

/** What runs that ended since the last look start. Where both pipelines are of one repository, the started one runs for the same commit. */
export async function startsOfCompletions(
  world: World,
  memory: Memory,
  sources: TriggerSources,
): Promise<CompletionResult> {
  const ended = world.runs.filter(({ state }) => state === "completed");
  const starts: Start[] = [];
  for (const run of ended) {
    if (memory.completed.includes(run.id)) continue;
    const source = world.definitions.find(({ id }) => id === run.definitionId);
    if (source === undefined || !isFine(run)) continue;
    for (const definition of listeners(source, run, world, memory)) {
      const sameRepository = definition.repositoryId === source.repositoryId && run.pullRequest === undefined;
      const branch = sameRepository ? run.branch : defaultBranch(definition, world);
      const commit = sameRepository ? run.commit : branchTips(world, definition.repositoryId).get(branch);
      if (commit === undefined) continue;
      const main = await sources.mainFile(definition, commit);
      const started = main?.pipelines.find((resource) => listens(resource, source, run));
      if (started === undefined) continue;
      const tags = started.trigger?.tags ?? [];
      const because = `${source.name} ${run.number} ${tags.length === 0 ? "ended well" : `was ${tags.join(" and ")}`}`;
      starts.push({ definitionId: definition.id, branch, commit, reason: "ResourceTrigger", because });
    }
  }
  return { starts, completed: ended.map(({ id }) => id) };
}

function isFine({ result }: CloudRun): boolean {
  return result === "succeeded" || result === "succeededWithIssues";
}

/** Pipelines that could listen; a run of a pull request starts none. */
function listeners(source: Definition, run: CloudRun, world: World, memory: Memory): Definition[] {
  if (run.reason === "PullRequest") return [];
  return world.definitions.filter(
    (one) =>
      one.id !== source.id &&
      one.projectId === source.projectId &&
      one.queueStatus !== "disabled" &&
      wasThere(one, run.endedAt ?? run.queuedAt, memory),
  );
}

function listens(resource: PipelineResource, source: Definition, run: CloudRun): boolean {
  const { branch, tags } = run;
  return (
    resource.trigger !== undefined &&
    isSource(resource.source, source) &&
    pipelineCompletionStarts(resource, { branch, tags })
  );
}
