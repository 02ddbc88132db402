/** Jobs of pipelines, run for real: what the agents' service needs of them. */
export type { CheckoutSource, JobContext, JobLimits, JobOutcome, JobSink, JobVariable, RegistryLogin } from "./context";
export { runJob } from "./run-job";
export { removeWorkspace, WorkspaceError } from "./workspace";
