/** What the service sees of the clouds at one moment, in the forms in which it works with it. */

export interface Project {
  readonly id: string;
  readonly name: string;
}

/** What the pipelines of a project may do. */
export interface ProjectSettings {
  readonly projectId: string;
  /** Whether jobs act for their own project only, whatever their definition says. */
  readonly enforceJobScope: boolean;
  /** Whether jobs reach only the repositories that their pipeline names, and need an authorization for each. */
  readonly enforceReferencedRepoScopedToken: boolean;
}

export interface Repository {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  /** Full name; empty where there is no branch yet. */
  readonly defaultBranch: string;
  readonly disabled: boolean;
}

export interface DefinitionVariable {
  readonly name: string;
  /** Absent for a secret one, which the clouds show nobody. */
  readonly value?: string | undefined;
  readonly isSecret: boolean;
}

export interface Definition {
  readonly id: number;
  readonly name: string;
  /** Folder: begins with a backslash. */
  readonly path: string;
  readonly projectId: string;
  readonly queueStatus: "enabled" | "paused" | "disabled";
  readonly jobScope: "project" | "projectCollection";
  /** Name of the queue for jobs that name no pool. */
  readonly pool: string;
  readonly repositoryId: string;
  /** Full name of the branch for runs that name none. */
  readonly branch: string;
  /** Path of the main file. */
  readonly file: string;
  readonly variables: readonly DefinitionVariable[];
  readonly variableGroups: readonly number[];
  /** ISO 8601, real time; absent where the clouds do not say. */
  readonly createdAt?: string | undefined;
}

/** Variables that pipelines share. */
export interface VariableGroup {
  readonly id: number;
  readonly projectId: string;
  readonly name: string;
  readonly variables: readonly DefinitionVariable[];
  /** Whether its values are those of a key vault. */
  readonly ofKeyVault: boolean;
  /** Whether every pipeline of the project may use it. */
  readonly allowAccess: boolean;
}

export interface Push {
  readonly id: number;
  readonly repositoryId: string;
  /** ISO 8601, real time. */
  readonly date: string;
  readonly updates: readonly { readonly name: string; readonly before: string; readonly after: string }[];
}

export interface PullRequest {
  readonly id: number;
  readonly repositoryId: string;
  readonly status: "active" | "abandoned" | "completed";
  /** Full names. */
  readonly source: string;
  readonly target: string;
  readonly title: string;
  readonly isDraft: boolean;
  /** Tip of the source; empty where it is gone. */
  readonly sourceCommit: string;
  /** The merge that the service made; absent while there is none, as with conflicts. */
  readonly mergeCommit?: string | undefined;
}

/** A branch policy that wants a green run. */
export interface BuildValidation {
  readonly id: number;
  readonly projectId: string;
  readonly enabled: boolean;
  readonly definitionId: number;
  readonly displayName: string;
  readonly manualQueueOnly: boolean;
  readonly queueOnSourceUpdateOnly: boolean;
  readonly scopes: readonly {
    readonly repositoryId?: string | undefined;
    readonly ref?: string | undefined;
    readonly matchType: string;
  }[];
}

export type ResourceType = "endpoint" | "queue" | "repository" | "variablegroup" | "environment";

export interface Authorization {
  readonly projectId: string;
  readonly type: string;
  readonly resourceId: string;
  /** Absent: every pipeline of the project. */
  readonly definitionId?: number | undefined;
}

export interface RequiredTemplate {
  /** `Project/repository`. */
  readonly repository: string;
  readonly ref: string;
  readonly path: string;
}

export interface RequiredTemplateCheck {
  readonly projectId: string;
  readonly type: string;
  readonly resourceId: string;
  readonly templates: readonly RequiredTemplate[];
}

/** A service connection. */
export interface Endpoint {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly kind: "registry" | "resource manager";
  readonly scheme: string;
  /** Application id of the identity that it acts as. */
  readonly clientId: string;
  readonly tenantId: string;
  /** What the identity must trust; empty for other schemes than workload identity federation. */
  readonly issuer: string;
  readonly subject: string;
  /** Of connections to a subscription. */
  readonly subscriptionId?: string | undefined;
  /** Of connections to a registry. */
  readonly registry?:
    { readonly name: string; readonly subscriptionId: string; readonly resourceGroup: string } | undefined;
}

export interface Queue {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
}

export interface Feed {
  readonly id: string;
  readonly name: string;
  /** Absent for a feed of the organization. */
  readonly projectId?: string | undefined;
  readonly permissions: readonly { readonly descriptor: string; readonly role: string }[];
}

/** A user or an account of the service. */
export interface Identity {
  readonly displayName: string;
  readonly descriptor: string;
}

export interface CloudRun {
  readonly id: number;
  readonly definitionId: number;
  readonly projectId: string;
  readonly repositoryId: string;
  readonly reason: "Manual" | "IndividualCI" | "BatchedCI" | "Schedule" | "PullRequest" | "ResourceTrigger";
  /** Full name of a branch or tag, or `refs/pull/<id>/merge`. */
  readonly branch: string;
  readonly commit: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly state: "queued" | "running" | "completed";
  readonly result?: "succeeded" | "succeededWithIssues" | "failed" | "canceled" | undefined;
  readonly number: string;
  readonly because?: string | undefined;
  readonly tags: readonly string[];
  readonly queuedAt: string;
  readonly endedAt?: string | undefined;
  readonly cancelRequested: boolean;
  readonly pullRequest?: number | undefined;
  readonly sourceCommit?: string | undefined;
}

/** What is asked for at each look. */
export interface World {
  /** The clouds' state that this is of, or a later one. */
  readonly revision: number;
  readonly organization: string;
  readonly projects: readonly Project[];
  readonly settings: readonly ProjectSettings[];
  readonly repositories: readonly Repository[];
  readonly definitions: readonly Definition[];
  readonly variableGroups: readonly VariableGroup[];
  readonly pushes: readonly Push[];
  readonly pullRequests: readonly PullRequest[];
  readonly buildValidations: readonly BuildValidation[];
  readonly authorizations: readonly Authorization[];
  readonly requiredTemplates: readonly RequiredTemplateCheck[];
  readonly endpoints: readonly Endpoint[];
  readonly queues: readonly Queue[];
  readonly feeds: readonly Feed[];
  readonly identities: readonly Identity[];
  readonly runs: readonly CloudRun[];
}

/** Who may do what in Azure, asked for when a job signs in. */
export interface Directory {
  readonly registries: readonly { readonly id: string; readonly name: string; readonly loginServer: string }[];
  readonly identities: readonly {
    readonly id: string;
    readonly clientId: string;
    readonly principalId: string;
    readonly tenantId: string;
  }[];
  readonly credentials: readonly {
    readonly identityId: string;
    readonly issuer: string;
    readonly subject: string;
    readonly audiences: readonly string[];
  }[];
  readonly assignments: readonly {
    readonly principalId: string;
    readonly roleDefinitionId: string;
    readonly scope: string;
  }[];
}
