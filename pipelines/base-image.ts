/** The pipeline of one base image: every day, and when its recipe changes. */
import type { BaseImage, RenderedFile } from "../spec";
import { baseImageFolder } from "./folders";
import { literal } from "./literal";
import type { Pipeline } from "./model";
import { renderYaml } from "./render";
import { inOrder } from "./run";
import { buildBaseImage, publishBaseImage } from "./scripts";
import { poolReference, templateBranch, type PipelineSettings } from "./settings";
import { authenticate, builder, checkOutSelf, logInToPush, removeTraces } from "./steps";

/** Minutes after which a run is stopped: compiling system packages' bindings for two platforms takes long. */
const timeout = 120;

/**
 * `base-images/<name>/azure-pipelines.yml`.
 * @throws PipelineError for a value that Azure Pipelines would expand.
 */
export function renderBaseImagePipeline(base: BaseImage, settings: PipelineSettings): RenderedFile {
  const name = literal("name", base.name);
  const branches = { include: [templateBranch] };
  const pipeline: Pipeline = {
    trigger: { batch: true, branches, paths: { include: [baseImageFolder(name)] } },
    pr: "none",
    schedules: [{ cron: literal("schedule", base.schedule), displayName: "Daily refresh", branches, always: true }],
    jobs: [
      {
        job: "image",
        displayName: `Base image ${name}`,
        pool: poolReference(base.pool ?? settings.pool),
        timeoutInMinutes: timeout,
        workspace: { clean: "all" },
        steps: inOrder({
          checkOut: [checkOutSelf()],
          authenticate: authenticate(settings),
          logIn: logInToPush(settings),
          builder: builder(),
          build: [
            {
              script: buildBaseImage,
              displayName: "Build",
              env: {
                BASE_IMAGE: name,
                REGISTRY: literal("registry", settings.registry),
                INDEX_URL: literal("indexUrl", settings.indexUrl),
              },
            },
          ],
          publish: [{ script: publishBaseImage, displayName: "Tag the images" }],
          cleanUp: removeTraces(),
        }),
      },
    ],
  };
  return {
    path: `${baseImageFolder(name)}/azure-pipelines.yml`,
    content: renderYaml(pipeline, {
      header: [`Rendered by Wheelhouse from base-images/${name}/base-image.yaml; change that file, not this one.`],
    }),
  };
}
