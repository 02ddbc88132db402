/** What one `buildx build` needs for each target of a recipe's bake file: the recipe stays the only source of it. */
import { createHash } from "node:crypto";
import { z } from "zod";

const texts = z.record(z.string(), z.string());

/** The parts of a bake file that a single build knows, too; its caches and attestations are the pipelines' own. */
const bakeFile = z.object({
  variable: z.record(z.string(), z.object({ default: z.string().optional() })),
  group: z.object({ default: z.object({ targets: z.array(z.string()).min(1) }) }),
  target: z.record(
    z.string(),
    z.object({
      context: z.string(),
      dockerfile: z.string(),
      target: z.string().optional(),
      contexts: texts.default({}),
      args: texts.default({}),
      secret: z.array(z.string()).default([]),
      labels: texts.default({}),
      platforms: z.array(z.string()).min(1),
      "no-cache": z.boolean().default(false),
      output: z.array(z.string()).default([]),
    }),
  ),
});

export type Bake = z.infer<typeof bakeFile>;

/** Values of bake's variables, by name. */
export type Variables = Readonly<Record<string, string>>;

/** Hashes of the build contexts that lie on this machine, by the context's name; the main one is `recipe`. */
export type ContextHashes = Readonly<Record<string, string>>;

/** One build. */
export interface TargetBuild {
  /** Nothing: the recipe's own folder. */
  readonly context: string | undefined;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly stage: string | undefined;
  readonly args: Readonly<Record<string, string>>;
  /** Other contexts: addresses and folders, but not what other targets of this file make. */
  readonly contexts: Readonly<Record<string, string>>;
  /** Contexts that are the result of another target, by the context's name. */
  readonly links: Readonly<Record<string, string>>;
  /** Ids. */
  readonly secrets: readonly string[];
  /** Those that have a value. */
  readonly labels: Readonly<Record<string, string>>;
  readonly platforms: readonly string[];
  readonly noCache: boolean;
  /** Where the recipe pushes it, without the registry and tag; nothing for a target that it does not push. */
  readonly repository: string | undefined;
}

/** Before the name of another target of the file. */
const linkPrefix = "target:";

/** @throws Error with the first thing that is wrong, for what is no bake file of a recipe. */
export function readBake(text: string): Bake {
  const result = bakeFile.safeParse(JSON.parse(text));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "no bake file"}; render the recipe anew`);
  }
  return result.data;
}

/**
 * A string of a bake file with its variables filled in; a variable without value and default is empty, as in bake.
 * @throws Error for an expression that is neither a variable nor a quoted sign.
 */
export function fillTemplate(bake: Bake, template: string, variables: Variables): string {
  return template.replace(/\$\{([^}]*)\}|%\{[^}]*\}/g, (whole, inside: string | undefined) => {
    const sign = /^"([$%]+)"$/.exec(inside ?? "")?.[1];
    if (sign !== undefined) return sign;
    const declared = inside !== undefined && Object.hasOwn(bake.variable, inside) ? bake.variable[inside] : undefined;
    if (inside === undefined || declared === undefined) {
      throw new Error(`the bake file holds ${whole}, which is no variable of it: render the recipe anew`);
    }
    return variables[inside] ?? fillTemplate(bake, declared.default ?? "", variables);
  });
}

/** The arguments of a target's build. @throws Error for a target that the file lacks, and as {@link fillTemplate}. */
export function targetBuild(bake: Bake, name: string, variables: Variables): TargetBuild {
  const target = targetOf(bake, name);
  const fill = (template: string): string => fillTemplate(bake, template, variables);
  const contexts = Object.entries(filled(target.contexts, fill));
  return {
    context: target.context.includes("${") ? fill(target.context) : undefined,
    dockerfile: fill(target.dockerfile),
    stage: target.target,
    args: filled(target.args, fill),
    contexts: Object.fromEntries(contexts.filter(([, value]) => !value.startsWith(linkPrefix))),
    links: Object.fromEntries(
      contexts
        .filter(([, value]) => value.startsWith(linkPrefix))
        .map(([key, value]) => [key, value.slice(linkPrefix.length)]),
    ),
    secrets: target.secret.map((secret) => field(secret, "id") ?? ""),
    labels: Object.fromEntries(Object.entries(filled(target.labels, fill)).filter(([, value]) => value !== "")),
    platforms: target.platforms,
    noCache: target["no-cache"],
    repository: target.output.map(repositoryOf).find((repository) => repository !== undefined),
  };
}

/** The variables that a target's build cannot do without: those of its contexts and arguments that have no default. */
export function neededVariables(bake: Bake, name: string): string[] {
  const { context, contexts, args } = targetOf(bake, name);
  const templates = [context, ...Object.values(contexts), ...Object.values(args)];
  const names = templates.flatMap((template) => [...template.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? ""));
  return [...new Set(names)].filter((variable) => bake.variable[variable]?.default === undefined);
}

/**
 * The targets to build for these ones, each after those that it takes as contexts.
 * @throws Error for a target that the file lacks, and for targets that need each other.
 */
export function buildOrder(bake: Bake, wanted: readonly string[], variables: Variables): string[] {
  const order: string[] = [];
  const visit = (name: string, waiting: readonly string[]): void => {
    if (order.includes(name)) return;
    if (waiting.includes(name)) throw new Error(`these targets need each other: ${[...waiting, name].join(" → ")}`);
    Object.values(targetBuild(bake, name, variables).links).forEach((each) => visit(each, [...waiting, name]));
    order.push(name);
  };
  wanted.forEach((name) => visit(name, []));
  return order;
}

/**
 * Sixteen hexadecimal digits that stand for all that decides what a build makes: the same on every machine, another one when the recipe,
 * the lock, the source or what it is based on is another one. No secret is part of it.
 *
 * @param links the same digits of the targets that it takes as contexts, by the context's name
 */
export function buildTag(build: TargetBuild, hashes: ContextHashes, links: Variables, platform: string): string {
  const { stage, args, labels, dockerfile } = build;
  const remote = Object.entries(build.contexts).filter(([name]) => hashes[name] === undefined);
  const all = [dockerfile, stage ?? "", platform, args, labels, Object.fromEntries(remote), hashes, links].map(ordered);
  return createHash("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 16);
}

/** Whether a build context is a folder of this machine. */
export function isFolder(context: string): boolean {
  return !/^(docker-image|oci-layout|https?|git|ssh|target):/.test(context);
}

function targetOf(bake: Bake, name: string): Bake["target"][string] {
  const target = Object.hasOwn(bake.target, name) ? bake.target[name] : undefined;
  if (target === undefined) {
    throw new Error(`the recipe has no target "${name}"; it has ${Object.keys(bake.target).join(", ")}`);
  }
  return target;
}

function filled(map: Readonly<Record<string, string>>, fill: (template: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, fill(value)]));
}

function field(text: string, key: string): string | undefined {
  const part = text.split(",").find((each) => each.startsWith(`${key}=`));
  return part?.slice(key.length + 1);
}

/** The name is a template still: what stands before the first slash is the registry. */
function repositoryOf(output: string): string | undefined {
  return /^\$\{REGISTRY\}\/([^:$@]+)/.exec(field(output, "name") ?? "")?.[1];
}

function ordered(value: string | Readonly<Record<string, string>>): unknown {
  return typeof value === "string" ? value : Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
}
