/** Resources whose operations are this project's own code, and who runs that code. */
import * as pulumi from "@pulumi/pulumi";

let byPlugin = false;

/**
 * From here on, operated resources belong to the plugin `wheelhouse`, in whose process this is. A program in another
 * language has no node packages beside it, so Pulumi's dynamic provider would not find the operations there.
 */
export function operateByPlugin(): void {
  byPlugin = true;
}

/**
 * A resource with operations of our own: create, read, compare, update, delete. In a JavaScript program it is a dynamic
 * resource (`pulumi-nodejs:dynamic/wheelhouse:<kind>`), in the plugin one of the plugin's (`wheelhouse:index:<kind>`).
 */
export abstract class OperatedResource extends pulumi.CustomResource {
  /**
   * @param kind last part of the type.
   * @param provider the operations. The state of a program keeps them as text, so they hold as little as they can.
   * @param inputs with `undefined` for each output that the operations add.
   */
  protected constructor(
    kind: string,
    provider: pulumi.dynamic.ResourceProvider,
    name: string,
    inputs: pulumi.Inputs,
    options?: pulumi.CustomResourceOptions,
  ) {
    if (byPlugin) {
      // Without a version: the engine takes the plugin that it has for the package, which is the one that runs this.
      super(`wheelhouse:index:${kind}`, name, inputs, options);
    } else {
      const __provider = pulumi.runtime.serializeFunction(() => provider).then(({ text }) => text);
      super(`pulumi-nodejs:dynamic/wheelhouse:${kind}`, name, { ...inputs, __provider }, options);
    }
  }
}
