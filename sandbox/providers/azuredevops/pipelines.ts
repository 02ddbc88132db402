/**
 * Rules of Azure Pipelines' resources. Source of the facts: the resource schemas of microsoft/terraform-provider-azuredevops 1.15,
 * which the published Pulumi provider wraps.
 */
import type { CheckFailure } from "@pulumi/pulumi/provider";
import { isMap, type PlainMap } from "../properties";
import type { ResourceRules } from "../rules";
import { lowerCase, named, projectQualified, permissionStates, resourceToken } from "./tokens";

const scopes = ["project", "projectCollection"];
const checkTargets = ["endpoint", "environment", "queue", "repository", "securefile", "variablegroup"];

/** Folders of pipelines: start with a backslash, do not end with one, and hold none of the letters that Windows refuses. */
function checkFolder({ path }: PlainMap): readonly CheckFailure[] {
  if (typeof path !== "string") {
    return [];
  }
  const failures: CheckFailure[] = [];
  if (!path.startsWith("\\")) {
    failures.push({ property: "path", reason: "must start with a backslash" });
  }
  if (path.length > 1 && path.endsWith("\\")) {
    failures.push({ property: "path", reason: "must not end with a backslash" });
  }
  if (/[<>|:$@"/%+*?]/.test(path)) {
    failures.push({ property: "path", reason: 'must not hold any of < > | : $ @ " / % + * ?' });
  }
  return failures;
}

function checkDefinition(inputs: PlainMap): readonly CheckFailure[] {
  const failures: CheckFailure[] = [...checkFolder(inputs)];
  const repository = inputs.repository ?? null;
  if (isMap(repository) && (repository.url ?? "") !== "" && (repository.githubEnterpriseUrl ?? "") !== "") {
    failures.push({ property: "repository.url", reason: "cannot be given together with githubEnterpriseUrl" });
  }
  for (const name of ["ciTrigger", "pullRequestTrigger"]) {
    const trigger = inputs[name] ?? null;
    if (isMap(trigger) && trigger.useYaml === true && (trigger.override ?? null) !== null) {
      failures.push({ property: `${name}.override`, reason: `cannot be given together with ${name}.useYaml` });
    }
  }
  return failures;
}

const branchName = (text: string): string => text.replace(/^refs\/heads\//, "");

export const pipelineRules: Readonly<Record<string, ResourceRules>> = {
  [resourceToken("BuildDefinition")]: {
    autonaming: named,
    notBlank: ["name", "agentSpecification", "variables[].name"],
    values: {
      jobAuthorizationScope: scopes,
      "jobs[].jobAuthorizationScope": scopes,
      queueStatus: ["enabled", "paused", "disabled"],
      "repository.repoType": ["GitHub", "TfsGit", "Bitbucket", "GitHubEnterprise", "Git"],
      "pullRequestTrigger.commentRequired": ["All", "NonTeamMembers"],
      "schedules[].daysToBuilds[]": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
      "jobs[].target.type": ["AgentJob", "AgentlessJob"],
      "jobs[].target.executionOptions.type": ["None", "Multi-Configuration", "Multi-Agent"],
    },
    ranges: {
      "schedules[].startHours": [0, 23],
      "schedules[].startMinutes": [0, 59],
      "variableGroups[]": [1, Number.MAX_SAFE_INTEGER],
      "jobs[].jobTimeoutInMinutes": [0, 1_000_000_000],
      "jobs[].jobCancelTimeoutInMinutes": [0, 60],
      "jobs[].target.executionOptions.maxConcurrency": [1, 99],
    },
    defaults: {
      path: "\\",
      agentPoolName: "Azure Pipelines",
      jobAuthorizationScope: "projectCollection",
      queueStatus: "enabled",
      "repository.branchName": "master",
      "repository.reportBuildStatus": true,
      "ciTrigger.useYaml": false,
      "ciTrigger.override.batch": true,
      "ciTrigger.override.maxConcurrentBuildsPerBranch": 1,
      "pullRequestTrigger.useYaml": false,
      "pullRequestTrigger.initialBranch": "Managed by Terraform",
      "pullRequestTrigger.override.autoCancel": true,
      "features[].skipFirstRun": true,
      "variables[].isSecret": false,
      "variables[].allowOverride": true,
      "schedules[].scheduleOnlyWithChanges": true,
      "schedules[].startHours": 0,
      "schedules[].startMinutes": 0,
      "schedules[].timeZone": "(UTC) Coordinated Universal Time",
      "jobs[].jobTimeoutInMinutes": 0,
      "jobs[].jobCancelTimeoutInMinutes": 0,
      "jobs[].jobAuthorizationScope": "projectCollection",
      "jobs[].allowScriptsAuthAccessOption": false,
    },
    unordered: ["variables", "variableGroups"],
    normalize: { "repository.branchName": branchName },
    changedByUpdate: ["revision"],
    serviceChooses: ["repository.url"],
    writeOnly: ["features"],
    check: checkDefinition,
    importForm: projectQualified,
  },
  [resourceToken("BuildFolder")]: { defaults: { description: "" }, check: checkFolder, importForm: projectQualified },
  [resourceToken("BuildDefinitionPermissions")]: {
    uuids: ["projectId"],
    values: { "permissions.*": permissionStates },
    defaults: { replace: true },
    writeOnly: ["replace"],
  },
  [resourceToken("PipelineAuthorization")]: {
    values: { type: ["endpoint", "queue", "variablegroup", "environment", "repository"] },
    ranges: { pipelineId: [1, Number.MAX_SAFE_INTEGER] },
    notBlank: ["resourceId"],
  },
  [resourceToken("CheckApproval")]: {
    values: { targetResourceType: checkTargets },
    uuids: ["approvers[]"],
    ranges: { timeout: [1, 43_200] },
    defaults: { requesterCanApprove: false, timeout: 43_200 },
    changedByUpdate: ["version"],
    importForm: projectQualified,
  },
  [resourceToken("CheckRequiredTemplate")]: {
    values: {
      targetResourceType: checkTargets,
      "requiredTemplates[].repositoryType": ["azuregit", "github", "githubenterprise", "bitbucket"],
    },
    notBlank: [
      "requiredTemplates[].repositoryName",
      "requiredTemplates[].repositoryRef",
      "requiredTemplates[].templatePath",
    ],
    defaults: { "requiredTemplates[].repositoryType": "azuregit" },
    changedByUpdate: ["version"],
    check: ({ requiredTemplates = null }) =>
      Array.isArray(requiredTemplates) && requiredTemplates.length === 0
        ? [{ property: "requiredTemplates", reason: "must hold one template at least" }]
        : [],
    importForm: projectQualified,
  },
  [resourceToken("Environment")]: {
    autonaming: named,
    uuids: ["projectId"],
    notBlank: ["name"],
    defaults: { description: "" },
    importForm: projectQualified,
  },
  [resourceToken("VariableGroup")]: {
    autonaming: named,
    uuids: ["projectId", "keyVault.serviceEndpointId"],
    notBlank: ["name", "keyVault.name"],
    defaults: { description: "", allowAccess: false, "variables[].isSecret": false, "keyVault.searchDepth": 20 },
    unordered: ["variables"],
    importForm: projectQualified,
  },
  [resourceToken("Pool")]: {
    autonaming: named,
    notBlank: ["name"],
    values: { poolType: ["automation", "deployment"] },
    defaults: { poolType: "automation", autoProvision: false, autoUpdate: true },
  },
  [resourceToken("Queue")]: {
    uuids: ["projectId"],
    notBlank: ["name"],
    conflicts: [["name", "agentPoolId"]],
    oneOf: [["name", "agentPoolId"]],
    serviceChooses: ["name", "agentPoolId"],
    normalize: { projectId: lowerCase },
    importForm: projectQualified,
  },
  [resourceToken("ElasticPool")]: {
    autonaming: named,
    notBlank: ["name"],
    uuids: ["serviceEndpointId", "serviceEndpointScope"],
    ranges: {
      desiredIdle: [0, Number.MAX_SAFE_INTEGER],
      maxCapacity: [0, Number.MAX_SAFE_INTEGER],
      timeToLiveMinutes: [0, Number.MAX_SAFE_INTEGER],
    },
    defaults: {
      recycleAfterEachUse: false,
      agentInteractiveUi: false,
      timeToLiveMinutes: 30,
      autoProvision: false,
      autoUpdate: true,
    },
    normalize: { azureResourceId: lowerCase },
  },
};
