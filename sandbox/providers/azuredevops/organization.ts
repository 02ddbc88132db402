/**
 * Rules of projects, groups, teams, feeds and branch policies. Source of the facts: the resource schemas of
 * microsoft/terraform-provider-azuredevops 1.15, which the published Pulumi provider wraps.
 */
import type { CheckFailure } from "@pulumi/pulumi/provider";
import { isMap, type PlainMap } from "../properties";
import type { ResourceRules } from "../rules";
import { functionToken, lowerCase, maybeProjectQualified, named, projectQualified, resourceToken } from "./tokens";

const projectFeatures = ["boards", "repositories", "pipelines", "testplans", "artifacts"];

function checkFeatures({ features = null }: PlainMap): readonly CheckFailure[] {
  if (!isMap(features)) {
    return [];
  }
  return Object.entries(features).flatMap(([name, state]) => {
    const property = `features.${name}`;
    const unknownName = projectFeatures.includes(name)
      ? []
      : [{ property, reason: `is no feature of a project; there are ${projectFeatures.join(", ")}` }];
    const badState =
      typeof state !== "string" || ["enabled", "disabled"].includes(state)
        ? []
        : [{ property, reason: "must be one of enabled, disabled" }];
    return [...unknownName, ...badState];
  });
}

function checkReviewers({ settings = null }: PlainMap): readonly CheckFailure[] {
  if (!isMap(settings) || settings.onLastIterationRequireVote !== true) {
    return [];
  }
  return ["onPushResetApprovedVotes", "onPushResetAllVotes"]
    .filter((name) => settings[name] === true)
    .map((name) => ({
      property: `settings.${name}`,
      reason: "cannot be given together with settings.onLastIterationRequireVote",
    }));
}

const policy: ResourceRules = {
  notBlank: ["projectId", "settings.displayName", "settings.scopes[].repositoryId", "settings.scopes[].repositoryRef"],
  values: { "settings.scopes[].matchType": ["Exact", "Prefix", "DefaultBranch"] },
  defaults: { enabled: true, blocking: true, "settings.scopes[].matchType": "Exact" },
  importForm: projectQualified,
};

export const organizationRules: Readonly<Record<string, ResourceRules>> = {
  [resourceToken("Project")]: {
    autonaming: named,
    notBlank: ["name"],
    values: { visibility: ["private", "public"], versionControl: ["Git", "Tfvc", "git", "tfvc"] },
    defaults: { description: "", visibility: "private", versionControl: "Git", workItemTemplate: "Agile" },
    normalize: { name: lowerCase, visibility: lowerCase, versionControl: lowerCase, workItemTemplate: lowerCase },
    check: checkFeatures,
  },
  [resourceToken("ProjectFeatures")]: { uuids: ["projectId"], check: checkFeatures },
  [resourceToken("ProjectPipelineSettings")]: {
    uuids: ["projectId"],
    serviceChooses: [
      "enforceJobScope",
      "enforceJobScopeForRelease",
      "enforceReferencedRepoScopedToken",
      "enforceSettableVar",
      "publishPipelineMetadata",
      "statusBadgesArePrivate",
    ],
  },
  [resourceToken("Team")]: {
    autonaming: named,
    uuids: ["projectId"],
    notBlank: ["name", "administrators[]", "members[]"],
    defaults: { description: "" },
    serviceChooses: ["administrators", "members"],
    unordered: ["administrators", "members"],
    importForm: projectQualified,
  },
  [resourceToken("Group")]: {
    notBlank: ["scope", "originId", "mail", "displayName", "members[]"],
    conflicts: [
      ["originId", "mail"],
      ["originId", "displayName"],
      ["originId", "scope"],
      ["mail", "displayName"],
      ["mail", "scope"],
    ],
    serviceChooses: ["originId", "mail", "displayName", "members"],
    unordered: ["members"],
  },
  [resourceToken("GroupMembership")]: {
    notBlank: ["group", "members[]"],
    values: { mode: ["add", "overwrite"] },
    defaults: { mode: "add" },
    normalize: { mode: lowerCase },
    unordered: ["members"],
  },
  [resourceToken("Feed")]: {
    autonaming: named,
    notBlank: ["name"],
    uuids: ["projectId"],
    defaults: { "features[].permanentDelete": false, "features[].restore": false },
    writeOnly: ["features"],
    importForm: maybeProjectQualified,
  },
  [resourceToken("FeedPermission")]: {
    uuids: ["feedId", "projectId"],
    notBlank: ["identityDescriptor", "displayName"],
    values: { role: ["reader", "contributor", "administrator", "collaborator"] },
    serviceChooses: ["displayName"],
  },
  [resourceToken("FeedRetentionPolicy")]: {
    uuids: ["feedId", "projectId"],
    ranges: { countLimit: [1, 5000], daysToKeepRecentlyDownloadedPackages: [1, 4000] },
    importForm: maybeProjectQualified,
  },
  [resourceToken("BranchPolicyBuildValidation")]: {
    ...policy,
    ranges: { "settings.validDuration": [0, Number.MAX_SAFE_INTEGER] },
    defaults: {
      ...policy.defaults,
      "settings.manualQueueOnly": false,
      "settings.queueOnSourceUpdateOnly": true,
      "settings.validDuration": 720,
    },
  },
  [resourceToken("BranchPolicyMinReviewers")]: {
    ...policy,
    ranges: { "settings.reviewerCount": [1, Number.MAX_SAFE_INTEGER] },
    check: checkReviewers,
  },
  [resourceToken("BranchPolicyAutoReviewers")]: {
    ...policy,
    ranges: { "settings.minimumNumberOfReviewers": [1, Number.MAX_SAFE_INTEGER] },
    defaults: { ...policy.defaults, "settings.submitterCanVote": false, "settings.minimumNumberOfReviewers": 1 },
  },
  [functionToken("getProject")]: { oneOf: [["name", "projectId"]] },
  [functionToken("getFeed")]: { oneOf: [["name", "feedId"]] },
};
