/** Reads steps, and the templates among them. */
import { quote } from "../../../spec/rule";
import type { CheckoutStep, ScriptStep, Step, TaskStep } from "../model";
import { checkCondition } from "./condition";
import { PipelineFileError } from "./error";
import { entriesOf, expanded, itemsOf } from "./expand";
import { Fields, type Keys } from "./fields";
import { included, namesTemplate, type Reading } from "./include";
import { mapping, type MappingNode } from "./node";
import type { Bound } from "./scope";
import { suggest } from "./suggestion";

/** A step, and what it is in the expanded file. */
export interface ReadStep {
  readonly step: Step;
  readonly node: MappingNode;
}

const COMMON = ["name", "displayName", "condition", "continueOnError", "enabled", "timeoutInMinutes", "env"];
const UNSUPPORTED = ["target", "retryCountOnTaskFailure"];

const KEYS = {
  checkout: {
    of: "a checkout step",
    known: ["checkout", "path", "fetchDepth", "persistCredentials", "clean", ...COMMON],
    unsupported: [
      "fetchFilter",
      "fetchTags",
      "lfs",
      "submodules",
      "sparseCheckoutDirectories",
      "sparseCheckoutPatterns",
      "workspaceRepo",
      ...UNSUPPORTED,
    ],
  },
  script: {
    of: "a script step",
    known: ["script", "workingDirectory", "failOnStderr", ...COMMON],
    unsupported: UNSUPPORTED,
  },
  bash: { of: "a bash step", known: ["bash", "workingDirectory", "failOnStderr", ...COMMON], unsupported: UNSUPPORTED },
  task: { of: "a task step", known: ["task", "inputs", ...COMMON], unsupported: UNSUPPORTED },
} satisfies Record<string, Keys>;

type StepKind = keyof typeof KEYS;
const KINDS: readonly StepKind[] = ["checkout", "script", "bash", "task"];
const OTHER_KINDS = ["powershell", "pwsh", "download", "downloadBuild", "getPackage", "publish", "upload", "reviewApp"];

/** All steps of a list, with those of the templates that it names. @throws PipelineFileError */
export async function readSteps(bound: Bound, reading: Reading): Promise<ReadStep[]> {
  const found: ReadStep[] = [];
  for (const item of itemsOf(bound)) {
    const entries = entriesOf(item);
    if (namesTemplate(entries)) {
      const inner = await included(item, entries, "steps", reading);
      found.push(...(await readSteps(inner.bound, inner.reading)));
    } else {
      const node = mapping(
        entries.map(({ key, value }) => ({ key, value: expanded(value) })),
        item.node.place,
      );
      found.push({ step: readStep(node, reading.templates.aliases), node });
    }
  }
  return found;
}

function readStep(node: MappingNode, aliases: readonly string[]): Step {
  const kinds = KINDS.filter((kind) => node.entries.some(({ key }) => key.value === kind));
  const [kind, other] = kinds;
  if (kind === undefined) throw noKind(node);
  if (other !== undefined)
    throw new PipelineFileError(node.place, `a step is either ${kind} or ${other}`, "make two steps of it");
  const fields = new Fields({ node, scope: undefined }, KEYS[kind]);
  switch (kind) {
    case "checkout":
      return checkout(fields, aliases);
    case "script":
    case "bash":
      return script(fields, kind);
    case "task":
      return task(fields);
  }
}

function noKind(node: MappingNode): PipelineFileError {
  const unsupported = node.entries.find(({ key }) => OTHER_KINDS.includes(String(key.value)))?.key;
  if (unsupported !== undefined) {
    return new PipelineFileError(
      unsupported.place,
      `${String(unsupported.value)} steps are not supported by the sandbox's agents`,
      `use one of ${KINDS.join(", ")}`,
    );
  }
  const first = node.entries[0]?.key;
  const what =
    first === undefined
      ? "a step is empty"
      : `a step is none that is known: it begins with ${quote(String(first.value))}`;
  return new PipelineFileError(
    first?.place ?? node.place,
    what,
    `begin it with one of ${[...KINDS, "template"].join(", ")}`,
  );
}

type Common = Omit<ScriptStep, "kind" | "shell" | "script" | "workingDirectory" | "failOnStderr">;

function common(fields: Fields, displayName: string): Common {
  const name = fields.word("name");
  if (name !== undefined && !/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name)) {
    throw new PipelineFileError(
      fields.placeOf("name"),
      `${quote(name)} cannot be the name of a step`,
      "use letters, digits and underscores; displayName can be any text",
    );
  }
  const shown = fields.text("displayName") ?? "";
  return {
    ...(name === undefined ? {} : { name }),
    displayName: shown === "" ? displayName : shown,
    condition: conditionOf(fields),
    continueOnError: fields.boolean("continueOnError") ?? false,
    enabled: fields.boolean("enabled") ?? true,
    timeoutInMinutes: fields.count("timeoutInMinutes") ?? 0,
    env: fields.map("env") ?? {},
  };
}

/** The condition of a step or a job; default `succeeded()`. @throws PipelineFileError for one that cannot be evaluated. */
export function conditionOf(fields: Fields): string {
  const text = (fields.text("condition") ?? "").trim();
  if (text === "") return "succeeded()";
  checkCondition(text, fields.get("condition")?.node.place ?? fields.place);
  return text;
}

function checkout(fields: Fields, aliases: readonly string[]): CheckoutStep {
  const repository = repositoryOf(fields, aliases);
  const path = fields.word("path");
  if (path !== undefined && (path.startsWith("/") || path.split(/[\\/]/).includes(".."))) {
    throw new PipelineFileError(
      fields.placeOf("path"),
      `${quote(path)} leaves the job's folder`,
      "write a path relative to $(Pipeline.Workspace), without ..",
    );
  }
  return {
    ...common(fields, `Checkout ${repository}`),
    kind: "checkout",
    repository,
    ...(path === undefined ? {} : { path }),
    // The service fetches one commit where a pipeline made today says nothing.
    fetchDepth: fields.count("fetchDepth") ?? 1,
    persistCredentials: fields.boolean("persistCredentials") ?? false,
    clean: fields.boolean("clean") ?? false,
  };
}

/** `self`, `none`, the alias of a resource as that has it, or a repository in full. */
function repositoryOf(fields: Fields, aliases: readonly string[]): string {
  const text = fields.word("checkout") ?? "";
  if (/^git:\/\/[^/@]+\/[^/@]+(?:@refs\/(?:heads|tags)\/[^@]+)?$/.test(text)) return text;
  const known = ["self", "none", ...aliases];
  const alias = known.find((one) => one.toLowerCase() === text.toLowerCase());
  if (alias !== undefined) return alias;
  throw new PipelineFileError(
    fields.get("checkout")?.node.place ?? fields.place,
    `${quote(text)} is no repository of the pipeline`,
    `name a resource, or write git://Project/repository@refs/heads/branch; ${suggest(text, known)}`,
  );
}

function script(fields: Fields, kind: "script" | "bash"): ScriptStep {
  const workingDirectory = fields.word("workingDirectory");
  return {
    ...common(fields, kind === "script" ? "CmdLine" : "Bash"),
    kind: "script",
    shell: kind === "script" ? "sh" : "bash",
    script: fields.text(kind) ?? "",
    ...(workingDirectory === undefined ? {} : { workingDirectory }),
    failOnStderr: fields.boolean("failOnStderr") ?? false,
  };
}

function task(fields: Fields): TaskStep {
  const name = fields.word("task") ?? "";
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*@[0-9]+(?:\.[0-9]+\.[0-9]+)?$/.test(name)) {
    throw new PipelineFileError(
      fields.placeOf("task"),
      `${quote(name)} is no task with a version`,
      "write it as Docker@2",
    );
  }
  return {
    ...common(fields, name.slice(0, name.indexOf("@"))),
    kind: "task",
    task: name,
    inputs: fields.map("inputs") ?? {},
  };
}
