/** Renders property types and property lists as TypeScript, and the two files of nested types. */

import { DOCUMENTATION, type Documentation } from "./documentation";
import type { ProviderSchema, SchemaObject, SchemaProperties, SchemaProperty } from "./provider-schema";
import { reachedTypes, reduceType, type PropertyType } from "./reduce";

/**
 * How a property is written: `input` allows outputs and promises at each level, `plain` does not (arguments of a
 * function that is called at once), `output` is what the provider gives back.
 */
export type Direction = "input" | "plain" | "output";

/** Where a type expression stands: `inside` the types files named types need no prefix. */
export interface Place {
  readonly direction: Direction;
  readonly inside: boolean;
}

/** TypeScript of a type, without the input around its outermost level. */
export function renderType(type: PropertyType, place: Place): string {
  switch (type.type) {
    case "string":
    case "boolean":
      return type.type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return `${wrap(renderType(type.items, place), place)}[]`;
    case "map":
      return `Record<string, ${wrap(renderType(type.values, place), place)}>`;
    case "object":
      if (place.direction === "plain") {
        throw new Error(`"${type.ref}" is an argument of a function: render-types.ts has no plain form of named types`);
      }
      return place.inside ? type.ref : `${place.direction}s.${type.ref}`;
  }
}

/** Interface members of the properties; every one optional where `required` is `undefined`. */
export function renderMembers(
  properties: SchemaProperties,
  required: readonly string[] | undefined,
  documentation: Documentation | undefined,
  place: Place,
): string {
  return Object.entries(properties)
    .map(([name, property]) => {
      const needed = required?.includes(name) ?? false;
      const type = renderType(reduceType(property), place);
      const value = place.direction === "input" ? wrap(needed ? type : `${type} | undefined`, place) : type;
      const facts = place.direction === "output" ? [] : factsAbout(property);
      return `${renderComment(documentation?.[name], facts)}${name}${needed ? "" : "?"}: ${value};`;
    })
    .join("\n");
}

/** A documentation comment, or nothing when there is nothing to say. */
export function renderComment(text: string | undefined, facts: readonly string[] = []): string {
  const sentences = [...(text === undefined ? [] : [text]), ...facts];
  return sentences.length === 0 ? "" : `/** ${sentences.join(" ")} */\n`;
}

/** `types/input.ts` and `types/output.ts`, which hold one interface for each nested type. */
export function renderTypesFile(schema: ProviderSchema, direction: "input" | "output"): string {
  const place: Place = { direction, inside: true };
  const interfaces = reachedTypes(schema).map(([name, type]) => {
    const documentation = DOCUMENTATION[name];
    const members = renderMembers(type.properties, requiredOf(type, direction), documentation, place);
    return `${renderComment(documentation?.summary)}export interface ${name} {\n${members}\n}`;
  });
  const imports = direction === "input" ? ['import type * as pulumi from "@pulumi/pulumi";'] : [];
  return [...imports, ...interfaces].join("\n\n");
}

function requiredOf(type: SchemaObject, direction: "input" | "output"): readonly string[] {
  const always = direction === "output" ? type.language?.nodejs?.requiredOutputs : undefined;
  return always ?? type.required ?? [];
}

function wrap(type: string, place: Place): string {
  return place.direction === "input" ? `pulumi.Input<${type}>` : type;
}

function factsAbout(property: SchemaProperty): string[] {
  return [
    ...(property.willReplaceOnChanges === true ? ["A change replaces the resource."] : []),
    ...(property.secret === true ? ["Secret."] : []),
  ];
}
