/** Finds out from a pipeline's own variables which pull request, on which service, a comment is for. */
import { readFileSync } from "node:fs";
import { UsageError } from "../errors";
import type { RunNumber } from "./keeping";

export const providers = ["azure-devops", "github"] as const;
export type Provider = (typeof providers)[number];

/** Which run of which pipeline this is. */
export interface Run {
  readonly number: RunNumber;
  readonly name: string;
  readonly url?: string | undefined;
  readonly commit?: string | undefined;
  /** Tells pipelines apart that preview the same stack; "" where there is none. */
  readonly pipeline: string;
}

export interface AzureDevOpsTarget {
  readonly provider: "azure-devops";
  /** Address of the organization, with a slash at its end. */
  readonly organization: string;
  readonly project: string;
  readonly repository: string;
  /** For people. */
  readonly repositoryName: string;
  readonly pullRequest: number;
  readonly token: string;
}

export interface GitHubTarget {
  readonly provider: "github";
  /** Address of the REST interface. */
  readonly api: string;
  readonly owner: string;
  readonly repository: string;
  readonly pullRequest: number;
  readonly token: string;
}

export type Target = AzureDevOpsTarget | GitHubTarget;

/** Why there is nothing to comment on: no fault in a run of a branch, a fault of the pipeline where a variable is missing. */
export interface NoTarget {
  readonly provider: Provider;
  readonly fault: boolean;
  readonly why: string;
  readonly mend: string;
}

/** The service whose agent this is. @throws UsageError where it is none and none was named */
export function readProvider(environment: NodeJS.ProcessEnv, given: string | undefined): Provider {
  if (given !== undefined) {
    const known = providers.find((provider) => provider === given);
    if (known !== undefined) return known;
    throw new UsageError(`--provider ${given} is none`, `give one of ${providers.join(", ")}`);
  }
  if (environment.GITHUB_ACTIONS === "true") return "github";
  if (environment.TF_BUILD !== undefined || environment.SYSTEM_COLLECTIONURI !== undefined) return "azure-devops";
  throw new UsageError(
    "this is no run of a pipeline, so there is no pull request to comment on",
    "write the comment to a file with --output markdown --file FILE, or name the service with --provider",
  );
}

/** @param pullRequest number that was given on the command line */
export function readTarget(
  provider: Provider,
  environment: NodeJS.ProcessEnv,
  pullRequest: number | undefined,
): Target | NoTarget {
  return provider === "github" ? gitHub(environment, pullRequest) : azureDevOps(environment, pullRequest);
}

function azureDevOps(environment: NodeJS.ProcessEnv, given: number | undefined): AzureDevOpsTarget | NoTarget {
  const provider = "azure-devops";
  const pullRequest = given ?? wholeNumber(environment.SYSTEM_PULLREQUEST_PULLREQUESTID);
  if (pullRequest === undefined) return noPullRequest(provider);
  const needed = {
    SYSTEM_COLLECTIONURI: environment.SYSTEM_COLLECTIONURI ?? environment.SYSTEM_TEAMFOUNDATIONCOLLECTIONURI,
    SYSTEM_TEAMPROJECT: environment.SYSTEM_TEAMPROJECTID ?? environment.SYSTEM_TEAMPROJECT,
    BUILD_REPOSITORY_ID: environment.BUILD_REPOSITORY_ID,
    SYSTEM_ACCESSTOKEN: environment.SYSTEM_ACCESSTOKEN,
  };
  const missing = missingOf(needed);
  if (missing !== undefined) {
    const mend =
      missing === "SYSTEM_ACCESSTOKEN"
        ? 'Map it in the step that runs this: env: { SYSTEM_ACCESSTOKEN: "$(System.AccessToken)" }'
        : "Azure Pipelines sets it: run this in a job of a pipeline.";
    return { provider, fault: true, why: `The variable ${missing} is not set.`, mend };
  }
  return {
    provider,
    organization: withSlash(needed.SYSTEM_COLLECTIONURI ?? ""),
    project: needed.SYSTEM_TEAMPROJECT ?? "",
    repository: needed.BUILD_REPOSITORY_ID ?? "",
    repositoryName: environment.BUILD_REPOSITORY_NAME ?? needed.BUILD_REPOSITORY_ID ?? "",
    pullRequest,
    token: needed.SYSTEM_ACCESSTOKEN ?? "",
  };
}

function gitHub(environment: NodeJS.ProcessEnv, given: number | undefined): GitHubTarget | NoTarget {
  const provider = "github";
  const pullRequest =
    given ??
    wholeNumber(/^refs\/pull\/(\d+)\//.exec(environment.GITHUB_REF ?? "")?.[1]) ??
    eventOf(environment).pullRequest ??
    // A repository on GitHub, built by Azure Pipelines.
    wholeNumber(environment.SYSTEM_PULLREQUEST_PULLREQUESTNUMBER);
  if (pullRequest === undefined) return noPullRequest(provider);
  const name = environment.GITHUB_REPOSITORY ?? environment.BUILD_REPOSITORY_NAME;
  const missing = missingOf({ GITHUB_REPOSITORY: name, GITHUB_TOKEN: environment.GITHUB_TOKEN });
  if (missing !== undefined) {
    const mend =
      missing === "GITHUB_TOKEN"
        ? "Map it in the step that runs this: env: { GITHUB_TOKEN: ${{ github.token }} }"
        : "GitHub Actions sets it, as owner/name.";
    return { provider, fault: true, why: `The variable ${missing} is not set.`, mend };
  }
  const [owner = "", repository = ""] = (name ?? "").split("/");
  return {
    provider,
    api: (environment.GITHUB_API_URL ?? "https://api.github.com").replace(/\/+$/, ""),
    owner,
    repository,
    pullRequest,
    token: environment.GITHUB_TOKEN ?? "",
  };
}

/** The run, from the variables of whichever service runs it. */
export function readRunOf(environment: NodeJS.ProcessEnv): Run | undefined {
  const build = wholeNumber(environment.BUILD_BUILDID);
  if (build !== undefined) {
    const base = environment.SYSTEM_COLLECTIONURI;
    const project = environment.SYSTEM_TEAMPROJECT;
    const page = `${withSlash(base ?? "")}${encodeURIComponent(project ?? "")}/_build/results?buildId=${build}`;
    return {
      number: { number: build, attempt: wholeNumber(environment.SYSTEM_JOBATTEMPT) ?? 1 },
      name: environment.BUILD_BUILDNUMBER ?? String(build),
      ...(base === undefined || project === undefined ? {} : { url: page }),
      commit: environment.SYSTEM_PULLREQUEST_SOURCECOMMITID ?? environment.BUILD_SOURCEVERSION,
      pipeline: environment.SYSTEM_DEFINITIONID ?? environment.BUILD_DEFINITIONNAME ?? "",
    };
  }
  const number = wholeNumber(environment.GITHUB_RUN_ID);
  if (number === undefined) return undefined;
  const server = environment.GITHUB_SERVER_URL;
  const repository = environment.GITHUB_REPOSITORY;
  return {
    number: { number, attempt: wholeNumber(environment.GITHUB_RUN_ATTEMPT) ?? 1 },
    name: environment.GITHUB_RUN_NUMBER ?? String(number),
    ...(server === undefined || repository === undefined
      ? {}
      : { url: `${server}/${repository}/actions/runs/${number}` }),
    commit: eventOf(environment).commit ?? environment.GITHUB_SHA,
    pipeline: environment.GITHUB_WORKFLOW ?? "",
  };
}

function noPullRequest(provider: Provider): NoTarget {
  return {
    provider,
    fault: false,
    why: "This run is not one of a pull request: there is nothing to comment on.",
    mend: "",
  };
}

function missingOf(variables: Readonly<Record<string, string | undefined>>): string | undefined {
  // Azure Pipelines leaves $(name) where a variable is not set.
  return Object.entries(variables).find(
    ([, value]) => value === undefined || value === "" || value.startsWith("$("),
  )?.[0];
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}

function withSlash(address: string): string {
  return address.endsWith("/") ? address : `${address}/`;
}

/** What GitHub says about what started the run; a file that cannot be read says nothing. */
function eventOf({ GITHUB_EVENT_PATH: file }: NodeJS.ProcessEnv): { pullRequest?: number; commit?: string } {
  if (file === undefined) return {};
  try {
    const event = JSON.parse(readFileSync(file, "utf8")) as {
      readonly pull_request?: { readonly number?: unknown; readonly head?: { readonly sha?: unknown } };
    };
    const { number, head } = event.pull_request ?? {};
    return {
      ...(typeof number === "number" ? { pullRequest: number } : {}),
      ...(typeof head?.sha === "string" ? { commit: head.sha } : {}),
    };
  } catch {
    return {};
  }
}
