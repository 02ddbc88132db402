/** How groups and resources are called in a comment, and how long lists of names end. */
import { code } from "./markdown";
import type { Change, Group } from "./model";

/** Characters of one name; longer ones are cut, so that no name can fill a comment. */
const longestName = 80;

export function shortened(name: string): string {
  return name.length <= longestName ? name : `${name.slice(0, longestName - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** Markdown: `a, b and 3 more`. */
export function nameList(names: readonly string[], most: number): string {
  const shown = names.slice(0, most);
  const left = names.length - shown.length;
  if (left === 0) return shown.join(", ");
  return shown.length === 0 ? `${left} of them` : `${shown.join(", ")} and ${left} more`;
}

/** Markdown: the names of groups of one kind, such as `application orders` or `3 applications (a, b, c)`. */
export function nameOfGroups(groups: readonly Group[], most: number): string {
  const [first] = groups;
  if (first === undefined || first.kind === "platform") return "platform";
  if (groups.length === 1) return `${first.kind} ${code(shortened(first.name))}`;
  const names = groups.map(({ name }) => code(shortened(name)));
  return `${groups.length} ${first.kind}s (${nameList(names, most)})`;
}

/** Without Markdown: `application orders`, `300 applications`. */
export function plainGroups(groups: readonly Group[]): string {
  const [first] = groups;
  if (first === undefined || first.kind === "platform") return "platform";
  return groups.length === 1 ? `${first.kind} ${shortened(first.name)}` : `${groups.length} ${first.kind}s`;
}

/** Markdown: a resource by the file that it holds or its name, and by its type. */
export function resourceText({ type, name, file }: Pick<Change, "type" | "name" | "file">): string {
  return `${code(shortened(file ?? name))} (${code(shortened(type))})`;
}

/** Markdown: what kind of a resource it is, for lists of what belongs to one application. */
export function kindText({ type, file }: Pick<Change, "type" | "file">): string {
  return code(shortened(file ?? type.slice(type.search(/[^.:]*$/))));
}
