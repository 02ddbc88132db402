/** Reads what the clouds hold into the forms in which the service works with it. */
import { z } from "zod";

import type { CloudClient, Entity } from "./cloud";
import type { World } from "./model";
import {
  named,
  readDefinition,
  readPullRequest,
  readPush,
  readRun,
  readValidation,
  readVariableGroup,
  repository,
  settings,
} from "./pipelines";
import { reader, text } from "./reader";
import { feedsOf, readAuthorization, readCheck, readManagerEndpoint, readRegistryEndpoint } from "./resources";
import { devopsTokens } from "./tokens";

function present<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/**
 * Asks the clouds for all that the service looks at. The revision is asked for first, so that a change in between is seen next time.
 * @throws CloudAway, CloudRefused, UnknownForm
 */
export async function readWorld(cloud: CloudClient): Promise<World> {
  const revision = await cloud.revision();
  const list = async <T>(token: string, read: (entity: Entity) => T): Promise<T[]> =>
    (await cloud.list(token)).map((entity) => read(entity));
  // What starts runs comes before what may be started: a pipeline that is made before a push is seen no later than that push.
  const [pushes, runs, pullRequests] = await Promise.all([
    list(devopsTokens.push, readPush),
    list(devopsTokens.run, readRun),
    list(devopsTokens.pullRequest, readPullRequest),
  ]);
  const [definitions, variableGroups, buildValidations, authorizations, requiredTemplates, feeds, permissions, queues] =
    await Promise.all([
      list(devopsTokens.definition, readDefinition),
      list(devopsTokens.variableGroup, readVariableGroup),
      list(devopsTokens.buildValidation, readValidation),
      list(devopsTokens.authorization, readAuthorization),
      list(devopsTokens.requiredTemplate, readCheck),
      cloud.list(devopsTokens.feed),
      cloud.list(devopsTokens.feedPermission),
      list(
        devopsTokens.queue,
        reader(z.object({ projectId: text, name: text }), (it, id) => ({ ...it, id })),
      ),
    ]);
  const [projects, projectSettings, repositories, registryEndpoints, managerEndpoints, identities] = await Promise.all([
    list(
      devopsTokens.project,
      reader(named, ({ name }, id) => ({ id, name })),
    ),
    list(
      devopsTokens.settings,
      reader(settings, (it) => it),
    ),
    list(
      devopsTokens.repository,
      reader(repository, (it, id) => ({ ...it, id })),
    ),
    list(devopsTokens.registryEndpoint, readRegistryEndpoint),
    list(devopsTokens.resourceManagerEndpoint, readManagerEndpoint),
    list(
      devopsTokens.identity,
      reader(z.object({ displayName: text, descriptor: text }), (it) => it),
    ),
  ]);
  return {
    revision,
    organization: cloud.organization,
    projects,
    settings: projectSettings,
    repositories,
    definitions: definitions.filter(present),
    variableGroups,
    pushes: pushes.sort((one, other) => one.id - other.id),
    pullRequests,
    buildValidations,
    authorizations,
    requiredTemplates,
    endpoints: [...registryEndpoints, ...managerEndpoints],
    queues,
    feeds: feedsOf(feeds, permissions),
    identities,
    runs: runs.sort((one, other) => one.id - other.id),
  };
}
