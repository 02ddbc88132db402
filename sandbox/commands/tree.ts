/** Draws the stack as people think of it: components, and under each what it is made of, counted. */
import { describeUrn, shortType } from "./events";
import type { StateResource } from "./engine";

/** Providers and the stack itself are the engine's own, and nothing that was asked for. */
function isOurs({ type }: StateResource): boolean {
  return !type.startsWith("pulumi:providers:") && type !== "pulumi:pulumi:Stack";
}

/** Number of resources that were asked for: components and what they declare. */
export function countResources(resources: readonly StateResource[]): number {
  return resources.filter(isOurs).length;
}

function counted(types: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const type of [...types].sort()) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([type, count]) => (count === 1 ? type : `${count} ${type}`)).join(", ");
}

/** The state's own order is that in which the engine happened to end its steps. */
function byTypeAndName(left: StateResource, right: StateResource): number {
  return left.type.localeCompare(right.type) || left.urn.localeCompare(right.urn);
}

/** Lines of text, one for each component, with the resources it declares itself behind its name. */
export function drawTree(resources: readonly StateResource[]): string[] {
  const ours = resources.filter(isOurs);
  const known = new Set(ours.map(({ urn }) => urn));
  const childrenOf = (parent: string | undefined): StateResource[] =>
    ours.filter(
      (other) => (other.parent !== undefined && known.has(other.parent) ? other.parent : undefined) === parent,
    );
  const lines: string[] = [];
  const draw = (resource: StateResource, indent: string, branch: string, below: string): void => {
    const children = childrenOf(resource.urn);
    const components = children.filter(({ custom }) => !custom).sort(byTypeAndName);
    const leaves = children.filter(({ custom }) => custom).map(({ type }) => shortType(type));
    const { name } = describeUrn(resource.urn);
    const made = leaves.length === 0 ? "" : `: ${counted(leaves)}`;
    lines.push(`${indent}${branch}${shortType(resource.type)} ${name}${made}`);
    components.forEach((child, index) => {
      const last = index === components.length - 1;
      draw(child, indent + below, last ? "└─ " : "├─ ", last ? "   " : "│  ");
    });
  };
  for (const top of childrenOf(undefined)) draw(top, "", "", "");
  return lines;
}
