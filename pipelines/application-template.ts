/** The one template that every application's pipeline extends; it knows no application by name. */
import type { RenderedFile } from "../spec";
import { builderParameter, makeBuilder } from "./builder";
import { literal } from "./literal";
import type { Template } from "./model";
import { renderYaml } from "./render";
import { inOrder } from "./run";
import {
  bakeApplication,
  checkIndexes,
  lintDockerfile,
  lookForBaseImage,
  resolveApplication,
  takeCommitted,
} from "./image-scripts";
import { checkOwnName } from "./scripts";
import { applicationTemplatePath, poolReference, type PipelineSettings } from "./settings";
import {
  authenticate,
  authenticateToIndexes,
  checkOutSelf,
  checkOutTemplates,
  ifReady,
  logInByReason,
  removeTraces,
  reportRun,
  tools,
  unlessWaiting,
} from "./steps";

/**
 * `templates/application.yml`. Adding an application does not change it.
 * @throws PipelineError for a setting that Azure Pipelines would expand.
 */
export function renderApplicationTemplate(settings: PipelineSettings): RenderedFile {
  const inPlatform = { workingDirectory: "$(Build.SourcesDirectory)/platform" };
  const env = {
    APP: "${{ parameters.app }}",
    REGISTRY: literal("registry", settings.registry),
    INDEX_URL: literal("indexUrl", settings.indexUrl),
  };
  const hasIndexes = settings.indexes.length > 0;
  const checked = { script: checkIndexes, displayName: "Check the indexes", ...inPlatform, env: { APP: env.APP } };
  const template: Template = {
    parameters: [
      { name: "app", displayName: "Application, as in apps/<name>.yaml", type: "string" },
      ...(hasIndexes
        ? [
            {
              name: "indexes",
              displayName: "Package indexes beside the feed, as in apps/<name>.yaml",
              type: "object" as const,
              default: [],
            },
          ]
        : []),
      { name: "pool", displayName: "Agents to run on", type: "object", default: poolReference(settings.pool) },
      ...builderParameter(settings),
    ],
    jobs: [
      {
        job: "image",
        displayName: "Image",
        pool: "${{ parameters.pool }}",
        timeoutInMinutes: settings.timeoutMinutes.application,
        workspace: { clean: "all" },
        steps: inOrder({
          checkOut: [
            { script: checkOwnName, displayName: "Check the application", env: { NAME: env.APP } },
            checkOutSelf("s/application"),
            checkOutTemplates(settings, "s/platform"),
            { script: takeCommitted, displayName: "Take what is committed" },
          ],
          authenticate: [...authenticate(settings), ...authenticateToIndexes(settings)],
          logIn: logInByReason(settings),
          tools: tools(settings, inPlatform),
          lint: unlessWaiting([{ script: lintDockerfile, displayName: "Lint", ...inPlatform, env }]),
          base: unlessWaiting([
            { script: lookForBaseImage, displayName: "Look for the base image", ...inPlatform, env },
          ]),
          resolve: ifReady([
            ...(hasIndexes ? [checked] : []),
            { script: resolveApplication, displayName: "Resolve", ...inPlatform, env },
          ]),
          builder: ifReady(makeBuilder(settings)),
          build: ifReady([{ script: bakeApplication, displayName: "Build, scan and publish", ...inPlatform, env }]),
          report: reportRun(),
          cleanUp: removeTraces(),
        }),
      },
    ],
  };
  return {
    path: applicationTemplatePath,
    content: renderYaml(template, {
      header: [
        "Rendered by Wheelhouse from the platform's settings; change those, not this file.",
        "Every application's pipeline extends it.",
      ],
    }),
  };
}
