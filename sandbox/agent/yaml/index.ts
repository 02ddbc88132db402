/** Pipelines' YAML as Azure Pipelines reads it: main files, template expansion, conditions, macros, triggers, schedules. */
export { PipelineFileError } from "./error";
export { readMainFile } from "./main-file";
export { expandPipeline, type ExpandOptions } from "./pipeline";
export { branchPasses, pathPasses, pipelineCompletionStarts, pushStarts, type CompletedRun } from "./triggers";
export { nextRun } from "./schedule";
export { evaluateCondition, type ConditionContext, type Dependency, type JobStatus } from "./condition";
export { replaceMacros } from "./macros";
