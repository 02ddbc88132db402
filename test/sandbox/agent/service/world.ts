/** Worlds for tests: one project with one application, its templates and its connections, and changes of it. */
import type { ExpandedPipeline, Job, MainFile, Step, TaskStep } from "../../../../sandbox/agent/model";
import type { CloudRun, Definition, Directory, Push, World } from "../../../../sandbox/agent/service/world";

export const commits = { a: "a".repeat(40), b: "b".repeat(40), c: "c".repeat(40), none: "0".repeat(40) } as const;

export function definition(changes: Partial<Definition> = {}): Definition {
  return {
    id: 1,
    name: "orders",
    path: "\\wheelhouse",
    projectId: "p1",
    queueStatus: "enabled",
    jobScope: "project",
    pool: "Azure Pipelines",
    repositoryId: "r1",
    branch: "refs/heads/main",
    file: "azure-pipelines.yml",
    variables: [],
    variableGroups: [],
    createdAt: "2026-11-01T00:00:00.000Z",
    ...changes,
  };
}

export function run(changes: Partial<CloudRun> = {}): CloudRun {
  return {
    id: 1,
    definitionId: 1,
    projectId: "p1",
    repositoryId: "r1",
    reason: "Manual",
    branch: "refs/heads/main",
    commit: commits.a,
    parameters: {},
    variables: {},
    state: "queued",
    number: "1",
    tags: [],
    queuedAt: "2026-11-20T00:00:00.000Z",
    cancelRequested: false,
    ...changes,
  };
}

export function push(
  id: number,
  after: string,
  changes: Partial<Push> & { name?: string; before?: string } = {},
): Push {
  const { name = "refs/heads/main", before = commits.none, ...rest } = changes;
  return {
    id,
    repositoryId: "r1",
    date: `2026-11-20T00:00:0${id}.000Z`,
    updates: [{ name, before, after }],
    ...rest,
  };
}

export function world(changes: Partial<World> = {}): World {
  return {
    revision: 1,
    organization: "acme",
    projects: [
      { id: "p1", name: "Platform" },
      { id: "p2", name: "Other" },
    ],
    settings: [],
    repositories: [
      { id: "r1", name: "orders", projectId: "p1", defaultBranch: "refs/heads/main", disabled: false },
      { id: "r2", name: "wheelhouse", projectId: "p1", defaultBranch: "refs/heads/main", disabled: false },
      { id: "r3", name: "wheelhouse", projectId: "p2", defaultBranch: "refs/heads/main", disabled: false },
    ],
    definitions: [definition()],
    variableGroups: [],
    pushes: [push(1, commits.a)],
    pullRequests: [],
    buildValidations: [],
    authorizations: [
      { projectId: "p1", type: "endpoint", resourceId: "e1", definitionId: 1 },
      { projectId: "p1", type: "endpoint", resourceId: "e2" },
      { projectId: "p1", type: "repository", resourceId: "r2" },
    ],
    requiredTemplates: [],
    endpoints: [
      {
        id: "e1",
        projectId: "p1",
        name: "wheelhouse-push",
        kind: "registry",
        scheme: "WorkloadIdentityFederation",
        clientId: "c1",
        tenantId: "t1",
        issuer: "https://issuer",
        subject: "sc://acme/Platform/wheelhouse-push",
        registry: { name: "Contoso", subscriptionId: "s1", resourceGroup: "images" },
      },
      {
        id: "e2",
        projectId: "p1",
        name: "wheelhouse-pull",
        kind: "registry",
        scheme: "WorkloadIdentityFederation",
        clientId: "c2",
        tenantId: "t1",
        issuer: "https://issuer",
        subject: "sc://acme/Platform/wheelhouse-pull",
        registry: { name: "contoso", subscriptionId: "s1", resourceGroup: "images" },
      },
    ],
    queues: [
      { id: "q1", projectId: "p1", name: "Azure Pipelines" },
      { id: "q2", projectId: "p1", name: "linux" },
    ],
    feeds: [],
    identities: [],
    runs: [],
    ...changes,
  };
}

export function task(name: string, inputs: Record<string, string>): TaskStep {
  return {
    kind: "task",
    task: name,
    inputs,
    displayName: name,
    condition: "succeeded()",
    continueOnError: false,
    enabled: true,
    timeoutInMinutes: 0,
    env: {},
  };
}

export function checkoutOf(repository: string): Step {
  return {
    ...task("checkout", {}),
    kind: "checkout",
    repository,
    fetchDepth: 1,
    persistCredentials: false,
    clean: false,
  };
}

export function job(steps: readonly Step[], changes: Partial<Job> = {}): Job {
  return {
    name: "image",
    displayName: "Image",
    pool: { vmImage: "ubuntu-24.04" },
    timeoutInMinutes: 60,
    cancelTimeoutInMinutes: 5,
    condition: "succeeded()",
    dependsOn: [],
    variables: {},
    steps,
    ...changes,
  };
}

export function mainFile(changes: Partial<MainFile> = {}): MainFile {
  return {
    trigger: undefined,
    schedules: [],
    repositories: [{ alias: "wheelhouse", name: "Platform/wheelhouse", ref: "refs/heads/main" }],
    pipelines: [],
    numberFormat: "$(Date:yyyyMMdd)$(Rev:.r)",
    ...changes,
  };
}

export function pipeline(jobs: readonly Job[], changes: Partial<ExpandedPipeline> = {}): ExpandedPipeline {
  return {
    main: mainFile(),
    extends: { repository: "wheelhouse", path: "templates/application.yml" },
    templates: [{ repository: "wheelhouse", path: "templates/application.yml" }],
    variables: {},
    jobs,
    text: "",
    ...changes,
  };
}

const group = "/subscriptions/s1/resourceGroups/images";
export const registryId = `${group}/providers/Microsoft.ContainerRegistry/registries/contoso`;
const identityId = (name: string): string =>
  `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;

export function roleId(id: string): string {
  return `/subscriptions/s1/providers/Microsoft.Authorization/roleDefinitions/${id}`;
}

export const roles = {
  push: "8311e382-0749-4cb8-b61a-304f252e45ec",
  pull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
  delete: "c2f4ef07-c644-48eb-af81-4b1b4947fb11",
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
} as const;

export function directory(changes: Partial<Directory> = {}): Directory {
  return {
    registries: [{ id: registryId, name: "contoso", loginServer: "127.0.0.1:5000" }],
    identities: [
      { id: identityId("push"), clientId: "c1", principalId: "principal-push", tenantId: "t1" },
      { id: identityId("pull"), clientId: "c2", principalId: "principal-pull", tenantId: "t1" },
    ],
    credentials: ["push", "pull"].map((name) => ({
      identityId: identityId(name),
      issuer: "https://issuer",
      subject: `sc://acme/Platform/wheelhouse-${name}`,
      audiences: ["api://AzureADTokenExchange"],
    })),
    assignments: [
      { principalId: "principal-push", roleDefinitionId: roleId(roles.push), scope: registryId },
      { principalId: "principal-pull", roleDefinitionId: roleId(roles.pull), scope: registryId },
    ],
    ...changes,
  };
}
