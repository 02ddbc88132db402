/** The variables that the agent adds to a job's own, and the environment that its steps begin with. */
import { randomUUID } from "node:crypto";
import { arch, hostname, userInfo } from "node:os";

import type { Job } from "../model";
import type { JobContext } from "./context";
import { lookupVariable } from "./left-processes";
import type { SecretMasker } from "./masking";
import { isSystemReadOnly } from "./read-only-variables";
import { JobVariables } from "./variables";
import type { Workspace } from "./workspace";

/** The version of the agent whose ways this one has. */
const agentVersion = "4.261.0";

/** By name; those of the context win over these, where it knows better. */
function known(job: Job): Record<string, string> {
  return {
    "Agent.Id": "1",
    "Agent.Name": "sandbox",
    "System.JobAttempt": "1",
    "System.JobDisplayName": job.displayName,
    "System.JobId": randomUUID(),
    "System.JobName": job.name,
    "System.PhaseAttempt": "1",
    "System.PhaseDisplayName": job.displayName,
    "System.PhaseName": job.name,
    "System.StageAttempt": "1",
    "System.StageDisplayName": "__default",
    "System.StageName": "__default",
  };
}

/** By name; these are the agent's own business. */
function own(job: Job, workspace: Workspace, lookup: string): Record<string, string> {
  return {
    "Agent.BuildDirectory": workspace.job,
    "Agent.HomeDirectory": workspace.root,
    "Agent.JobName": job.displayName,
    "Agent.JobStatus": "Succeeded",
    "Agent.MachineName": hostname(),
    "Agent.OS": "Linux",
    "Agent.OSArchitecture": arch().toUpperCase(),
    "Agent.RootDirectory": workspace.work,
    "Agent.TempDirectory": workspace.temp,
    "Agent.ToolsDirectory": workspace.tools,
    "Agent.Version": agentVersion,
    "Agent.WorkFolder": workspace.work,
    "Build.ArtifactStagingDirectory": workspace.staging,
    "Build.BinariesDirectory": workspace.binaries,
    "Build.Repository.LocalPath": workspace.sources,
    "Build.SourcesDirectory": workspace.sources,
    "Build.StagingDirectory": workspace.staging,
    "Common.TestResultsDirectory": workspace.testResults,
    "Pipeline.Workspace": workspace.job,
    "System.ArtifactsDirectory": workspace.staging,
    "System.Culture": "en-US",
    "System.DefaultWorkingDirectory": workspace.sources,
    "System.HostType": "build",
    "System.WorkFolder": workspace.work,
    [lookupVariable]: lookup,
  };
}

/** A job's variables when its first step begins. Those in YAML win over the definition's, and none over the service's own. */
export function firstVariables(
  job: Job,
  { variables: given, jobToken }: Pick<JobContext, "variables" | "jobToken">,
  parts: { readonly workspace: Workspace; readonly masker: SecretMasker; readonly lookup: string },
): JobVariables {
  const { workspace, masker, lookup } = parts;
  const variables = new JobVariables(masker);
  masker.add(jobToken, { token: true });
  masker.add(Buffer.from(`build:${jobToken}`).toString("base64"), { token: true });
  for (const [name, value] of Object.entries(known(job))) variables.set(name, value);
  for (const [name, { value, secret }] of given) variables.set(name, value, { secret });
  for (const [name, value] of Object.entries(job.variables)) {
    if (!isSystemReadOnly(name)) variables.set(name, value);
  }
  for (const [name, value] of Object.entries(own(job, workspace, lookup))) variables.set(name, value);
  variables.set("System.AccessToken", jobToken, { secret: true });
  variables.expand();
  return variables;
}

/** What a process of a step has before any variable: of the agent's machine the path, and a home of its own. */
export function firstEnvironment(path: string, { home }: Workspace): Record<string, string> {
  const { username } = userInfo();
  return { PATH: path, HOME: home, LANG: "C.UTF-8", USER: username, LOGNAME: username };
}
