/** Makes a Pulumi policy of a rule about what the resources of a stack are to each other. */
import type { PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import type { z } from "zod";
import { type noParameters } from "./parameters";
import { parametersOf, policyOf, type RuleDescription } from "./resource-rule";
import { parentType, plainType } from "./resource-types";
import { readValues, textOf, type Values } from "./values";
import { violationMessage, type Violation } from "./violation";

/** A resource of the stack as it will be. */
export interface StackResource {
  /** Type token as in resource rules. */
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly parentType: string | undefined;
  /** What the provider says of it: inputs, and what the service decides where that is known. */
  readonly outputs: Values;
  /** URNs of the resources that a property is made of. Known even where the property's value is not. */
  readonly madeOf: (property: string) => readonly string[];
}

export interface ReadStack {
  readonly resources: readonly StackResource[];
  readonly ofType: (...types: readonly string[]) => readonly StackResource[];
}

/** A violation and the resource that it is about. */
export interface StackViolation extends Violation {
  readonly resource: StackResource;
}

export interface StackRule<Parameters extends z.ZodObject> extends RuleDescription<Parameters> {
  /** Types that the rule reads. Resources of others are left out, so that a large stack costs little. */
  readonly types: readonly string[];
  readonly check: (stack: ReadStack, parameters: z.output<Parameters>) => readonly StackViolation[];
}

export function stackRule<Parameters extends z.ZodObject = typeof noParameters>(
  rule: StackRule<Parameters>,
): StackValidationPolicy {
  return {
    ...policyOf(rule),
    validateStack: (args, report) => {
      const parameters = parametersOf(rule, args.getConfig());
      const stack = readStack(args.resources.filter(({ type }) => rule.types.includes(plainType(type))));
      for (const { resource, ...violation } of rule.check(stack, parameters)) {
        report(violationMessage(resource, violation), resource.urn);
      }
    },
  };
}

export function readStack(resources: readonly PolicyResource[]): ReadStack {
  const read = resources.map(readResource);
  return { resources: read, ofType: (...types) => read.filter(({ type }) => types.includes(type)) };
}

function readResource({ type, name, urn, props, propertyDependencies }: PolicyResource): StackResource {
  return {
    type: plainType(type),
    name,
    urn,
    parentType: parentType(urn),
    outputs: readValues(props),
    madeOf: (property) => (propertyDependencies[property] ?? []).map((dependency) => dependency.urn),
  };
}

/**
 * Whether a property of one resource is made of another: by what Pulumi knows of dependencies, or because it is the text
 * that the other one shows under one of the names, such as its id written out.
 */
export function refersTo(
  from: StackResource,
  property: string,
  value: unknown,
  to: StackResource,
  shownAs: readonly string[],
): boolean {
  if (from.madeOf(property).includes(to.urn)) return true;
  return shownAs.some((name) => textOf(to.outputs[name]) !== undefined && String(value) === to.outputs[name]);
}
