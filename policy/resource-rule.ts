/** Makes a Pulumi policy of a rule about single resources, as a program declares them. */
import type { EnforcementLevel, ResourceValidationPolicy, Severity } from "@pulumi/policy";
import type { z } from "zod";
import { configSchemaOf, noParameters, readParameters } from "./parameters";
import { parentType, plainType } from "./resource-types";
import { readValues, type Values } from "./values";
import { violationMessage, type Violation } from "./violation";

/** A resource as rules read it. */
export interface ReadResource {
  /** Type token without version and module path, such as `azure-native:containerregistry:Registry`. */
  readonly type: string;
  readonly name: string;
  /** Type of the parent, `undefined` at the top of the stack. */
  readonly parentType: string | undefined;
  /** What the program gave, with what the provider filled in. */
  readonly inputs: Values;
  /** Whether Pulumi refuses to delete it. */
  readonly protect: boolean;
}

/** What every rule has. */
export interface RuleDescription<Parameters extends z.ZodObject> {
  /** The file's name. */
  readonly name: string;
  /** What holds where the rule is kept, as a sentence. */
  readonly description: string;
  /** Default: `mandatory`. */
  readonly level?: EnforcementLevel;
  readonly severity: Severity;
  /** How a violation is mended, in general. */
  readonly mend: string;
  /** What can be set. Default: nothing but the level. */
  readonly parameters?: Parameters;
}

export interface ResourceRule<Parameters extends z.ZodObject> extends RuleDescription<Parameters> {
  /** Types that the rule is about, as {@link ReadResource.type}; default: every one. */
  readonly types?: readonly string[];
  readonly check: (resource: ReadResource, parameters: z.output<Parameters>) => readonly Violation[];
}

export function resourceRule<Parameters extends z.ZodObject = typeof noParameters>(
  rule: ResourceRule<Parameters>,
): ResourceValidationPolicy {
  return {
    ...policyOf(rule),
    validateResource: (args, report) => {
      const { type: token, urn, name, props, opts } = args;
      const type = plainType(token);
      const parameters = parametersOf(rule, args.getConfig());
      if (rule.types !== undefined && !rule.types.includes(type)) return;
      const resource = { type, name, parentType: parentType(urn), inputs: readValues(props), protect: opts.protect };
      for (const violation of rule.check(resource, parameters)) report(violationMessage(resource, violation));
    },
  };
}

/** What Pulumi shows of a rule, and where it gets its parameters. */
export function policyOf<Parameters extends z.ZodObject>(
  rule: RuleDescription<Parameters>,
): Pick<
  ResourceValidationPolicy,
  "name" | "description" | "enforcementLevel" | "severity" | "remediationSteps" | "configSchema"
> {
  const configSchema = rule.parameters === undefined ? undefined : configSchemaOf(rule.parameters);
  return {
    name: rule.name,
    description: rule.description,
    enforcementLevel: rule.level ?? "mandatory",
    severity: rule.severity,
    remediationSteps: rule.mend,
    ...(configSchema === undefined ? {} : { configSchema }),
  };
}

export function parametersOf<Parameters extends z.ZodObject>(
  rule: RuleDescription<Parameters>,
  given: unknown,
): z.output<Parameters> {
  // A rule without a schema has the empty one, of which its type parameter is.
  return readParameters(rule.name, (rule.parameters ?? noParameters) as Parameters, given);
}
