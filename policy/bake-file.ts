/** Reads of a bake file which images its targets are made from, and which arguments they get. */
import { z } from "zod";

const texts = z.record(z.string(), z.string());
const targetForm = z.object({
  context: z.string().optional(),
  dockerfile: z.string().optional(),
  contexts: texts.optional(),
  args: z.record(z.string(), z.unknown()).optional(),
});
/** What a recipe says about itself. */
const factsForm = z.object({ kind: z.string(), indexes: z.array(z.unknown()).optional() });
const bakeForm = z.object({
  target: z.record(z.string(), targetForm).optional(),
  "x-wheelhouse": z.unknown().optional(),
  variable: z.record(z.string(), z.object({ default: z.unknown().optional() })).optional(),
});

export interface BakeTarget {
  readonly name: string;
  /** Path of its Dockerfile, where the file says it without a variable. */
  readonly dockerfile: string | undefined;
  readonly contexts: Readonly<Record<string, string>>;
  /** Names of build arguments. */
  readonly args: readonly string[];
}

export interface ReadBakeFile {
  readonly targets: readonly BakeTarget[];
  /** Variables and their defaults, where these are texts. */
  readonly defaults: ReadonlyMap<string, string>;
  /** Whether it is for a Dockerfile that its team brings, with package indexes beside the feed. */
  readonly bringsIndexes: boolean;
}

/** @returns `undefined` for a text that is no bake file */
export function readBakeFile(text: string): ReadBakeFile | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = bakeForm.safeParse(value);
  if (data === undefined) return undefined;
  const targets = Object.entries(data.target ?? {}).map(
    ([name, { context = ".", dockerfile = "Dockerfile", contexts, args }]) => ({
      name,
      dockerfile: context.includes("$") || dockerfile.includes("$") ? undefined : joined(context, dockerfile),
      contexts: contexts ?? {},
      args: Object.keys(args ?? {}),
    }),
  );
  const defaults = Object.entries(data.variable ?? {}).flatMap(([name, { default: given }]) =>
    typeof given === "string" ? [[name, given] as const] : [],
  );
  const facts = factsForm.safeParse(data["x-wheelhouse"]).data;
  const bringsIndexes = facts?.kind === "own-dockerfile" && (facts.indexes ?? []).length > 0;
  return { targets, defaults: new Map(defaults), bringsIndexes };
}

function joined(context: string, dockerfile: string): string {
  return [...context.split("/"), ...dockerfile.split("/")].filter((part) => part !== "" && part !== ".").join("/");
}
