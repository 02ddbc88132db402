/** Runs of pipelines: how they are queued, and what the agents say of them while they go on. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, invalid, missing } from "../errors";
import { parentsOf } from "../git/history";
import { parse, text, type Kind, type Shown } from "../kind";
import type { Entity } from "../state";
import { requireRepository } from "./repositories";
import { tokens } from "./tokens";

const reasons = ["Manual", "IndividualCI", "BatchedCI", "Schedule", "PullRequest", "ResourceTrigger"] as const;
const states = ["queued", "running", "completed"] as const;
const time = z.iso.datetime();

/** What changes while a run goes on. */
const progress = {
  state: z.enum(states),
  result: z.enum(["succeeded", "succeededWithIssues", "failed", "canceled"]),
  /** The build number, such as `20261121.3`. */
  number: z.string().min(1),
  /** In words. */
  because: z.string(),
  tags: z.array(z.string().min(1)),
  queuedAt: time,
  startedAt: time,
  endedAt: time,
  /** Somebody asked for its end; what is done then is the agents' business. */
  cancelRequested: z.boolean(),
};

const inputs = z.strictObject({
  definitionId: z.number().int(),
  reason: z.enum(reasons).default("Manual"),
  /** Full name of a branch or tag, or `refs/pull/<id>/merge`. */
  branch: z.string().startsWith("refs/"),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  parameters: z.record(z.string(), z.string()).default({}),
  variables: z.record(z.string(), z.string()).default({}),
  ...z.object(progress).partial().shape,
});

const change = z.strictObject(z.object(progress).partial().shape);

const shape = inputs.extend({
  projectId: z.string(),
  repositoryId: z.string(),
  state: progress.state,
  number: progress.number,
  tags: progress.tags,
  queuedAt: time,
  cancelRequested: z.boolean(),
  pullRequest: z.number().int().optional(),
  sourceCommit: z.string().optional(),
});

/** A run as it is kept. `pullRequest` and `sourceCommit` are there for runs of a merge that the service made. */
export type Run = z.infer<typeof shape> & { readonly id: number };

function runOf({ id, properties }: Entity): Run {
  return { ...shape.parse(properties), id: Number(id) };
}

/** All runs of a project, the newest first. */
export function runsOf(cloud: Cloud, projectId: string): Run[] {
  return cloud.state
    .list(tokens.run)
    .map(runOf)
    .filter((run) => run.projectId === projectId)
    .sort((one, other) => other.id - one.id);
}

/** The definition that a run is of, where it can have runs at present. */
function requireRunnable(cloud: Cloud, definitionId: number): { definition: Entity; repositoryId: string } {
  const definition = cloud.state.get(tokens.buildDefinition, String(definitionId));
  if (definition === undefined) {
    throw missing("DefinitionNotFoundException", `there is no build definition with the id ${definitionId}`);
  }
  if (text(definition, "queueStatus") === "disabled") {
    throw invalid(
      "DefinitionDisabledException",
      `the build definition "${text(definition, "name")}" is disabled, so it takes no new runs: enable it first`,
    );
  }
  const { repoId, repoType } = z
    .looseObject({ repoId: z.string(), repoType: z.string() })
    .parse(definition.properties.repository);
  if (repoType !== "TfsGit") {
    throw invalid(
      "RepositoryTypeNotServed",
      `the definition "${text(definition, "name")}" builds from ${repoType}; here only TfsGit repositories are run`,
    );
  }
  return { definition, repositoryId: requireRepository(cloud, repoId).id };
}

/** The pull request whose merge a name stands for. */
function pullRequestOf(branch: string): number | undefined {
  const number = /^refs\/pull\/(\d+)\/merge$/.exec(branch)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Makes a run. Whoever asks has found the commit; here it is only checked. */
export async function createRun(cloud: Cloud, given: unknown): Promise<Run> {
  const wanted = parse(inputs, z.record(z.string(), z.unknown()).parse(given), "run");
  const { repositoryId } = requireRunnable(cloud, wanted.definitionId);
  checkEnd(wanted);
  if ((await cloud.repositories.tip(repositoryId, wanted.commit)) === undefined) {
    throw missing("GitCommitDoesNotExistException", `TF401175: the repository has no commit ${wanted.commit}`);
  }
  const pullRequest = pullRequestOf(wanted.branch);
  // The merge's second parent is the commit that somebody pushed.
  const source =
    pullRequest === undefined ? undefined : (await parentsOf(cloud.repositories.path(repositoryId), wanted.commit))[1];
  // Nothing waits from here on, and others may have been here while git ran.
  const { definition } = requireRunnable(cloud, wanted.definitionId);
  const id = String(cloud.state.nextNumber("run"));
  const entity = cloud.state.put({
    token: tokens.run,
    id,
    key: id,
    within: [{ token: tokens.buildDefinition, id: definition.id }],
    properties: {
      state: "queued",
      // Until it starts and gets its own.
      number: id,
      tags: [],
      queuedAt: new Date().toISOString(),
      cancelRequested: false,
      ...wanted,
      projectId: text(definition, "projectId"),
      repositoryId,
      ...(pullRequest === undefined ? {} : { pullRequest }),
      ...(source === undefined ? {} : { sourceCommit: source }),
    },
  });
  return runOf(entity);
}

function checkEnd({ state, result }: { state?: string | undefined; result?: string | undefined }): void {
  if ((state === "completed") !== (result !== undefined)) {
    throw invalid("InvalidArgument", "run: a result comes with the state completed, and that with a result");
  }
}

/** Changes what is named of a run; the rest stays. A run only goes forward. */
export function updateRun(cloud: Cloud, id: string, news: unknown): Run {
  const entity = cloud.state.get(tokens.run, id);
  if (entity === undefined) {
    throw missing("BuildNotFoundException", `there is no run with the id ${id}`);
  }
  const current = runOf(entity);
  const wanted = parse(change, z.record(z.string(), z.unknown()).parse(news), "run");
  const next = { ...current, ...wanted };
  if (states.indexOf(next.state) < states.indexOf(current.state) || (current.result ?? next.result) !== next.result) {
    throw conflict(
      "BuildStatusInvalidChangeException",
      `the run ${id} is ${current.state} and cannot become ${next.state}${next.result === undefined ? "" : ` (${next.result})`}`,
    );
  }
  checkEnd(next);
  return runOf(cloud.state.put({ ...entity, properties: { ...entity.properties, ...wanted } }));
}

function show({ id, properties }: Entity): Shown {
  return { id, properties };
}

/** Runs, numbered through the organization. `update` takes only what changes. They go with their definition. */
export const run: Kind = {
  token: tokens.run,
  async create(cloud, properties) {
    const { id } = await createRun(cloud, properties);
    return show(requireEntity(cloud, String(id)));
  },
  read(cloud, id) {
    const entity = cloud.state.get(tokens.run, id);
    return entity === undefined ? undefined : show(entity);
  },
  update(cloud, id, _olds, news) {
    updateRun(cloud, id, news);
    return show(requireEntity(cloud, id));
  },
  delete(cloud, id) {
    cloud.state.remove(tokens.run, requireEntity(cloud, id).id);
  },
  // Each is another one, whatever it is of.
  find: () => undefined,
};

function requireEntity(cloud: Cloud, id: string): Entity {
  const entity = cloud.state.get(tokens.run, id);
  if (entity === undefined) {
    throw missing("BuildNotFoundException", `there is no run with the id ${id}`);
  }
  return entity;
}
