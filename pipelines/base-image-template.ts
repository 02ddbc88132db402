/** The one template that every base image's pipeline extends; it knows no base image by name. */
import type { RenderedFile } from "../spec";
import { builderParameter, makeBuilder } from "./builder";
import { literal } from "./literal";
import type { Template } from "./model";
import { renderYaml } from "./render";
import { inOrder } from "./run";
import { bakeBaseImage, compareBaseImage, resolveBaseImage, tellApplications } from "./image-scripts";
import { checkOwnName } from "./scripts";
import { baseImageTemplatePath, poolReference, type PipelineSettings } from "./settings";
import { authenticate, checkOutTemplates, ifChanged, logInToPush, removeTraces, reportRun, tools } from "./steps";

/**
 * `templates/base-image.yml`. The connection that pushes lets nobody in who extends neither this nor the applications'
 * template. Adding a base image does not change it.
 * @throws PipelineError for a setting that Azure Pipelines would expand.
 */
export function renderBaseImageTemplate(settings: PipelineSettings): RenderedFile {
  const name = "${{ parameters.baseImage }}";
  const env = {
    BASE_IMAGE: name,
    REGISTRY: literal("registry", settings.registry),
    INDEX_URL: literal("indexUrl", settings.indexUrl),
  };
  const template: Template = {
    parameters: [
      { name: "baseImage", displayName: "Base image, as in base-images/<name>", type: "string" },
      { name: "pool", displayName: "Agents to run on", type: "object", default: poolReference(settings.pool) },
      ...builderParameter(settings),
    ],
    jobs: [
      {
        job: "image",
        displayName: "Base image",
        pool: "${{ parameters.pool }}",
        timeoutInMinutes: settings.timeoutMinutes.baseImage,
        workspace: { clean: "all" },
        steps: inOrder({
          checkOut: [
            { script: checkOwnName, displayName: "Check the base image", env: { NAME: name } },
            checkOutTemplates(settings, "s"),
          ],
          authenticate: authenticate(settings),
          logIn: logInToPush(settings),
          tools: tools(settings, {}),
          resolve: [{ script: resolveBaseImage, displayName: "Resolve", env }],
          compare: [{ script: compareBaseImage, displayName: "Compare with what is published", env }],
          builder: ifChanged(makeBuilder(settings)),
          build: ifChanged([{ script: bakeBaseImage, displayName: "Build, scan and publish", env }]),
          publish: ifChanged([{ script: tellApplications, displayName: "Start the applications" }]),
          report: reportRun(),
          cleanUp: removeTraces(),
        }),
      },
    ],
  };
  return {
    path: baseImageTemplatePath,
    content: renderYaml(template, {
      header: [
        "Rendered by Wheelhouse from the platform's settings; change those, not this file.",
        "Every base image's pipeline extends it.",
      ],
    }),
  };
}
