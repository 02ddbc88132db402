/** Reads URNs: `urn:pulumi:<stack>::<project>::<types from the outermost parent on>::<name>`. */

export interface ReadUrn {
  /** Token of the type, such as `azuredevops:index/git:Git`. */
  readonly type: string;
  readonly name: string;
}

/** A text that is none is taken as a name, so that nothing is lost. */
export function readUrn(urn: string): ReadUrn {
  const [, , types, ...name] = urn.split("::");
  if (!urn.startsWith("urn:pulumi:") || types === undefined || name.length === 0) return { type: "", name: urn };
  return { type: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}

/**
 * A type as people write it in a program: `azuredevops:index/git:Git` is `azuredevops:Git`. Of a dynamic resource, the
 * module is the package that made it: `pulumi-nodejs:dynamic/wheelhouse:FirstRun` is `wheelhouse:FirstRun`.
 */
export function shortType(type: string): string {
  const [pack = "", module = "", name = ""] = type.split(":");
  if (name === "") return type;
  const dynamic = /^dynamic\/(.+)$/.exec(module);
  if (pack === "pulumi-nodejs" && dynamic?.[1] !== undefined) return `${dynamic[1]}:${name}`;
  const parts = module.split("/");
  const folder = parts[0] === "index" || parts[0] === undefined ? "" : `${parts[0]}.`;
  return `${pack}:${folder}${name}`;
}

export const stackType = "pulumi:pulumi:Stack";

/** Providers come and go with the program's packages; nobody reviews them. */
export function isProvider(type: string): boolean {
  return type.startsWith("pulumi:providers:");
}
