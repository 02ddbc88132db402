/** The stand-in of the azuredevops provider: facts of its schema, rules, and the way to the sandbox's Azure DevOps. */
import { Cloud } from "../cloud";
import { loopbackAddress, requireKey } from "../configuration";
import type { ProviderDefinition } from "../rules";
import type { Schema } from "../schema";
import { connectionRules } from "./connections";
import { organizationRules } from "./organization";
import { pipelineRules } from "./pipelines";
import { repositoryRules } from "./repositories";
import reduced from "@pulumi/azuredevops/schema.json";

const schema = reduced as unknown as Schema;

const environment = {
  orgServiceUrl: "AZDO_ORG_SERVICE_URL",
  personalAccessToken: "AZDO_PERSONAL_ACCESS_TOKEN",
};

export const azuredevops: ProviderDefinition = {
  schema,
  rules: { ...organizationRules, ...repositoryRules, ...pipelineRules, ...connectionRules },
  service: "Azure DevOps",
  environment,
  deleteBeforeReplace: "sameGivenName",
  zeroIsAbsent: true,
  connect(configuration) {
    const address = requireKey({ schema, environment }, configuration, "orgServiceUrl");
    const token = requireKey({ schema, environment }, configuration, "personalAccessToken");
    return new Cloud({
      service: "Azure DevOps",
      address: loopbackAddress(address, "azuredevops:orgServiceUrl"),
      authorization: `Basic ${Buffer.from(`:${token}`).toString("base64")}`,
      context: {},
    });
  },
};
