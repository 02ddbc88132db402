/** The first run of a pipeline, as a resource with operations of our own: queued once, when all that it needs is there. */
import type * as pulumi from "@pulumi/pulumi";
import { loaderOf } from "./dynamic-code";
import type * as Operations from "./first-run-provider";
import { OperatedResource } from "./operated-resource";

export interface FirstRunArgs {
  /** Root of Azure DevOps for the organization, such as `https://dev.azure.com/<organization>`. */
  readonly organizationUrl: pulumi.Input<string>;
  /** Name or GUID of the pipeline's project. */
  readonly project: pulumi.Input<string>;
  /** Number of the pipeline. */
  readonly pipelineId: pulumi.Input<number>;
  /** Full name of the branch to run, such as `refs/heads/main`. */
  readonly branch: pulumi.Input<string>;
}

const load = loaderOf("first-run-provider") as () => typeof Operations;

/**
 * A run happens once: nothing that is declared later changes it, a refresh looks at nothing, and to delete it is to forget
 * it. Exported for the test that holds its written form.
 */
export const firstRunProvider: pulumi.dynamic.ResourceProvider<Operations.FirstRunInputs, Operations.FirstRunOutputs> =
  {
    create: (inputs) => load().create(inputs),
    diff: () => Promise.resolve({ changes: false, replaces: [], deleteBeforeReplace: false }),
  };

/**
 * Queues one run of a pipeline that never ran; where there is a run already, of whatever result, nothing is queued. Let it
 * depend on what the run needs and on what waits for it: authorizations, checks, connections, files.
 *
 * The credential is read from the environment at the time of the request (`AZDO_PERSONAL_ACCESS_TOKEN`, else
 * `SYSTEM_ACCESSTOKEN`); it needs the scope Build: read and execute. Neither state nor errors hold it.
 */
export class FirstRun extends OperatedResource {
  /** Number of the run: the one that was queued, or the newest that was there. */
  declare readonly runId: pulumi.Output<number>;

  constructor(name: string, args: FirstRunArgs, options?: pulumi.CustomResourceOptions) {
    const { organizationUrl, project, pipelineId, branch } = args;
    super(
      "FirstRun",
      firstRunProvider,
      name,
      { organizationUrl, project, pipelineId, branch, runId: undefined },
      options,
    );
  }
}
