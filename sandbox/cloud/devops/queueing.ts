/** Queues a run as a person or a program asks for one: finds its commit and its file, and judges what is set for it. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { invalid, missing, type ServiceError } from "../errors";
import { fullName, shortName } from "../git/repositories";
import { text } from "../kind";
import type { Entity } from "../state";
import { requireRepository } from "./repositories";
import { createRun, type Run } from "./runs";
import { tokens } from "./tokens";

export interface Wanted {
  /** Default: the definition's default branch. */
  readonly branch?: string | undefined;
  /** Default: the branch's tip. */
  readonly commit?: string | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

/** Makes the refusal of a request: the two doors of the service name them differently. */
export type Refuse = (message: string) => ServiceError;

const source = z.looseObject({
  repoId: z.string(),
  branchName: z.string().optional(),
  ymlPath: z.string().optional(),
});

const variables = z.array(z.looseObject({ name: z.string(), allowOverride: z.boolean().optional() })).catch([]);

/** The definition of a project with this number. */
export function requireOwnDefinition(cloud: Cloud, projectId: string, id: number): Entity {
  const definition = cloud.state.get(tokens.buildDefinition, String(id));
  if (definition === undefined || text(definition, "projectId") !== projectId) {
    throw missing("DefinitionNotFoundException", `the project has no build definition with the id ${id}`);
  }
  return definition;
}

/** Only what is marked so can be set for a run, unless the project's settings say otherwise. */
function checkSettable(cloud: Cloud, definition: Entity, names: readonly string[], refuse: Refuse): void {
  const settings = cloud.state.get(tokens.projectPipelineSettings, text(definition, "projectId"));
  if (settings?.properties.enforceSettableVar === false) {
    return;
  }
  const settable = new Set(
    variables
      .parse(definition.properties.variables)
      .filter(({ allowOverride }) => allowOverride !== false)
      .map(({ name }) => name.toLowerCase()),
  );
  settable.add("system.debug");
  const refused = names.filter((name) => !settable.has(name.toLowerCase()));
  if (refused.length > 0) {
    throw refuse(
      `the variables ${refused.join(", ")} cannot be set for a run: add them to the pipeline's own variables and mark ` +
        `them as settable at queue time`,
    );
  }
}

/** Queues a run of a definition. */
export async function queueRun(cloud: Cloud, definition: Entity, wanted: Wanted, refuse: Refuse): Promise<Run> {
  checkSettable(cloud, definition, Object.keys(wanted.variables ?? {}), refuse);
  const { repoId, branchName, ymlPath } = source.parse(definition.properties.repository);
  const repository = requireRepository(cloud, repoId);
  const name = text(repository, "name");
  const branch = fullName(wanted.branch ?? branchName ?? text(repository, "defaultBranch"));
  const tip = await cloud.repositories.tip(repository.id, branch);
  if (tip === undefined) {
    throw refuse(`the repository ${name} has no branch ${shortName(branch)}: push it first, or name another one`);
  }
  const commit = wanted.commit?.toLowerCase() ?? tip;
  if (!/^[0-9a-f]{40}$/.test(commit) || (await cloud.repositories.tip(repository.id, commit)) === undefined) {
    throw refuse(`the repository ${name} has no commit ${commit}`);
  }
  const file = (ymlPath ?? "").replace(/^\/+/, "");
  if (file === "") {
    throw refuse(`the definition "${text(definition, "name")}" names no YAML file, and only such ones are run here`);
  }
  if ((await cloud.repositories.at(repository.id, commit, file)) !== "file") {
    throw refuse(`/${file}: there is no such file in the repository ${name} at ${branch}, version ${commit}`);
  }
  return createRun(cloud, {
    definitionId: Number(definition.id),
    branch,
    commit,
    parameters: wanted.parameters ?? {},
    variables: wanted.variables ?? {},
    because: "queued by hand",
  });
}

/** A refusal with the name that it has for the service's builds. */
export function refuseBuild(message: string): ServiceError {
  return invalid("BuildRequestValidationFailedException", message);
}

/** A refusal with the name that it has for the service's pipelines. */
export function refusePipeline(message: string): ServiceError {
  return invalid("PipelineValidationException", message);
}
