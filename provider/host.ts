/** The component provider: what the engine's process for the package `wheelhouse` answers. */
import type * as pulumi from "@pulumi/pulumi";
import { suggest } from "../spec/nearest";
import { mistakesIn, withoutNull } from "./check-inputs";
import type { ComponentClass } from "./facade";
import { components } from "./index";
import { refuse } from "./mistakes";
import { operationsOf } from "./operations";
import { componentSchema, packageName, packageVersion, schemaText } from "./schema";
import { plain } from "./secrets";

/**
 * Pulumi's own host of components infers the schema whenever it starts, with a TypeScript compiler and all sources at hand.
 * This one has the schema beside it: it starts in a fraction of the time, and from the package, which has neither.
 */
export class WheelhouseProvider implements pulumi.provider.Provider {
  readonly version = packageVersion;
  readonly schema = schemaText;

  /**
   * Declares a component in the program that asks for it.
   * @throws pulumi.InputPropertiesError with every mistake in its arguments.
   * @throws Error for a type that is no component of this package.
   */
  async construct(
    name: string,
    type: string,
    inputs: pulumi.Inputs,
    options: pulumi.ComponentResourceOptions,
  ): Promise<pulumi.provider.ConstructResult> {
    const schema = componentSchema(type);
    const component = componentOf(type);
    if (schema === undefined || component === undefined) {
      const [, , wanted = type] = type.split(":");
      throw new Error(`${packageName} has no component ${type}; ${suggest(wanted, Object.keys(components))}`);
    }
    refuse(`${type} ${name}`, mistakesIn(schema, inputs));
    const instance = new component(name, withoutNull(inputs) as never, options);
    const state = Object.keys(schema.properties).map((property) => [
      property,
      Reflect.get(instance, property) as unknown,
    ]);
    return Promise.resolve({ urn: instance.urn, state: Object.fromEntries(state) as pulumi.Inputs });
  }

  async diff(_id: string, urn: string, state: unknown, inputs: unknown): Promise<pulumi.provider.DiffResult> {
    return Promise.resolve(operationsOf(urn).diff(plain(state) as never, plain(inputs) as never));
  }

  async create(urn: string, inputs: unknown): Promise<pulumi.provider.CreateResult> {
    return operationsOf(urn).create(plain(inputs) as never);
  }

  async read(id: string, urn: string, state: unknown): Promise<pulumi.provider.ReadResult> {
    const { read } = operationsOf(urn);
    return read === undefined ? { id, props: state } : read(id, plain(state) as never);
  }

  async update(_id: string, urn: string, _state: unknown, inputs: unknown): Promise<pulumi.provider.UpdateResult> {
    const { update } = operationsOf(urn);
    if (update === undefined) throw new Error(`${urn} cannot be changed`);
    return update(plain(inputs) as never);
  }

  async delete(_id: string, urn: string, state: unknown): Promise<void> {
    await operationsOf(urn).delete?.(plain(state) as never);
  }
}

function componentOf(type: string): ComponentClass<never> | undefined {
  const known: Readonly<Record<string, ComponentClass<never>>> = components;
  const [, , name = ""] = type.split(":");
  return Object.hasOwn(known, name) ? known[name] : undefined;
}
