/** Finds the changes that are the same in several applications, so that each is shown once, with the list of names. */
import { differenceLines } from "./difference";
import { groupKey } from "./groups";
import type { Change, Group } from "./model";

/** Changes that the same groups have in common. */
export interface SharedChanges {
  /** At least one; more than one only for applications or base images. */
  readonly groups: readonly Group[];
  /** As the first group has them. */
  readonly changes: readonly Change[];
}

/** In the order of the first group that has them; what fewer groups share comes after. */
export function shareChanges(changes: readonly Change[]): readonly SharedChanges[] {
  const byKind = new Map<string, Change[]>();
  for (const change of changes) {
    const key = change.group.kind === "platform" ? change.urn : signatureOf(change);
    byKind.set(key, [...(byKind.get(key) ?? []), change]);
  }
  const shared = new Map<string, { groups: readonly Group[]; changes: Change[] }>();
  for (const same of byKind.values()) {
    const groups = [...new Map(same.map(({ group }) => [groupKey(group), group])).values()];
    const key = groups.map(groupKey).join("\n");
    const known = shared.get(key) ?? { groups, changes: [] };
    const first = groups[0];
    // One group may have several that are equal but for their names.
    known.changes.push(...same.filter(({ group }) => first !== undefined && groupKey(group) === groupKey(first)));
    shared.set(key, known);
  }
  return [...shared.values()];
}

/** Equal for two changes that differ in nothing but the name of their application. */
function signatureOf(change: Change): string {
  const general = generalizer(change.group.name);
  return JSON.stringify([
    change.group.kind,
    change.type,
    change.operation,
    general(change.name),
    general(change.file ?? ""),
    change.protected,
    change.retained,
    change.leftover,
    change.replacedBy,
    // Lines that stay are not part of the change, nor is the number of the line in which it begins.
    change.properties.map((property) => [
      general(property.path),
      property.kind,
      differenceLines(property)
        .filter((line) => !/^( |@@)/.test(line))
        .map(general),
    ]),
  ]);
}

/** Puts a mark where the application's own name stands, as a word of its own and in variables' spelling. */
function generalizer(name: string): (text: string) => string {
  if (name === "") return (text) => text;
  const spellings = [...new Set([name, name.replaceAll("-", "_"), name.replaceAll("-", "_").toUpperCase()])];
  const escaped = spellings.map((spelling) => spelling.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  const pattern = new RegExp(`(?<![A-Za-z0-9])(?:${escaped.join("|")})(?![A-Za-z0-9])`, "g");
  return (text) => text.replace(pattern, "\u0000");
}
