/** Says why a comment could not be written, and who has to do what about it. */
import { statusOf } from "./retrying";
import type { Target } from "./target";

export interface Problem {
  /** What did not happen, and the service's own words. */
  readonly why: string;
  readonly mend: string;
}

export function commentProblem(error: unknown, target: Target): Problem {
  const status = statusOf(error);
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").slice(0, 500);
  const service = target.provider === "github" ? "GitHub" : "Azure DevOps";
  const said = status === undefined ? `${service} could not be reached` : `${service} answered ${status}`;
  const mend = target.provider === "github" ? gitHubMend(status) : azureDevOpsMend(status, target.repositoryName);
  return { why: `The comment on pull request ${target.pullRequest} could not be written: ${said} (${message}).`, mend };
}

function azureDevOpsMend(status: number | undefined, repository: string): string {
  if (status === 401 || status === 203) {
    return 'The token is not valid: map SYSTEM_ACCESSTOKEN: "$(System.AccessToken)" in the step that runs this.';
  }
  if (status === 403) {
    return (
      `Allow "Contribute to pull requests" on the repository ${repository} to the pipeline's identity, ` +
      "<project> Build Service (<organization>): Project settings, Repositories, the repository, Security."
    );
  }
  if (status === 404) {
    return (
      `The pipeline's identity has to be allowed to read the repository ${repository}: Project settings, Repositories, ` +
      "Security; and, for a repository of another project, the job authorization scope must not be limited."
    );
  }
  return outage(status);
}

function gitHubMend(status: number | undefined): string {
  if (status === 401) {
    return "The token is not valid: map GITHUB_TOKEN: ${{ github.token }} in the step that runs this.";
  }
  if (status === 403 || status === 404) {
    return (
      "Give the job the permission: permissions: { contents: read, pull-requests: write }. The token of a pull request from a " +
      "fork may only read: there, write the comment to a file (--output markdown) and post it from a workflow_run."
    );
  }
  return outage(status);
}

function outage(status: number | undefined): string {
  if (status === undefined) return "Look at the agent's network and proxy, and run this again.";
  if (status === 429) return "The service limits calls for now: run this again later.";
  return status >= 500 ? "The service is in trouble: run this again later." : "";
}
