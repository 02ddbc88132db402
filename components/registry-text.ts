/** Texts that hold the registry's address, which is unknown until Azure has made the registry. */
import * as pulumi from "@pulumi/pulumi";
import type { RenderedFile } from "../spec";

/** A rendered file whose path is known at once, and whose content is known as soon as the registry's address is. */
export interface FileWithRegistry {
  readonly path: string;
  readonly content: pulumi.Output<string>;
}

/** Stands for an address where only the path is asked for; `.invalid` never resolves (RFC 2606). */
const ANY_REGISTRY = "registry.invalid";

/** Renders the file with the registry's address. Its path must not depend on that. */
export function fileWithRegistry(
  registry: pulumi.Input<string>,
  render: (registry: string) => RenderedFile,
): FileWithRegistry {
  return {
    path: render(ANY_REGISTRY).path,
    content: pulumi.output(registry).apply((address) => render(address).content),
  };
}
