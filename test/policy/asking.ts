/** Asks rules about resources as the policy SDK does, with values that a preview does not know yet. */
import { createRequire } from "node:module";
import type {
  PolicyResource,
  ResourceValidationArgs,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";
import { rules } from "../../policy/index";
import { isReference, type Declared } from "./declared";

/** What the SDK wraps properties in; its types do not show it. */
const { unknownCheckingProxy } = createRequire(__filename)("@pulumi/policy") as {
  unknownCheckingProxy: (properties: unknown) => Record<string, unknown>;
};

/** How Pulumi writes a value that only the update will know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What a rule reported. */
export interface Finding {
  readonly rule: string;
  readonly resource: string;
  readonly message: string;
}

export type Configuration = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What the rule of this name says of the resources, each as its own and all together. */
export function ask(
  name: string,
  resources: readonly Declared[],
  parameters: Readonly<Record<string, unknown>> = {},
): Finding[] {
  const rule = rules.find((candidate) => candidate.name === name);
  if (rule === undefined) throw new Error(`there is no rule ${name}`);
  if ("validateStack" in rule) return askStack(rule, resources, parameters);
  const validate = rule.validateResource;
  if (validate === undefined || Array.isArray(validate)) throw new Error(`${name} has not one validation`);
  const findings: Finding[] = [];
  for (const resource of resources) {
    void validate(
      {
        type: resource.token,
        name: resource.name,
        urn: urnOf(resource),
        props: propertiesOf(resource),
        opts: optionsOf(resource),
        stackTags: new Map(),
        isType: () => false,
        asType: () => undefined,
        getConfig: (() => parameters) as ResourceValidationArgs["getConfig"],
        notApplicable: refuse,
      },
      (message) => findings.push({ rule: name, resource: resource.name, message }),
    );
  }
  return findings;
}

/** Names of the resources that the rule finds something in. */
export function found(...given: Parameters<typeof ask>): string[] {
  return ask(...given).map(({ resource }) => resource);
}

/** The places that the rule names, for resources each of which it finds at most one thing in. */
export function places(...given: Parameters<typeof ask>): string[] {
  return ask(...given).map(({ message }) => message.slice(message.indexOf(", ") + 2, message.indexOf(": ")));
}

/** What all rules say. */
export function askAll(resources: readonly Declared[], configuration: Configuration = {}): Finding[] {
  return rules.flatMap(({ name }) => ask(name, resources, configuration[name]));
}

function askStack(
  rule: StackValidationPolicy,
  resources: readonly Declared[],
  parameters: Readonly<Record<string, unknown>>,
): Finding[] {
  const read: PolicyResource[] = resources.map((resource) => ({
    type: resource.token,
    name: resource.name,
    urn: urnOf(resource),
    props: propertiesOf(resource),
    opts: optionsOf(resource),
    dependencies: [],
    propertyDependencies: {},
    isType: () => false,
    asType: () => undefined,
  }));
  const byName = new Map(resources.map(({ name }, index) => [name, read[index]!]));
  resources.forEach((resource, index) => {
    for (const [property, value] of Object.entries(resource.args)) {
      read[index]!.propertyDependencies[property] = namesIn(value).flatMap((name) => byName.get(name) ?? []);
    }
  });
  const findings: Finding[] = [];
  void rule.validateStack(
    {
      resources: read,
      stackTags: new Map(),
      getConfig: (() => parameters) as StackValidationArgs["getConfig"],
      notApplicable: refuse,
    },
    (message, urn) => {
      const resource = read.find((candidate) => candidate.urn === urn);
      findings.push({ rule: rule.name, resource: resource?.name ?? "", message });
    },
  );
  return findings;
}

function propertiesOf({ args }: Declared): Record<string, unknown> {
  return unknownCheckingProxy(unknownReferences(args));
}

function unknownReferences(value: unknown): unknown {
  if (isReference(value)) return UNKNOWN;
  if (Array.isArray(value)) return value.map(unknownReferences);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unknownReferences(inner)]));
}

function namesIn(value: unknown): string[] {
  if (isReference(value)) return [value.of];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(namesIn) : [];
}

function urnOf({ token, name, parent }: Declared): string {
  return `urn:pulumi:test::wheelhouse::${parent === undefined ? "" : `${parent}$`}${token}::${name}`;
}

function optionsOf({ protect = false }: Declared): PolicyResource["opts"] {
  const customTimeouts = { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 };
  return { protect, ignoreChanges: [], aliases: [], customTimeouts, additionalSecretOutputs: [] };
}

function refuse(): never {
  throw new Error("no rule says that it does not apply");
}
