/** One typed model of the `docker-bake.json` that recipes use, and its text. */
import { FACTS_KEY, type RecipeFacts } from "../spec";

/** A target: one image, or one stage that other targets take as a context. */
export interface BakeTarget {
  readonly description?: string;
  readonly context: string;
  readonly dockerfile: string;
  readonly target?: string;
  readonly contexts?: Readonly<Record<string, string>>;
  readonly args?: Readonly<Record<string, string>>;
  readonly secret?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly platforms?: readonly string[];
  readonly "no-cache"?: boolean;
  readonly "cache-from"?: readonly string[];
  readonly "cache-to"?: readonly string[];
  readonly attest?: readonly string[];
  readonly output?: readonly string[];
}

/** A variable of the same name in the environment of `docker buildx bake` replaces the default. */
export interface BakeVariable {
  readonly description: string;
  readonly default?: string;
}

export interface BakeFile {
  readonly "//": string;
  readonly variable: Readonly<Record<string, BakeVariable>>;
  readonly group: Readonly<Record<string, { readonly targets: readonly string[] }>>;
  readonly target: Readonly<Record<string, BakeTarget>>;
  /** Plain texts: {@link bakeText} makes templates of them. */
  readonly facts: RecipeFacts;
}

/**
 * A string that bake takes as it stands. Every string of a bake file is a template, in which `${` and `%{` begin an
 * expression; before a brace these signs, and others of them right before, become expressions that give that sign.
 */
export function literal(value: string): string {
  return value.replace(/[$%]+(?=\{)/g, (signs) => signs.replace(/./g, (sign) => `\${"${sign}"}`));
}

/** The same for every text in a value. */
function literalTexts(value: unknown): unknown {
  if (typeof value === "string") return literal(value);
  if (Array.isArray(value)) return value.map(literalTexts);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literalTexts(inner)]));
  }
  return value;
}

export function bakeText({ facts, ...file }: BakeFile): string {
  return JSON.stringify({ ...file, [FACTS_KEY]: literalTexts(facts) }, undefined, 2) + "\n";
}
