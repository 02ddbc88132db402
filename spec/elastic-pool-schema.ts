/** `wheelhouse:elasticPool`: a pool whose agents are the machines of an Azure scale set. */
import { z } from "zod";
import { text } from "./fields";
import type { ElasticPoolSettings } from "./model";
import { agentPoolName } from "./names";
import { connectionName } from "./package-indexes";
import { everyRule, quote, type Rule } from "./rule";

/** Pools that Azure DevOps has from the start. */
const BUILT_IN = ["default", "azure pipelines"];

const ownPoolName: Rule = everyRule(agentPoolName, (written) =>
  BUILT_IN.includes(written.toLowerCase())
    ? {
        message: `${quote(written)} is a pool of Azure DevOps itself`,
        mend: "choose another name, such as linux-builders",
      }
    : undefined,
);

/**
 * Azure's id of a virtual machine scale set.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcompute
 */
const scaleSetId: Rule = (written) =>
  /^\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/resourceGroups\/[\p{L}\p{N}_.()-]{1,90}\/providers\/Microsoft\.Compute\/virtualMachineScaleSets\/[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/iu.test(
    written,
  )
    ? undefined
    : {
        message: `${quote(written)} is not the id of a scale set`,
        mend: "write what this shows: az vmss show --resource-group <group> --name <name> --query id --output tsv",
      };

/** How many machines there are, and for how long. */
export const elasticPool = z
  .strictObject({
    name: text(ownPoolName, { description: "Name of the agent pool." }),
    scaleSet: text(scaleSetId, { description: "Azure's id of the scale set." }),
    connection: text(connectionName, {
      description: "Service connection to Azure whose identity may change the scale set.",
    }),
    maxAgents: z.int().min(1).max(1000).default(4),
    idleAgents: z.int().min(0).max(1000).default(1),
    idleMinutes: z.int().min(1).max(1440).default(30),
    recycle: z.boolean().default(true),
  })
  .superRefine(checkSizes, { when: ({ value }) => typeof value === "object" && value !== null });

function checkSizes(written: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const { maxAgents, idleAgents } = written;
  if (typeof maxAgents === "number" && typeof idleAgents === "number" && idleAgents > maxAgents) {
    context.addIssue({
      code: "custom",
      path: ["idleAgents"],
      message: `${idleAgents} agents cannot wait where there are at most ${maxAgents}`,
      params: { mend: "take a smaller number, or a larger maxAgents" },
    });
  }
}

/** The pool in the form that the other rooms read. */
export function toElasticPool(written: z.infer<typeof elasticPool>): ElasticPoolSettings {
  const { name, scaleSet, connection, maxAgents, idleAgents, idleMinutes, recycle } = written;
  return { name, scaleSet, connection, maxAgents, idleAgents, idleMinutes, recycle };
}
