/** Names follow the organization's own rules. */
import { z } from "zod";
import { regularExpression } from "../parameters";
import { resourceRule } from "../resource-rule";
import {
  BUILD_DEFINITION,
  ELASTIC_POOL,
  ENDPOINT_AZURE_ECR,
  ENDPOINT_AZURE_RM,
  FEED,
  GIT,
  PROJECT,
  REGISTRY,
  RESOURCE_GROUP,
  USER_ASSIGNED_IDENTITY,
} from "../resource-types";
import { textOf } from "../values";

/** What has a name of its own, under which word a pattern is set for it, and in which property it is. */
const NAMED: Readonly<Record<string, readonly [keyof typeof patterns, string]>> = {
  [BUILD_DEFINITION]: ["pipeline", "name"],
  [ELASTIC_POOL]: ["pool", "name"],
  [ENDPOINT_AZURE_ECR]: ["connection", "serviceEndpointName"],
  [ENDPOINT_AZURE_RM]: ["connection", "serviceEndpointName"],
  [FEED]: ["feed", "name"],
  [GIT]: ["repository", "name"],
  [PROJECT]: ["project", "name"],
  [REGISTRY]: ["registry", "registryName"],
  [RESOURCE_GROUP]: ["resourceGroup", "resourceGroupName"],
  [USER_ASSIGNED_IDENTITY]: ["identity", "resourceName"],
};

const pattern = (what: string) => regularExpression.optional().describe(`Regular expression for names of ${what}.`);

const patterns = {
  pipeline: pattern("pipelines"),
  pool: pattern("agent pools"),
  connection: pattern("service connections"),
  feed: pattern("feeds"),
  repository: pattern("repositories that the platform makes"),
  project: pattern("projects"),
  registry: pattern("container registries"),
  resourceGroup: pattern("resource groups"),
  identity: pattern("managed identities"),
};

export const organizationNames = resourceRule({
  name: "organization-names",
  description: "Names fit the patterns that the organization has set.",
  level: "advisory",
  severity: "low",
  mend: "Give the resource a name that fits, or change the pattern in the configuration of this rule.",
  parameters: z.strictObject(patterns),
  types: Object.keys(NAMED),
  check: ({ type, inputs }, parameters) => {
    const [word, property] = NAMED[type] ?? [];
    if (word === undefined || property === undefined) return [];
    const wanted = parameters[word];
    const name = textOf(inputs[property]);
    if (wanted === undefined || name === undefined || new RegExp(wanted, "u").test(name)) return [];
    return [
      {
        where: property,
        what: `it does not fit ${wanted}`,
        why: "people and scripts find things by these names",
        mend: `Give it a name that fits, or change the pattern ${word} in the configuration of this rule`,
      },
    ];
  },
});
