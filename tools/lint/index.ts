/** Lint: what in a Dockerfile, a pipeline or a requirements file would leak a credential or let a stranger's package in. */
export { addLintCommand, type LintReport } from "./command";
export type { Finding, Severity } from "./finding";
export { fixDockerfile, type Fixed } from "./fix";
export { lintDockerfile, type LintOptions } from "./lint";
export { lintPipeline } from "./pipeline";
export { lintRequirements } from "./requirements";
export type { ContextFiles } from "./subject";
