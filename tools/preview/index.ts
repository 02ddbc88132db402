/** Previews as comments in pull requests: what other rooms and tests may use. */
export { addPreviewCommand } from "./command";
export { commentOn, keyOf, type CommentOptions, type Commented } from "./commenting";
export { azureDevOpsComments, azureDevOpsLimit } from "./azure-devops";
export { gitHubComments, gitHubLimit } from "./github";
export { compareRuns, keepComment, type CommentStore, type Entry, type Kept, type KeptComment } from "./keeping";
export { environmentSecrets } from "./masking";
export type * from "./model";
export { renderComment, smallestLimit, type RenderOptions } from "./render";
export { makeReport, type ReportOptions } from "./report";
export { runPreviews, type PreviewOptions } from "./run-preview";
export { readProvider, readRunOf, readTarget, type Run, type Target } from "./target";
