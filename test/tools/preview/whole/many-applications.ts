/** Specs of many applications before and after a change of all of them: most alike, some in their own way, some gone, some new. */
import { adjectives, nouns } from "../samples";
import type { Stand } from "./stand";

type Spec = Readonly<Record<string, unknown>>;

/** The first ones are the same whatever their number. */
export function applicationNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / 100);
    const name = `${adjectives[index % 10] ?? ""}-${nouns[Math.floor(index / 10) % 10] ?? ""}`;
    return round === 0 ? name : `${name}-${round + 1}`;
  });
}

/** What becomes of an application: in each twenty of them, all kinds. */
function fateOf(index: number): "gone" | "own settings" | "other base image" | "same settings" {
  switch (index % 20) {
    case 3:
      return "gone";
    case 7:
    case 13:
      return "own settings";
    case 17:
      return "other base image";
    default:
      return "same settings";
  }
}

export interface Change {
  readonly gone: readonly string[];
  readonly fresh: readonly string[];
  readonly otherBaseImage: readonly string[];
  readonly ownSettings: readonly string[];
}

function spec(index: number, more: Spec = {}): Spec {
  return {
    description: `Application ${index + 1}`,
    baseImage: "python-web",
    ports: [8000 + (index % 7)],
    env: { REGION: "west" },
    ...more,
  };
}

export function writeApplications(stand: Stand, stack: string, count: number): void {
  applicationNames(count).forEach((name, index) => stand.writeApp(stack, name, spec(index)));
}

/** Changes every one of them, and adds one for each twenty. */
export function changeApplications(stand: Stand, stack: string, count: number): Change {
  const names = applicationNames(count);
  const fates = { gone: [], "own settings": [], "other base image": [], "same settings": [] } as Record<
    ReturnType<typeof fateOf>,
    string[]
  >;
  names.forEach((name, index) => {
    const fate = fateOf(index);
    fates[fate].push(name);
    const env = { REGION: "west", LOG_LEVEL: "debug" };
    if (fate === "gone") stand.removeApp(stack, name);
    else if (fate === "own settings") stand.writeApp(stack, name, spec(index, ownSettings(index)));
    else if (fate === "other base image") stand.writeApp(stack, name, spec(index, { baseImage: "python-data" }));
    else stand.writeApp(stack, name, spec(index, { env }));
  });
  const fresh = Array.from(
    { length: Math.ceil(count / 20) },
    (_, index) => `new-${nouns[index % 10] ?? ""}-${index + 1}`,
  );
  fresh.forEach((name, index) => stand.writeApp(stack, name, spec(count + index, ownSettings(index))));
  return { gone: fates.gone, fresh, otherBaseImage: fates["other base image"], ownSettings: fates["own settings"] };
}

/** No two are alike: a table of settings as services have it. */
function ownSettings(index: number): Spec {
  const entries = Array.from({ length: 12 }, (_, line) => [`LIMIT_${line + 1}`, String(index * 100 + line)]);
  return { env: { REGION: "north", ...(Object.fromEntries(entries) as Record<string, string>) } };
}
