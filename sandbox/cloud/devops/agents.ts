/** Agent pools of the organization, their queues in projects, and pools over a scale set of machines. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, forbidden, invalid, missing } from "../errors";
import { numbered, recordKind, text, type Kind } from "../kind";
import type { Entity } from "../state";
import { requireProject } from "./identities";
import { checkName } from "./names";
import { tokens } from "./tokens";

/** Pools that the service itself uses up to this number. */
const lastReservedPool = 9;

const poolInputs = z.looseObject({
  name: z.string(),
  poolType: z.enum(["automation", "deployment"]).default("automation"),
  autoProvision: z.boolean().default(false),
  autoUpdate: z.boolean().default(true),
});

function checkPool(cloud: Cloud, name: string, current: Entity | undefined): void {
  checkName("agent pool", name);
  const holder = cloud.state.byKey(tokens.pool, name.toLowerCase());
  if (holder !== undefined && holder.id !== current?.id) {
    throw conflict(
      "TaskAgentPoolExists",
      `VS402846: an agent pool named "${name}" exists already in this organization`,
    );
  }
}

/** Puts the pools of a new organization: the hosted one, and an empty one for machines of its own. */
export function putBuiltInPools(cloud: Cloud): void {
  for (const [id, name] of [
    ["1", "Default"],
    [String(lastReservedPool), "Azure Pipelines"],
  ] as const) {
    if (cloud.state.get(tokens.pool, id) === undefined) {
      const properties = { name, poolType: "automation", autoProvision: true, autoUpdate: true };
      cloud.state.put({
        token: tokens.pool,
        id,
        key: name.toLowerCase(),
        within: [],
        properties,
        hidden: { builtIn: true },
      });
    }
  }
}

/** Pools, each with a queue in every project where `autoProvision` says so. */
export const pool: Kind = recordKind<z.infer<typeof poolInputs>>({
  token: tokens.pool,
  called: "agent pool",
  inputs: poolInputs,
  key: ({ name }) => name.toLowerCase(),
  newId: (_inputs, cloud) => String(cloud.state.nextNumber("pool", lastReservedPool)),
  check: ({ name }, cloud, current) => checkPool(cloud, name, current),
  afterCreate(entity, cloud) {
    if (entity.properties.autoProvision === true) {
      cloud.state.list(tokens.project).forEach(({ id }) => void putQueue(cloud, id, entity));
    }
  },
  beforeDelete(entity) {
    if (entity.hidden?.builtIn === true) {
      throw forbidden("AccessDenied", `the agent pool "${text(entity, "name")}" is the service's own and stays`);
    }
  },
});

function queueKey(projectId: string, poolId: string): string {
  return `${projectId}/${poolId}`;
}

function putQueue(cloud: Cloud, projectId: string, poolEntity: Entity): Entity {
  const key = queueKey(projectId, poolEntity.id);
  const existing = cloud.state.byKey(tokens.queue, key);
  return (
    existing ??
    cloud.state.put({
      token: tokens.queue,
      id: String(cloud.state.nextNumber("queue")),
      key,
      within: queueOwners(projectId, poolEntity.id),
      properties: { projectId, name: text(poolEntity, "name"), agentPoolId: Number(poolEntity.id) },
    })
  );
}

function queueOwners(projectId: string, poolId: string): { token: string; id: string }[] {
  return [
    { token: tokens.project, id: projectId },
    { token: tokens.pool, id: poolId },
  ];
}

/** Gives a project the queues that every project has. */
export function provisionQueues(cloud: Cloud, projectId: string): void {
  const everywhere = cloud.state.list(tokens.pool).filter((entity) => entity.properties.autoProvision === true);
  everywhere.forEach((entity) => void putQueue(cloud, projectId, entity));
}

/** The queue of a project that has this name. */
export function queueNamed(cloud: Cloud, projectId: string, name: string): Entity | undefined {
  return cloud.state
    .list(tokens.queue)
    .find(
      (entity) => text(entity, "projectId") === projectId && text(entity, "name").toLowerCase() === name.toLowerCase(),
    );
}

const queueInputs = z.looseObject({
  projectId: z.string(),
  name: z.string().optional(),
  agentPoolId: z.number().int().optional(),
});

type QueueInputs = z.infer<typeof queueInputs>;

/** The pool that a queue is to stand for: by its number, or by the queue's name. */
function poolOf(cloud: Cloud, { name, agentPoolId }: QueueInputs): Entity | undefined {
  return agentPoolId === undefined
    ? cloud.state.byKey(tokens.pool, (name ?? "").toLowerCase())
    : cloud.state.get(tokens.pool, String(agentPoolId));
}

/** Queues: the share that one project has in a pool. A queue with the name of no pool makes a pool of that name. */
export const queue: Kind = (() => {
  const record = recordKind<QueueInputs>({
    token: tokens.queue,
    called: "agent queue",
    inputs: queueInputs,
    key: (inputs, cloud) => queueKey(inputs.projectId, poolOf(cloud, inputs)?.id ?? `named ${inputs.name ?? ""}`),
    newId: numbered("queue"),
    within: (inputs, cloud) => queueOwners(inputs.projectId, poolOf(cloud, inputs)?.id ?? ""),
    check(inputs, cloud) {
      requireProject(cloud, inputs.projectId);
      if ((inputs.name === undefined) === (inputs.agentPoolId === undefined)) {
        throw invalid("AgentQueueInvalid", "a queue is given either the id of its pool or a name");
      }
      if (inputs.agentPoolId !== undefined && poolOf(cloud, inputs) === undefined) {
        throw missing("TaskAgentPoolNotFound", `there is no agent pool with the id ${inputs.agentPoolId}`);
      }
      if (inputs.name !== undefined) {
        checkName("agent queue", inputs.name);
      }
    },
    duplicate: (inputs) =>
      conflict(
        "TaskAgentQueueExists",
        `the project has a queue for the pool ${inputs.agentPoolId ?? inputs.name ?? ""} already`,
      ),
    computed(inputs, cloud) {
      const entity = poolOf(cloud, inputs);
      return entity === undefined ? {} : { name: text(entity, "name"), agentPoolId: Number(entity.id) };
    },
  });
  return {
    ...record,
    create(cloud, properties) {
      const { name, agentPoolId, projectId } = queueInputs.parse(properties);
      const known = cloud.state.get(tokens.project, projectId) !== undefined;
      if (
        known &&
        name !== undefined &&
        agentPoolId === undefined &&
        poolOf(cloud, { projectId, name }) === undefined
      ) {
        void pool.create(cloud, { name });
      }
      return record.create(cloud, properties);
    },
  };
})();

const elasticInputs = z.looseObject({
  name: z.string(),
  azureResourceId: z.string(),
  serviceEndpointId: z.string(),
  serviceEndpointScope: z.string(),
  desiredIdle: z.number().int(),
  maxCapacity: z.number().int(),
  projectId: z.string().optional(),
  recycleAfterEachUse: z.boolean().default(false),
  timeToLiveMinutes: z.number().int().default(30),
  agentInteractiveUi: z.boolean().default(false),
  autoProvision: z.boolean().default(false),
  autoUpdate: z.boolean().default(true),
});

const scaleSet =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/virtualMachineScaleSets\/[^/]+$/i;

/** Pools over a scale set of machines; each is a pool too, with the same id. */
export const elasticPool: Kind = recordKind<z.infer<typeof elasticInputs>>({
  token: tokens.elasticPool,
  called: "elastic pool",
  inputs: elasticInputs,
  key: ({ name }) => name.toLowerCase(),
  check(inputs, cloud, current) {
    checkPool(cloud, inputs.name, current);
    if (!scaleSet.test(inputs.azureResourceId)) {
      throw invalid(
        "ElasticPoolInvalid",
        `"${inputs.azureResourceId}" is not the resource id of a virtual machine scale set`,
      );
    }
    const endpoint = cloud.state.get(tokens.serviceEndpointAzureRM, inputs.serviceEndpointId);
    if (endpoint === undefined || text(endpoint, "projectId") !== inputs.serviceEndpointScope) {
      throw missing(
        "ServiceEndpointNotFound",
        `the project ${inputs.serviceEndpointScope} has no Azure service connection ${inputs.serviceEndpointId}`,
      );
    }
    if (inputs.maxCapacity < 1 || inputs.desiredIdle < 0 || inputs.desiredIdle > inputs.maxCapacity) {
      throw invalid("ElasticPoolInvalid", "maxCapacity is at least 1, and desiredIdle lies between 0 and maxCapacity");
    }
    if (inputs.projectId !== undefined) {
      requireProject(cloud, inputs.projectId);
    }
  },
  newId: (_inputs, cloud) => String(cloud.state.nextNumber("pool", lastReservedPool)),
  afterCreate(entity, cloud) {
    const { name, autoProvision, autoUpdate, projectId } = elasticInputs.parse(entity.properties);
    const properties = { name, poolType: "automation", autoProvision, autoUpdate };
    const within = [{ token: tokens.elasticPool, id: entity.id }];
    const made = cloud.state.put({ token: tokens.pool, id: entity.id, key: name.toLowerCase(), within, properties });
    const projects = autoProvision ? cloud.state.list(tokens.project).map(({ id }) => id) : [projectId ?? ""];
    projects.filter((id) => id !== "").forEach((id) => void putQueue(cloud, id, made));
  },
});
