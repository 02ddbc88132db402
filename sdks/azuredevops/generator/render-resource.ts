/** Renders the file of one resource: its class, arguments and state. */
import { DOCUMENTATION, type Documentation } from "./documentation";
import { nameOfToken, type SchemaProperties, type SchemaResource } from "./provider-schema";
import { reduceType } from "./reduce";
import { renderComment, renderMembers, renderType, type Place } from "./render-types";

const INPUT: Place = { direction: "input", inside: false };
const OUTPUT: Place = { direction: "output", inside: false };

/** @throws Error when the resource has an input that is no output too: the generated state would lack it. */
export function renderResource(token: string, resource: SchemaResource): string {
  const name = nameOfToken(token);
  const hidden = Object.keys(resource.inputProperties).filter((input) => !(input in resource.properties));
  if (hidden.length > 0) {
    throw new Error(
      `Inputs of ${name} that are no outputs: ${hidden.join(", ")}; render-resource.ts cannot express them`,
    );
  }
  const documentation = DOCUMENTATION[name];
  const required = (resource.requiredInputs ?? []).length > 0;
  const state = resource.stateInputs?.properties ?? resource.properties;
  const parts = [
    `import * as pulumi from "@pulumi/pulumi";
    import { isInstance, resourceInputs, resourceOptions, type ResourceDescription } from "./engine";
    ${renderImports(resource)}`,
    renderDescription(token, resource),
    `${renderComment(documentation?.summary)}export class ${name} extends pulumi.CustomResource {
      /** @internal */
      static readonly __pulumiType = DESCRIPTION.token;

      /** Reads the existing resource of this ID; it is not managed. \`state\` narrows the look-up where the ID is not enough. */
      static get(
        name: string,
        id: pulumi.Input<pulumi.ID>,
        state?: ${name}State,
        opts?: pulumi.CustomResourceOptions,
      ): ${name} {
        return new ${name}(name, state${required ? ` as ${name}Args` : ""}, { ...opts, id });
      }

      /** Whether the value is a ${name}, also one of another copy of this package. */
      static override isInstance(value: unknown): value is ${name} {
        return isInstance(value, DESCRIPTION.token);
      }

      ${renderOutputs(resource, documentation)}

      /** @throws Error when a required property of \`args\` is missing. */
      constructor(name: string, args${required ? "" : "?"}: ${name}Args, opts: pulumi.CustomResourceOptions = {}) {
        super(DESCRIPTION.token, name, resourceInputs(DESCRIPTION, name, args, opts), resourceOptions(DESCRIPTION, opts));
      }
    }`,
    `/** What a ${name} is made from. */
    export interface ${name}Args {
      ${renderMembers(resource.inputProperties, resource.requiredInputs, documentation, INPUT)}
    }`,
    `/** What may be known of an existing ${name} before it is read. */
    export interface ${name}State {
      ${renderMembers(state, undefined, documentation, INPUT)}
    }`,
  ];
  return parts.join("\n\n");
}

function renderImports(resource: SchemaResource): string {
  return [
    ...(hasNamedTypes(resource.inputProperties) ? ['import type * as inputs from "./types/input";'] : []),
    ...(hasNamedTypes(resource.properties) ? ['import type * as outputs from "./types/output";'] : []),
  ].join("\n");
}

function hasNamedTypes(properties: SchemaProperties): boolean {
  return JSON.stringify(properties).includes('"$ref"');
}

function renderDescription(token: string, resource: SchemaResource): string {
  const name = nameOfToken(token);
  const inputs = Object.entries(resource.inputProperties).map(([input, { secret }]) => {
    const required = resource.requiredInputs?.includes(input) === true;
    const kind = secret === true ? (required ? "required secret" : "secret") : required ? "required" : "optional";
    return `${input}: ${JSON.stringify(kind)},`;
  });
  const computed = Object.keys(resource.properties).filter((output) => !(output in resource.inputProperties));
  const secretOutputs = Object.entries(resource.properties)
    .filter(([, { secret }]) => secret === true)
    .map(([output]) => output);
  const aliases = (resource.aliases ?? []).map(({ type }) => type);
  return `const DESCRIPTION: ResourceDescription<${name}Args, ${name}State> = {
    token: ${JSON.stringify(token)},
    inputs: { ${inputs.join(" ")} },
    computed: ${JSON.stringify(computed)},
    secretOutputs: ${JSON.stringify(secretOutputs)},
    aliases: ${JSON.stringify(aliases)},
  };`;
}

function renderOutputs(resource: SchemaResource, documentation: Documentation | undefined): string {
  return Object.entries(resource.properties)
    .map(([output, property]) => {
      const always = resource.required?.includes(output) === true;
      const type = renderType(reduceType(property), OUTPUT);
      return `${renderComment(documentation?.[output])}declare readonly ${output}: pulumi.Output<${always ? type : `${type} | undefined`}>;`;
    })
    .join("\n");
}
