/** Says which application or base image a resource belongs to, by the components above it. */
import type { Group } from "./model";
import { readUrn } from "./urn";

const platform: Group = { kind: "platform", name: "" };

/** Components that hold all of one application or base image, and what stands before its name in theirs. */
const owners: Readonly<Record<string, { kind: Group["kind"]; infix: string }>> = {
  "wheelhouse:index:AppImagePipeline": { kind: "application", infix: "-app-" },
  "wheelhouse:index:BaseImagePipeline": { kind: "base image", infix: "-base-" },
  "wheelhouse:index:AppImage": { kind: "application", infix: "" },
};

/**
 * @param parents URN of each resource's parent, for all that the events tell of.
 * @returns the innermost owner's group; the platform where there is none.
 */
export function groupOf(urn: string, parents: ReadonlyMap<string, string>): Group {
  const seen = new Set<string>();
  for (let at: string | undefined = urn; at !== undefined && at !== "" && !seen.has(at); at = parents.get(at)) {
    seen.add(at);
    const { type, name } = readUrn(at);
    const owner = Object.hasOwn(owners, type) ? owners[type] : undefined;
    if (owner !== undefined) return { kind: owner.kind, name: nameOf(name, owner.infix, parents.get(at)) };
  }
  return platform;
}

/** `wheelhouse-app-orders` in the platform `wheelhouse` is `orders`; applications may have the infix in their own name. */
function nameOf(component: string, infix: string, parent: string | undefined): string {
  const above = parent === undefined ? undefined : `${readUrn(parent).name}${infix}`;
  if (above !== undefined && component.startsWith(above) && component.length > above.length) {
    return component.slice(above.length);
  }
  const place = infix === "" ? -1 : component.indexOf(infix);
  const rest = place < 0 ? "" : component.slice(place + infix.length);
  return rest === "" ? component : rest;
}

const order: readonly Group["kind"][] = ["platform", "base image", "application"];

export function compareGroups(left: Group, right: Group): number {
  return order.indexOf(left.kind) - order.indexOf(right.kind) || compareTexts(left.name, right.name);
}

/** The same everywhere, whatever the machine's language. */
export function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

export function groupKey({ kind, name }: Group): string {
  return `${kind} ${name}`;
}
