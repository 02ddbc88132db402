/** The pipeline of the platform's own repository: what a pull request would change. */
import type { Pool, RenderedFile } from "../spec";
import { literal } from "./literal";
import type { Pipeline } from "./model";
import { renderYaml } from "./render";
import { previewStack } from "./scripts";
import { poolReference } from "./settings";
import { checkOutSelf } from "./steps";

export interface PreviewSettings {
  readonly pool: Pool;
  /**
   * Azure Resource Manager service connection with workload identity federation whose identity may read what the
   * stack declares, and its state. Default `wheelhouse-preview`.
   */
  readonly azureConnection?: string;
  /** Major version of Node.js that the program runs on. Default `20`. */
  readonly nodeVersion?: string;
}

/** Minutes after which a preview is stopped. */
const timeout = 30;

/**
 * `azure-pipelines.yml` of the platform's repository. A branch policy starts it. Users set two variables of the
 * pipeline, neither secret: `PULUMI_BACKEND_URL`, where the state is, and `PULUMI_STACK`.
 * @throws PipelineError for a value that Azure Pipelines would expand.
 */
export function renderPreviewPipeline(settings: PreviewSettings): RenderedFile {
  const pipeline: Pipeline = {
    trigger: "none",
    pr: "none",
    jobs: [
      {
        job: "preview",
        displayName: "Preview",
        pool: poolReference(settings.pool),
        timeoutInMinutes: timeout,
        workspace: { clean: "all" },
        steps: [
          checkOutSelf(),
          {
            task: "NodeTool@0",
            displayName: "Use Node.js",
            inputs: { versionSpec: literal("nodeVersion", `${settings.nodeVersion ?? "20"}.x`) },
          },
          { script: "npm ci\n", displayName: "Install" },
          {
            task: "AzureCLI@2",
            displayName: "Preview",
            inputs: {
              azureSubscription: literal("azureConnection", settings.azureConnection ?? "wheelhouse-preview"),
              scriptType: "bash",
              scriptLocation: "inlineScript",
              inlineScript: previewStack,
              addSpnToEnvironment: true,
            },
            env: { AZDO_PERSONAL_ACCESS_TOKEN: "$(System.AccessToken)" },
          },
        ],
      },
    ],
  };
  return {
    path: "azure-pipelines.yml",
    content: renderYaml(pipeline, {
      header: [
        "Rendered by Wheelhouse for the platform's repository; change its settings, not this file.",
        "The pipeline's variables PULUMI_BACKEND_URL and PULUMI_STACK say which stack it previews.",
      ],
    }),
  };
}
