/** What every class and function of the package shares: its version, and how arguments and options reach the engine. */
import * as pulumi from "@pulumi/pulumi";
import { version } from "./package.json";

/** What a resource class says of itself; the compiler holds it against the arguments and the state. */
export interface ResourceDescription<Args, State> {
  readonly token: string;
  readonly inputs: {
    readonly [Name in keyof Args]-?: undefined extends Args[Name]
      ? "optional" | "secret"
      : "required" | "required secret";
  };
  /** Outputs that are no inputs. */
  readonly computed: readonly Exclude<keyof State & string, keyof Args>[];
  readonly secretOutputs: readonly (keyof State & string)[];
  /** Earlier tokens of the resource. */
  readonly aliases: readonly string[];
}

/** What the provider class says of itself. `encoded`: the engine takes strings only, so other values go as JSON. */
export interface ProviderDescription<Args> {
  readonly inputs: {
    readonly [Name in keyof Args]-?: {
      readonly kind: "plain" | "secret" | "encoded";
      /** Environment variables that give the value where the arguments have none. */
      readonly environment: readonly string[];
    };
  };
  readonly secretOutputs: readonly (keyof Args & string)[];
}

/**
 * The properties to register: every property of the resource, also without a value, since the engine fills in those.
 * @throws Error when a required input is missing; a resource that is only read or rebuilt from its URN needs none.
 */
export function resourceInputs<Args extends object, State>(
  description: ResourceDescription<Args, State>,
  name: string,
  values: Args | undefined,
  opts: pulumi.CustomResourceOptions,
): pulumi.Inputs {
  const given = new Map<string, unknown>(Object.entries(values ?? {}));
  const known = opts.id !== undefined;
  const inputs: pulumi.Inputs = {};
  for (const [property, kind] of Object.entries<string>(description.inputs)) {
    const value = given.get(property);
    if (value === undefined && kind.startsWith("required") && !known && opts.urn === undefined) {
      throw new Error(
        `Missing required property '${property}' of ${description.token} "${name}": give it in its arguments`,
      );
    }
    inputs[property] = !known && kind.endsWith("secret") ? secretOf(value) : value;
  }
  for (const property of description.computed) {
    inputs[property] = known ? given.get(property) : undefined;
  }
  return inputs;
}

/** The given options, and what the class adds: the plugin's version unless given, secret outputs, earlier tokens. */
export function resourceOptions<Args, State>(
  description: ResourceDescription<Args, State>,
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResourceOptions {
  return pulumi.mergeOptions(pulumi.mergeOptions({ version }, opts), {
    ...(description.secretOutputs.length > 0 ? { additionalSecretOutputs: [...description.secretOutputs] } : {}),
    ...(description.aliases.length > 0 ? { aliases: description.aliases.map((type) => ({ type })) } : {}),
  });
}

/** The provider's configuration to register. */
export function providerInputs<Args extends object>(
  description: ProviderDescription<Args>,
  args: Args | undefined,
): pulumi.Inputs {
  const given = new Map<string, unknown>(Object.entries(args ?? {}));
  const inputs: pulumi.Inputs = {};
  for (const [name, { kind, environment }] of Object.entries<
    ProviderDescription<Record<string, unknown>>["inputs"][string]
  >(description.inputs)) {
    const value = given.get(name) ?? environmentValue(environment);
    inputs[name] = kind === "encoded" ? encode(value) : kind === "secret" ? secretOf(value) : value;
  }
  return inputs;
}

/** The given options, and what the provider class adds. */
export function providerOptions<Args>(
  description: ProviderDescription<Args>,
  opts: pulumi.ResourceOptions | undefined,
): pulumi.ResourceOptions {
  const own: pulumi.CustomResourceOptions = { additionalSecretOutputs: [...description.secretOutputs] };
  return pulumi.mergeOptions(pulumi.mergeOptions({ version }, opts), own);
}

/** The given options of a function call, with the plugin's version unless given. */
export function invokeOptions<Options extends pulumi.InvokeOptions>(
  opts: Options | undefined,
): Options | { version: string } {
  return { ...opts, version: opts?.version ?? version };
}

/** Whether the value is a resource of this type, also one of another copy of the package. */
export function isInstance(value: unknown, type: string): boolean {
  return typeof value === "object" && value !== null && "__pulumiType" in value && value.__pulumiType === type;
}

/** The first of these environment variables that has a value. */
export function environmentValue(names: readonly string[]): string | undefined {
  return names.map((name) => process.env[name]).find((value) => value !== undefined && value !== "");
}

interface ResourceClass {
  readonly __pulumiType: string;
  new (name: string, args: never, opts: pulumi.CustomResourceOptions): pulumi.CustomResource;
}

interface ProviderClass {
  readonly __pulumiType: string;
  new (name: string, args: undefined, opts: pulumi.ResourceOptions): pulumi.ProviderResource;
}

/** Tells the runtime how to rebuild these resources where a value refers to one, such as an output of another stack. */
export function registerResources(provider: ProviderClass, resources: readonly ResourceClass[]): void {
  const name = provider.__pulumiType;
  pulumi.runtime.registerResourcePackage(name, {
    version,
    constructProvider: (resourceName, type, urn) => {
      if (type !== `pulumi:providers:${name}`) {
        throw new Error(`"${type}" is not the provider of the package ${name}`);
      }
      return new provider(resourceName, undefined, { urn });
    },
  });
  for (const resource of resources) {
    const [, module = ""] = resource.__pulumiType.split(":");
    pulumi.runtime.registerResourceModule(name, module, {
      version,
      construct: (resourceName, type, urn) => {
        if (type !== resource.__pulumiType) {
          throw new Error(`"${type}" is not a resource of the module ${module} of the package ${name}`);
        }
        return new resource(resourceName, undefined as never, { urn });
      },
    });
  }
}

function secretOf(value: unknown): pulumi.Output<unknown> | undefined {
  return value === undefined ? undefined : pulumi.secret(value);
}

function encode(value: unknown): pulumi.Output<string> | undefined {
  return value === undefined ? undefined : pulumi.output(value).apply((resolved) => JSON.stringify(resolved));
}
