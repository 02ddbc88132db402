/** Runs for pull requests, whose code nobody has reviewed, never get a connection that pushes. */
import { connections, CONNECTION_TYPES } from "../connections";
import { plainAt, readPipeline, seenByPullRequests, type PipelineText } from "../pipeline-yaml";
import { fileKind, placeInFile, showLines } from "../repository-file";
import { BRANCH_POLICY_BUILD_VALIDATION, BUILD_DEFINITION, GIT_REPOSITORY_FILE } from "../resource-types";
import { refersTo, stackRule, type ReadStack, type StackResource } from "../stack-rule";
import { at, textOf } from "../values";

/**
 * A connection is known by its name in the YAML. A file counts as out of reach of pull requests where the pipelines of this
 * stack that run it, itself or as the template that they extend, are started by no build validation; of a file that no
 * pipeline here runs, somebody else's may. A name that a parameter or a variable gives is not seen.
 */
export const pushConnectionsNotForPullRequests = stackRule({
  name: "push-connections-not-for-pull-requests",
  description: "Pipelines that build pull requests do so without a connection that may push images.",
  severity: "critical",
  mend: "Use the pull connection within if eq(variables['Build.Reason'], 'PullRequest'), and the push connection in its else.",
  types: [...CONNECTION_TYPES, BRANCH_POLICY_BUILD_VALIDATION, BUILD_DEFINITION, GIT_REPOSITORY_FILE],
  check: (stack) => {
    const names = pushConnectionNames(stack);
    if (names.size === 0) return [];
    const files = pipelineFiles(stack);
    return files
      .filter((file) => !isOutOfReach(file, files))
      .flatMap(({ resource, path, pipeline }) => {
        const lines = seenByPullRequests(pipeline, names);
        return lines.length === 0
          ? []
          : [
              {
                resource,
                where: `${placeInFile(path)}, ${showLines(lines)}`,
                what: "runs for pull requests get a connection that may push images",
                why: "whoever opens a pull request can publish by it what nobody has reviewed",
                mend: "Put it into the else of if eq(variables['Build.Reason'], 'PullRequest'), with the pull connection before",
              },
            ];
      });
  },
});

/** One with a required-template check is meant for pushing, also while its role is not known yet. */
function pushConnectionNames(stack: ReadStack): ReadonlySet<string> {
  return new Set(
    connections(stack)
      .filter(({ pushes, checks }) => pushes ?? checks.length > 0)
      .flatMap(({ endpoint }) => textOf(endpoint.outputs.serviceEndpointName) ?? []),
  );
}

interface PipelineFile {
  readonly resource: StackResource;
  readonly path: string;
  readonly pipeline: PipelineText;
  /** Path of the template that it extends. */
  readonly template: string | undefined;
  /** For each pipeline whose main file it is: whether pull requests start it. */
  readonly validated: readonly boolean[];
}

function pipelineFiles(stack: ReadStack): PipelineFile[] {
  const policies = stack.ofType(BRANCH_POLICY_BUILD_VALIDATION);
  // Asked once for each pipeline: there may be hundreds of them, and of files.
  const definitions = stack.ofType(BUILD_DEFINITION).map((definition) => ({
    definition,
    isValidated: policies.some((policy) =>
      refersTo(policy, "settings", at(policy.outputs.settings, "buildDefinitionId"), definition, ["id"]),
    ),
  }));
  return stack.ofType(GIT_REPOSITORY_FILE).flatMap((resource) => {
    const path = textOf(resource.outputs.file)?.replace(/^\/+/, "");
    const content = textOf(resource.outputs.content);
    if (path === undefined || content === undefined || fileKind(path) !== "pipeline") return [];
    const pipeline = readPipeline(content);
    if (pipeline === undefined) return [];
    const template = plainAt(pipeline, "extends", "template");
    return [
      {
        resource,
        path,
        pipeline,
        template: typeof template === "string" ? template.replace(/@.*$/, "").replace(/^\/+/, "") : undefined,
        validated: definitions
          .filter(({ definition }) => isMainFile(resource, path, definition))
          .map(({ isValidated }) => isValidated),
      },
    ];
  });
}

function isMainFile(file: StackResource, path: string, definition: StackResource): boolean {
  const { repository } = definition.outputs;
  if (textOf(at(repository, "ymlPath"))?.replace(/^\/+/, "") !== path) return false;
  const written = textOf(file.outputs.repositoryId);
  const read = textOf(at(repository, "repoId"));
  if (written !== undefined && read !== undefined) return written === read;
  const places = definition.madeOf("repository");
  return file.madeOf("repositoryId").some((urn) => places.includes(urn));
}

function isOutOfReach(file: PipelineFile, files: readonly PipelineFile[]): boolean {
  const users = files.filter(({ template }) => template === file.path);
  const runs = [...file.validated, ...users.flatMap(({ validated }) => (validated.length === 0 ? [true] : validated))];
  return runs.length > 0 && !runs.includes(true);
}
