/** ElasticAgentPool for every language. */
import type * as pulumi from "@pulumi/pulumi";
import { ElasticAgentPool as Component } from "../components/elastic-agent-pool";
import { facade } from "./facade";

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
  readonly maxAgents?: number;
  /** Machines that wait for jobs. Default 1; with 0 the first job waits some minutes. */
  readonly idleAgents?: number;
  /** Minutes that a machine beyond those stays without a job. Default 30. */
  readonly idleMinutes?: number;
  /** Whether each job gets a new machine, so that none finds what another left. Default `true`. */
  readonly recycle?: boolean;
}

/** A pool of agents that come and go, its queue in one project, and the right of that project's pipelines to run in it. */
export class ElasticAgentPool extends facade(Component) {
  /** Number of the pool. */
  declare readonly poolId: pulumi.Output<number>;
  /** Number of its queue in the project. */
  declare readonly queueId: pulumi.Output<number>;

  constructor(name: string, args: ElasticAgentPoolArgs, options?: pulumi.ComponentResourceOptions) {
    super(name, { ...args }, options);
  }
}
