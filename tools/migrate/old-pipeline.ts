/** Reads the team's old pipeline: what starts it, its variables and steps, each with its line. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLMap } from "yaml";
import { UsageError } from "../errors";

/** One step of a job. Values are as written: macros stay. */
export interface OldStep {
  /** Of the file, from 1. */
  readonly line: number;
  /** `PipAuthenticate@1`, `script`, `checkout`, `template`, or the key that it begins with. */
  readonly kind: string;
  /** The value of that key: a script's text, a template's path. */
  readonly value: string;
  readonly displayName: string | undefined;
  /** In lower case, as Azure Pipelines compares them. */
  readonly inputs: ReadonlyMap<string, string>;
  /** Stage and job, such as `Build, docker`; `""` where the file has steps alone. */
  readonly job: string;
  /** Environment of a deployment job; `undefined` in any other job. */
  readonly deployment: string | undefined;
}

export interface OldPool {
  readonly line: number;
  readonly kind: "hosted" | "named";
  readonly name: string;
  readonly demands: readonly string[];
}

/** A setting that is only told of: a schedule, a resource, a parameter. */
export interface OldSetting {
  readonly line: number;
  readonly key: string;
  readonly name: string;
}

export interface OldPipeline {
  readonly file: string;
  readonly text: string;
  /** Branches whose pushes start it; `undefined`: every branch, as without a `trigger`. */
  readonly branches: readonly string[] | undefined;
  /** Lines of filters that a specification does not have: `paths`, `tags`, excluded branches. */
  readonly filters: readonly OldSetting[];
  readonly steps: readonly OldStep[];
  readonly pools: readonly OldPool[];
  /** Variables with a value, by their name in lower case. */
  readonly variables: ReadonlyMap<string, string>;
  readonly groups: readonly OldSetting[];
  readonly settings: readonly OldSetting[];
}

const SETTINGS = ["name", "schedules", "parameters", "extends", "lockBehavior"];
/** Of a job, wherever it is. */
const JOB_SETTINGS = ["timeoutInMinutes", "container", "services"];
const MOST_STEPS = 2000;

/** @throws UsageError for a text that is no YAML map. */
export function readOldPipeline(text: string, file: string): OldPipeline {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const [error] = document.errors;
  const root = document.contents;
  if (error !== undefined || !isMap(root)) {
    const { line } = lines.linePos(error?.pos[0] ?? 0);
    throw new UsageError(
      `${file}:${line} cannot be read as a pipeline`,
      "Correct it; an editor that knows YAML shows the mistake.",
    );
  }
  return new Reader(file, text, lines).read(root);
}

class Reader {
  private readonly steps: OldStep[] = [];
  private readonly pools: OldPool[] = [];
  private readonly filters: OldSetting[] = [];
  private readonly settings: OldSetting[] = [];
  private readonly groups: OldSetting[] = [];
  private readonly variables = new Map<string, string>();

  constructor(
    private readonly file: string,
    private readonly text: string,
    private readonly lines: LineCounter,
  ) {}

  read(root: YAMLMap): OldPipeline {
    const branches = this.trigger(valueOf(root, "trigger"));
    this.resources(valueOf(root, "resources"));
    for (const key of SETTINGS) this.listed(key, valueOf(root, key));
    this.walk(root, "", undefined, 0);
    const { file, text, filters, steps, pools, variables, groups, settings } = this;
    return { file, text, branches, filters, steps, pools, variables, groups, settings };
  }

  private line(node: unknown): number {
    const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    return this.lines.linePos(offset).line;
  }

  private trigger(node: unknown): readonly string[] | undefined {
    if (node === undefined) return undefined;
    if (isScalar(node)) return String(node.value) === "none" ? [] : [plainBranch(textOf(node))];
    if (isSeq(node)) return node.items.map((item) => plainBranch(textOf(item)));
    const branches = valueOf(node, "branches");
    const include = isSeq(branches) ? branches : valueOf(branches, "include");
    for (const [key, filter] of [
      ["trigger.branches.exclude", valueOf(branches, "exclude")],
      ["trigger.paths", valueOf(node, "paths")],
      ["trigger.tags", valueOf(node, "tags")],
    ] as const) {
      if (filter !== undefined) this.filters.push({ line: this.line(filter), key, name: textOf(filter) });
    }
    return isSeq(include) ? include.items.map((item) => plainBranch(textOf(item))) : undefined;
  }

  private resources(node: unknown): void {
    for (const kind of ["repositories", "pipelines", "containers", "packages", "webhooks"]) {
      this.listed(`resources.${kind}`, valueOf(node, kind));
    }
  }

  private listed(key: string, node: unknown): void {
    if (node === undefined) return;
    if (!isSeq(node)) {
      this.settings.push({ line: this.line(node), key, name: textOf(valueOf(node, "template") ?? node) });
      return;
    }
    for (const item of node.items) {
      const names = ["repository", "pipeline", "container", "package", "webhook", "name", "cron", "displayName"];
      const name = names.map((one) => valueOf(item, one)).find((one) => one !== undefined);
      this.settings.push({ line: this.line(item), key, name: textOf(name) });
    }
  }

  /** Stages, jobs and steps wherever they are, those of compile-time conditions among them. */
  private walk(node: unknown, job: string, deployment: string | undefined, depth: number): void {
    if (depth > 20) return;
    if (isSeq(node)) {
      for (const item of node.items) this.walk(item, job, deployment, depth + 1);
      return;
    }
    if (!isMap(node)) return;
    const own = ["stage", "job", "deployment"].map((key) => valueOf(node, key)).find((value) => value !== undefined);
    const name = own === undefined ? job : [job, textOf(own)].filter((part) => part !== "").join(", ");
    const environment = valueOf(node, "environment");
    const target =
      valueOf(node, "deployment") === undefined
        ? deployment
        : textOf(valueOf(environment, "name") ?? environment) || "an environment";
    for (const key of JOB_SETTINGS) this.listed(key, valueOf(node, key));
    this.pool(valueOf(node, "pool"));
    this.readVariables(valueOf(node, "variables"));
    this.readSteps(valueOf(node, "steps"), name, target, depth);
    for (const pair of node.items) {
      const key = textOf(pair.key);
      const nested = ["stages", "jobs", "strategy", "runOnce", "rolling", "canary", "preDeploy", "deploy"];
      const hooks = ["routeTraffic", "postRouteTraffic", "on", "success", "failure"];
      if (nested.includes(key) || hooks.includes(key) || key.startsWith("${{")) {
        this.walk(pair.value, name, target, depth + 1);
      }
    }
    const template = valueOf(node, "template");
    if (template !== undefined && depth > 0) this.step(node, "template", template, name, target);
  }

  private readSteps(node: unknown, job: string, deployment: string | undefined, depth: number): void {
    if (!isSeq(node) || depth > 20) return;
    for (const item of node.items) {
      if (!isMap(item) || this.steps.length >= MOST_STEPS) continue;
      const first = item.items[0];
      const key = textOf(first?.key);
      // A compile-time condition holds a list of steps.
      if (key.startsWith("${{")) this.readSteps(first?.value, job, deployment, depth + 1);
      else this.step(item, key, first?.value, job, deployment);
    }
  }

  private step(item: YAMLMap, key: string, value: unknown, job: string, deployment: string | undefined): void {
    const inputs = new Map<string, string>();
    const given = valueOf(item, "inputs");
    if (isMap(given)) for (const pair of given.items) inputs.set(textOf(pair.key).toLowerCase(), textOf(pair.value));
    // What a checkout does beside the commit is said by keys of its own.
    if (key === "checkout")
      for (const pair of item.items) inputs.set(textOf(pair.key).toLowerCase(), textOf(pair.value));
    const displayName = valueOf(item, "displayName");
    this.steps.push({
      line: this.line(item),
      kind: key === "task" ? textOf(value) : key,
      value: textOf(value),
      displayName: displayName === undefined ? undefined : textOf(displayName),
      inputs,
      job,
      deployment,
    });
  }

  private pool(node: unknown): void {
    if (node === undefined) return;
    const image = valueOf(node, "vmImage");
    const demands = valueOf(node, "demands");
    const list = isSeq(demands) ? demands.items.map(textOf) : demands === undefined ? [] : [textOf(demands)];
    const name = textOf(image ?? valueOf(node, "name") ?? node);
    this.pools.push({ line: this.line(node), kind: image === undefined ? "named" : "hosted", name, demands: list });
  }

  private readVariables(node: unknown): void {
    if (isMap(node)) {
      for (const pair of node.items) this.variables.set(textOf(pair.key).toLowerCase(), textOf(pair.value));
      return;
    }
    for (const item of isSeq(node) ? node.items : []) {
      const group = valueOf(item, "group");
      const template = valueOf(item, "template");
      const name = valueOf(item, "name");
      if (group !== undefined) this.groups.push({ line: this.line(group), key: "group", name: textOf(group) });
      if (template !== undefined)
        this.settings.push({ line: this.line(template), key: "variables.template", name: textOf(template) });
      if (name !== undefined) this.variables.set(textOf(name).toLowerCase(), textOf(valueOf(item, "value")));
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "range" in value;
}

/** The value of a key, in any letter case as far as the first letter goes; `undefined` for what is no map. */
function valueOf(node: unknown, key: string): unknown {
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => textOf(pair.key) === key)?.value ?? undefined;
}

/** A scalar as text; the texts of a list, joined by commas. */
function textOf(node: unknown): string {
  if (isScalar(node)) return scalarText(node.value);
  if (isSeq(node)) return node.items.map(textOf).join(", ");
  if (isMap(node)) return node.items.map((pair) => `${textOf(pair.key)}: ${textOf(pair.value)}`).join(", ");
  return "";
}

function scalarText(value: unknown): string {
  return ["string", "number", "boolean", "bigint"].includes(typeof value) ? String(value) : "";
}

function plainBranch(branch: string): string {
  return branch.replace(/^refs\/heads\//, "");
}

/** A value with the pipeline's own variables replaced; macros that only a run knows stay. */
export function resolved(pipeline: OldPipeline, value: string): string {
  let text = value;
  // A variable may name another one.
  for (let round = 0; round < 5; round++) {
    text = text.replace(
      /\$\(([A-Za-z_][\w.]*)\)|\$\{\{\s*variables\.([\w.]+)\s*\}\}/g,
      (whole: string, macro?: string, name?: string) =>
        pipeline.variables.get((macro ?? name ?? "").toLowerCase()) ?? whole,
    );
  }
  return text;
}

const SOURCES =
  /^(?:\$\((?:Build\.SourcesDirectory|System\.DefaultWorkingDirectory|Build\.Repository\.LocalPath)\)|\$\(Pipeline\.Workspace\)\/s)\/?/i;

/** A path relative to the repository, `""` for its root: without the folder of the sources, of which runs know several names. */
export function repositoryPath(pipeline: OldPipeline, value: string): string {
  const path = resolved(pipeline, value)
    .trim()
    .replace(SOURCES, "")
    .replace(/^(?:\.?\/)+/, "")
    .replace(/\/+$/, "");
  return path === "." ? "" : path;
}
