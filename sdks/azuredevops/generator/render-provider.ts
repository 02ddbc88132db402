/** Renders what concerns the provider's configuration: the `Provider` class and the stack's `config` values. */
import { CONFIGURATION_DOCUMENTATION } from "./documentation";
import type { ProviderSchema, SchemaProperties, SchemaProperty } from "./provider-schema";
import { reduceType, type PropertyType } from "./reduce";
import { renderComment, renderMembers, renderType } from "./render-types";

/** `provider.ts`: an explicit provider, for resources of another organization or another identity. */
export function renderProvider(schema: ProviderSchema): string {
  const { inputProperties, properties } = schema.provider;
  const documentation = { summary: "", ...describe(inputProperties) };
  const kinds = Object.entries(inputProperties).map(([name, property]) => {
    const kind = reduceType(property).type !== "string" ? "encoded" : property.secret === true ? "secret" : "plain";
    const environment = property.defaultInfo?.environment ?? [];
    return `${name}: ${JSON.stringify({ kind, environment })},`;
  });
  const outputs = Object.entries(properties).filter(([, property]) => reduceType(property).type === "string");
  const secrets = outputs.filter(([, { secret }]) => secret === true).map(([name]) => name);
  return `import * as pulumi from "@pulumi/pulumi";
    import { isInstance, providerInputs, providerOptions, type ProviderDescription } from "./engine";

    const DESCRIPTION: ProviderDescription<ProviderArgs> = {
      inputs: { ${kinds.join("\n")} },
      secretOutputs: ${JSON.stringify(secrets)},
    };

    /** A configured provider. Resources without one use the stack's \`${schema.name}:*\` configuration. */
    export class Provider extends pulumi.ProviderResource {
      /** @internal */
      static readonly __pulumiType = ${JSON.stringify(schema.name)};

      /** Whether the value is a Provider, also one of another copy of this package. */
      static override isInstance(value: unknown): value is Provider {
        return isInstance(value, \`pulumi:providers:\${Provider.__pulumiType}\`);
      }

      ${outputs.map(([name]) => `declare readonly ${name}: pulumi.Output<string | undefined>;`).join("\n")}

      constructor(name: string, args?: ProviderArgs, opts?: pulumi.ResourceOptions) {
        super(Provider.__pulumiType, name, providerInputs(DESCRIPTION, args), providerOptions(DESCRIPTION, opts));
      }
    }

    /** What a Provider is configured with. */
    export interface ProviderArgs {
      ${renderMembers(inputProperties, [], documentation, { direction: "input", inside: false })}
    }`;
}

/** `config.ts`: the stack's values of the provider's configuration, read when asked for. */
export function renderConfig(schema: ProviderSchema): string {
  const descriptions = describe(schema.config.variables);
  const getters = Object.entries(schema.config.variables).map(([name, property]) => {
    const type = reduceType(property);
    const environment = (property.defaultInfo?.environment ?? []).map((variable) => JSON.stringify(variable));
    const otherwise = environment.length === 0 ? "" : ` ?? environmentValue([${environment.join(", ")}])`;
    return `${renderComment(descriptions[name])}get ${name}(): ${configType(type)} | undefined {
      return ${configRead(name, type)}${otherwise};
    },`;
  });
  return `import * as pulumi from "@pulumi/pulumi";
    import { environmentValue } from "./engine";

    const configuration = new pulumi.Config(${JSON.stringify(schema.name)});

    /** The provider's configuration as this stack sets it: \`${schema.name}:<name>\`. */
    export const config = {
      ${getters.join("\n\n")}
    };`;
}

function configType(type: PropertyType): string {
  return renderType(type, { direction: "output", inside: false });
}

function configRead(name: string, type: PropertyType): string {
  const key = JSON.stringify(name);
  return type.type === "string" ? `configuration.get(${key})` : `configuration.getObject<${configType(type)}>(${key})`;
}

function describe(properties: SchemaProperties): Record<string, string> {
  const described = Object.entries(properties).map(
    ([name, property]) => [name, describeProperty(name, property)] as const,
  );
  return Object.fromEntries(described.filter(([, text]) => text !== ""));
}

function describeProperty(name: string, property: SchemaProperty): string {
  const environment = property.defaultInfo?.environment;
  return [
    ...(name in CONFIGURATION_DOCUMENTATION ? [CONFIGURATION_DOCUMENTATION[name]] : []),
    ...(environment === undefined ? [] : [`Default: the environment variable ${environment.join(" or ")}.`]),
  ].join(" ");
}
