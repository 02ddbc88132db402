/** Starts the policy pack: the process that Pulumi asks about each resource and, at the end, about the whole stack. */
import { join } from "node:path";
import { PolicyPack, type Policies, type PolicyPackConfig } from "@pulumi/policy";
import { readConfiguration } from "./configuration";
import { rules } from "./rules";

export interface PackOptions {
  /** Folder with `PulumiPolicy.yaml`, `package.json` and, where there is one, `policy-config.json`. */
  readonly folder: string;
  /** The pack's name, by which Pulumi Cloud knows it. Default `wheelhouse`. */
  readonly name?: string;
  /** Rules beside those of Wheelhouse. Default: none. */
  readonly ownRules?: Policies;
}

/**
 * Serves all rules. Pulumi runs a pack in its own folder, and reads the version from the `package.json` there.
 * @throws ConfigurationError where `policy-config.json` cannot be taken
 * @throws Error where two rules have one name
 */
export function startPack({ folder, name = "wheelhouse", ownRules = [] }: PackOptions): PolicyPack {
  const policies = [...rules, ...ownRules];
  const twice = policies.find((rule, index) => policies.findIndex((other) => other.name === rule.name) !== index);
  if (twice !== undefined) {
    throw new Error(`the policy pack has two rules of the name ${twice.name}: give your own another name`);
  }
  const configuration: PolicyPackConfig | undefined = readConfiguration(join(folder, "policy-config.json"), policies);
  return new PolicyPack(
    name,
    {
      displayName: "Wheelhouse",
      description: "What a platform for Python images must keep to.",
      tags: ["azure", "azure-devops", "containers", "supply-chain"],
      enforcementLevel: "mandatory",
      policies,
    },
    configuration,
  );
}
