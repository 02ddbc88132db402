/** The pipeline of the platform's own repository: what a pull request would change, as a comment in it. */
import type { Pool, PreviewSettings, RenderedFile } from "../spec";
import { literal } from "./literal";
import type { Pipeline } from "./model";
import { previewStacks } from "./preview-script";
import { renderYaml } from "./render";
import { poolReference } from "./settings";
import { checkOutSelf } from "./steps";

export interface PreviewPipelineSettings {
  readonly pool: Pool;
  /**
   * Of it, the connection: an Azure Resource Manager service connection with workload identity federation whose identity may read
   * what the stacks declare, and their state. Default `wheelhouse-preview`.
   */
  readonly preview?: Pick<PreviewSettings, "connection"> | undefined;
  /** Major version of Node.js that the program runs on. Default `20`. */
  readonly nodeVersion?: string;
  /** Folder of the policy pack that previews run, in the repository. Default `policy`. */
  readonly policyPack?: string;
}

/** Minutes after which a preview is stopped: what Microsoft's own agents give every organization. */
const timeout = 60;

/**
 * `azure-pipelines.yml` of the platform's repository. A branch policy starts it. Which stacks it previews, and where their state is,
 * are variables of the pipeline (`PULUMI_STACK`, `PULUMI_BACKEND_URL`), which the platform declares from its settings.
 * @throws PipelineError for a value that Azure Pipelines would expand.
 */
export function renderPreviewPipeline(settings: PreviewPipelineSettings): RenderedFile {
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
          // Each time anew, from the lock: a folder kept from an earlier run could be one that a commit since taken back had changed.
          { script: "npm ci --no-audit --no-fund\n", displayName: "Install" },
          {
            task: "AzureCLI@2",
            displayName: "Preview",
            inputs: {
              azureSubscription: literal("preview.connection", settings.preview?.connection ?? "wheelhouse-preview"),
              scriptType: "bash",
              scriptLocation: "inlineScript",
              inlineScript: previewStacks,
              addSpnToEnvironment: true,
            },
            env: {
              AZDO_PERSONAL_ACCESS_TOKEN: "$(System.AccessToken)",
              SYSTEM_ACCESSTOKEN: "$(System.AccessToken)",
              PULUMI_CONFIG_PASSPHRASE: "$(PULUMI_CONFIG_PASSPHRASE)",
              POLICY_PACK: literal("policyPack", settings.policyPack ?? "policy"),
            },
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
        "wheelhouse:preview in the stack's configuration says which stacks it previews.",
      ],
    }),
  };
}
