/** What the components for other languages are made of: the component itself, with arguments that every language can write. */
import * as pulumi from "@pulumi/pulumi";

/** A component as the engine asks for it. */
export type ComponentClass<Args> = new (
  name: string,
  args: Args,
  options?: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource;

/**
 * The component as a base class of which the compiler sees no more than that it is a component. Pulumi's analyzer, which
 * infers the schema, takes only classes that extend `ComponentResource` directly; and arguments can differ then.
 */
export function facade<Args>(component: ComponentClass<Args>): ComponentClass<Args> {
  return component;
}

/** What a component depends on, as resources. The engine resolves them before it asks for the component. */
export function dependenciesOf(options: pulumi.ComponentResourceOptions | undefined): readonly pulumi.Resource[] {
  const dependsOn = options?.dependsOn;
  return Array.isArray(dependsOn) ? dependsOn.filter((each) => pulumi.Resource.isInstance(each)) : [];
}
