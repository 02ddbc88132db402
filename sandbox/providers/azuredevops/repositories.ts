/**
 * Rules of Azure Repos' resources. Source of the facts: the resource schemas of microsoft/terraform-provider-azuredevops 1.15,
 * which the published Pulumi provider wraps.
 */
import type { CheckFailure } from "@pulumi/pulumi/provider";
import { isMap, type PlainMap } from "../properties";
import type { ResourceRules } from "../rules";
import { lowerCase, named, permissionStates, projectQualified, resourceToken } from "./tokens";

function initializationOf(inputs: PlainMap): PlainMap {
  const initialization = inputs.initialization ?? null;
  return isMap(initialization) ? initialization : {};
}

/** Once initialized, another initialization is another repository; an uninitialized one may still get one. */
function initializationReplaces(olds: PlainMap): readonly string[] {
  const before = initializationOf(olds).initType;
  return typeof before === "string" && before.toLowerCase() !== "uninitialized"
    ? ["initialization.initType", "initialization.sourceType", "initialization.sourceUrl"]
    : [];
}

function checkInitialization(inputs: PlainMap): readonly CheckFailure[] {
  const initialization = initializationOf(inputs);
  const given = (name: string): boolean => (initialization[name] ?? "") !== "";
  const failures: CheckFailure[] = [];
  const needs = (name: string, needed: string): void => {
    if (given(name) && !given(needed)) {
      failures.push({ property: `initialization.${name}`, reason: `needs initialization.${needed} as well` });
    }
  };
  needs("sourceType", "sourceUrl");
  for (const name of ["sourceUrl", "serviceConnectionId", "username", "password"]) {
    needs(name, "sourceType");
  }
  for (const name of ["serviceConnectionId", "username", "password"]) {
    needs(name, "sourceUrl");
  }
  for (const name of ["username", "password"]) {
    if (given("serviceConnectionId") && given(name)) {
      failures.push({
        property: `initialization.${name}`,
        reason: "cannot be given together with initialization.serviceConnectionId",
      });
    }
  }
  const { initType } = initialization;
  if (initType === "Import" && !given("sourceUrl")) {
    failures.push({ property: "initialization.sourceUrl", reason: 'missing; the initType "Import" requires it' });
  }
  if (initType === "Fork" && (inputs.parentRepositoryId ?? null) === null) {
    failures.push({ property: "parentRepositoryId", reason: 'missing; the initType "Fork" requires it' });
  }
  return failures;
}

export const repositoryRules: Readonly<Record<string, ResourceRules>> = {
  [resourceToken("Git")]: {
    autonaming: named,
    values: {
      "initialization.initType": ["Clean", "Fork", "Import", "Uninitialized"],
      "initialization.sourceType": ["Git"],
    },
    uuids: ["parentRepositoryId"],
    notBlank: ["name", "projectId", "defaultBranch"],
    defaults: { disabled: false },
    serviceChooses: ["defaultBranch"],
    writeOnly: ["initialization"],
    replaces: initializationReplaces,
    normalize: { name: lowerCase, projectId: lowerCase, parentRepositoryId: lowerCase },
    check: checkInitialization,
    importForm: { pattern: /^[^/]+\/[^/]+$/, form: "<project>/<repository>, each a name or an id" },
  },
  [resourceToken("GitRepositoryFile")]: {
    uuids: ["repositoryId"],
    notBlank: ["committerName", "committerEmail", "authorName", "authorEmail"],
    defaults: { branch: "refs/heads/master", overwriteOnCreate: false },
    serviceChooses: ["commitMessage", "committerName", "committerEmail", "authorName", "authorEmail"],
    writeOnly: ["overwriteOnCreate"],
    importForm: { pattern: /^[^/:]+\/[^:]+(:[^:]+)?$/, form: "<repository id>/<file>:<branch>" },
  },
  [resourceToken("GitPermissions")]: {
    uuids: ["projectId", "repositoryId"],
    notBlank: ["branchName"],
    values: { "permissions.*": permissionStates },
    defaults: { replace: true },
    writeOnly: ["replace"],
    check: ({ branchName = null, repositoryId = null }) =>
      branchName !== null && repositoryId === null
        ? [{ property: "branchName", reason: "needs repositoryId as well" }]
        : [],
  },
  [resourceToken("RepositoryPolicyCheckCredentials")]: {
    notBlank: ["projectId"],
    uuids: ["repositoryIds[]"],
    defaults: { enabled: true, blocking: true },
    importForm: projectQualified,
  },
};
