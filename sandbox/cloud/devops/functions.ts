/** Look-ups of Azure DevOps by name: what the provider's functions answer. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { invalid, missing } from "../errors";
import { parse, text, without, type CloudFunction } from "../kind";
import type { Entity, Properties } from "../state";
import { queueNamed } from "./agents";
import { resourceManagerEndpoint } from "./endpoints";
import { requireFeed } from "./feeds";
import { organizationId, requireOwner, requireProject } from "./identities";
import { repositoryNamed, showRepository } from "./repositories";
import { tokens } from "./tokens";

const named = z.looseObject({ projectId: z.string(), name: z.string() });

/** Projects are found by name or by id, and both are right in most addresses. */
export function projectOf(cloud: Cloud, nameOrId: string): Entity | undefined {
  return cloud.state.byKey(tokens.project, nameOrId.toLowerCase()) ?? cloud.state.get(tokens.project, nameOrId);
}

const getProject: CloudFunction = {
  token: "azuredevops:index/getProject:getProject",
  invoke(cloud, args) {
    const { name, projectId } = parse(
      z.looseObject({ name: z.string().optional(), projectId: z.string().optional() }),
      args,
      "getProject",
    );
    if ((name ?? projectId) === undefined) {
      throw invalid("InvalidArgument", "getProject needs a name or a projectId");
    }
    const project = projectOf(cloud, projectId ?? name ?? "");
    if (project === undefined || (name !== undefined && text(project, "name").toLowerCase() !== name.toLowerCase())) {
      throw missing(
        "ProjectDoesNotExist",
        `TF200016: there is no project ${name ?? ""} ${projectId ?? ""} in ${cloud.organization}`,
      );
    }
    return { ...project.properties, id: project.id, projectId: project.id };
  },
};

const getFeed: CloudFunction = {
  token: "azuredevops:index/getFeed:getFeed",
  invoke(cloud, args) {
    const { name, feedId, projectId } = parse(
      z.looseObject({ name: z.string().optional(), feedId: z.string().optional(), projectId: z.string().optional() }),
      args,
      "getFeed",
    );
    const wanted = feedId ?? name;
    if (wanted === undefined) {
      throw invalid("InvalidArgument", "getFeed needs a name or a feedId");
    }
    const feed = requireFeed(cloud, projectId, wanted);
    return { id: feed.id, feedId: feed.id, name: text(feed, "name"), projectId: projectId ?? "" };
  },
};

const getGitRepository: CloudFunction = {
  token: "azuredevops:index/getGitRepository:getGitRepository",
  invoke(cloud, args) {
    const { projectId, name } = parse(named, args, "getGitRepository");
    requireProject(cloud, projectId);
    const entity = repositoryNamed(cloud, projectId, name);
    if (entity === undefined) {
      throw missing(
        "GitRepositoryNotFound",
        `TF401019: the project has no Git repository named "${name}", or you may not see it`,
      );
    }
    const { id, properties } = showRepository(cloud, entity);
    return { id, ...without(properties, "initialization", "parentRepositoryId") };
  },
};

const getGroup: CloudFunction = {
  token: "azuredevops:index/getGroup:getGroup",
  invoke(cloud, args) {
    const { projectId, name } = parse(
      z.looseObject({ name: z.string(), projectId: z.string().optional() }),
      args,
      "getGroup",
    );
    if (projectId !== undefined) {
      requireProject(cloud, projectId);
    }
    const key = `${projectId ?? ""}/${name.toLowerCase()}`;
    const found = cloud.state.byKey(tokens.group, key) ?? cloud.state.byKey(tokens.team, key);
    if (found === undefined) {
      const hint =
        cloud.state.byKey(tokens.identity, key) === undefined
          ? ""
          : "; that name is of an account, and accounts are no groups";
      throw missing(
        "GroupNotFound",
        `could not find a group named "${name}" in ${projectId === undefined ? "the organization" : `the project ${projectId}`}${hint}`,
      );
    }
    return {
      id: text(found, "descriptor"),
      name,
      projectId: projectId ?? "",
      descriptor: text(found, "descriptor"),
      groupId: text(found, "groupId") || found.id,
      origin: "vsts",
      originId: text(found, "originId") || found.id,
    };
  },
};

const getTeam: CloudFunction = {
  token: "azuredevops:index/getTeam:getTeam",
  invoke(cloud, args) {
    const { projectId, name } = parse(named, args, "getTeam");
    requireProject(cloud, projectId);
    const found = cloud.state.byKey(tokens.team, `${projectId}/${name.toLowerCase()}`);
    if (found === undefined) {
      throw missing("TeamNotFound", `the project has no team named "${name}"`);
    }
    return { ...found.properties, id: found.id, top: args.top ?? 100 };
  },
};

const getAgentQueue: CloudFunction = {
  token: "azuredevops:index/getAgentQueue:getAgentQueue",
  invoke(cloud, args) {
    const { projectId, name } = parse(named, args, "getAgentQueue");
    requireProject(cloud, projectId);
    const found = queueNamed(cloud, projectId, name);
    if (found === undefined) {
      throw missing("TaskAgentQueueNotFound", `the project has no agent queue named "${name}"`);
    }
    return { id: found.id, name: text(found, "name"), projectId, agentPoolId: found.properties.agentPoolId };
  },
};

/** What the function answers for whatever a connection does not have. */
const emptyEndpoint = {
  azurermManagementGroupId: "",
  azurermManagementGroupName: "",
  azurermSubscriptionId: "",
  azurermSubscriptionName: "",
  resourceGroup: "",
  serverUrl: "",
  workloadIdentityFederationIssuer: "",
  workloadIdentityFederationSubject: "",
};

const getServiceEndpointAzureRM: CloudFunction = {
  token: "azuredevops:index/getServiceEndpointAzureRM:getServiceEndpointAzureRM",
  async invoke(cloud, args) {
    const { projectId, serviceEndpointName, serviceEndpointId } = parse(
      z.looseObject({
        projectId: z.string(),
        serviceEndpointName: z.string().optional(),
        serviceEndpointId: z.string().optional(),
      }),
      args,
      "getServiceEndpointAzureRM",
    );
    requireProject(cloud, projectId);
    const found =
      serviceEndpointId === undefined
        ? cloud.state.byKey(tokens.serviceEndpointAzureRM, `${projectId}/${(serviceEndpointName ?? "").toLowerCase()}`)
        : cloud.state.get(tokens.serviceEndpointAzureRM, serviceEndpointId);
    const shown = found === undefined ? undefined : await resourceManagerEndpoint.read(cloud, found.id);
    if (shown === undefined) {
      throw missing(
        "ServiceEndpointNotFound",
        `the project has no Azure service connection ${serviceEndpointId ?? serviceEndpointName ?? ""}`,
      );
    }
    return { ...emptyEndpoint, ...without(shown.properties, "credentials"), id: shown.id, serviceEndpointId: shown.id };
  },
};

const getClientConfig: CloudFunction = {
  token: "azuredevops:index/getClientConfig:getClientConfig",
  invoke(cloud): Properties {
    return {
      id: organizationId(cloud),
      name: cloud.organization,
      organizationUrl: `${cloud.address()}/devops/${cloud.organization}`,
      ownerId: requireOwner(cloud).id,
      status: "enabled",
      tenantId: cloud.tenantId,
    };
  },
};

export const devopsFunctions: readonly CloudFunction[] = [
  getProject,
  getFeed,
  getGitRepository,
  getGroup,
  getTeam,
  getAgentQueue,
  getServiceEndpointAzureRM,
  getClientConfig,
];
