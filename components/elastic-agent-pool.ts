/** Agents on demand: a pool over an Azure scale set, which Azure DevOps makes larger and smaller by itself. */
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";

export interface ElasticAgentPoolArgs {
  /** Name of the pool, by which pipelines call it. */
  readonly poolName: string;
  /** GUID of the project whose pipelines run in it, and whose service connection it is. */
  readonly projectId: pulumi.Input<string>;
  /** Azure's id of the scale set. It is not made here: its image and network are the platform team's. */
  readonly scaleSetId: pulumi.Input<string>;
  /** GUID of a service connection of that project to Azure; its identity must be allowed to change the scale set. */
  readonly endpointId: pulumi.Input<string>;
  /** Machines at most. Default 4. */
  readonly maxAgents?: number | undefined;
  /** Machines that wait for jobs. Default 1; with 0 the first job waits some minutes. */
  readonly idleAgents?: number | undefined;
  /** Minutes that a machine beyond those stays without a job. Default 30. */
  readonly idleMinutes?: number | undefined;
  /** Whether each job gets a new machine, so that none finds what another left. Default `true`. */
  readonly recycle?: boolean | undefined;
}

/** A pool of agents that come and go, its queue in one project, and the right of that project's pipelines to run in it. */
export class ElasticAgentPool extends pulumi.ComponentResource {
  /** Number of the pool. */
  readonly poolId: pulumi.Output<number>;
  /** Number of its queue in the project. */
  readonly queueId: pulumi.Output<number>;

  constructor(name: string, args: ElasticAgentPoolArgs, options?: pulumi.ComponentResourceOptions) {
    super("wheelhouse:index:ElasticAgentPool", name, {}, options);
    const parent = { parent: this };
    const pool = new azuredevops.ElasticPool(
      name,
      {
        name: args.poolName,
        azureResourceId: args.scaleSetId,
        serviceEndpointId: args.endpointId,
        serviceEndpointScope: args.projectId,
        maxCapacity: args.maxAgents ?? 4,
        desiredIdle: args.idleAgents ?? 1,
        timeToLiveMinutes: args.idleMinutes ?? 30,
        recycleAfterEachUse: args.recycle ?? true,
        // Other projects get no queue by themselves, and the queue of this one is declared, so that it can be authorized.
        autoProvision: false,
        autoUpdate: true,
      },
      // A name and a scale set belong to one pool at a time.
      { ...parent, deleteBeforeReplace: true },
    );
    this.poolId = pool.id.apply(Number);
    const queue = new azuredevops.Queue(name, { projectId: args.projectId, agentPoolId: this.poolId }, parent);
    new azuredevops.PipelineAuthorization(
      name,
      { projectId: args.projectId, resourceId: queue.id, type: "queue" },
      parent,
    );

    this.queueId = queue.id.apply(Number);
    this.registerOutputs({ poolId: this.poolId, queueId: this.queueId });
  }
}
