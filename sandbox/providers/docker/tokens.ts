/** The type tokens of the docker package's image resources. */

export type ResourceName = "RegistryImage" | "RemoteImage" | "Tag";

export function imageToken(name: ResourceName): string {
  return `docker:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
}
