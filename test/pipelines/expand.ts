/** A stand-in for template expansion: just the expressions that the templates here have, and no other. */
import { parse } from "yaml";

export interface Step {
  readonly name?: string;
  readonly task?: string;
  readonly script?: string;
  readonly checkout?: string;
  readonly displayName?: string;
  readonly condition?: string;
  readonly workingDirectory?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly persistCredentials?: boolean;
}

export interface Job {
  readonly job: string;
  readonly pool: unknown;
  readonly timeoutInMinutes: number;
  readonly workspace: { readonly clean: string };
  readonly steps: readonly Step[];
}

export interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly default?: unknown;
  readonly values?: readonly string[];
}

export interface Main {
  readonly trigger: unknown;
  readonly pr: unknown;
  readonly schedules?: readonly { readonly cron: string; readonly always: boolean; readonly branches: unknown }[];
  readonly resources?: unknown;
  readonly extends?: { readonly template: string; readonly parameters: Readonly<Record<string, unknown>> };
  readonly jobs: readonly Job[];
}

/** The jobs of a template, as a run for this reason and with these parameters has them. */
export function expanded(template: string, reason: string, given: Readonly<Record<string, unknown>>): { jobs: Job[] } {
  const { parameters, ...rest } = parse(template) as { parameters: Parameter[]; jobs: Job[] };
  const values = Object.fromEntries(parameters.map(({ name, default: otherwise }) => [name, given[name] ?? otherwise]));
  for (const [name, value] of Object.entries(values)) if (value === undefined) throw new Error(`no value for ${name}`);
  return replaced(rest, reason, values) as { jobs: Job[] };
}

function replaced(node: unknown, reason: string, values: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(node)) return listed(node, reason, values);
  if (typeof node === "object" && node !== null) {
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [plain(key), replaced(value, reason, values)]),
    );
  }
  if (typeof node !== "string") return node;
  const name = /^\$\{\{ parameters\.(\w+) \}\}$/.exec(node)?.[1];
  return name === undefined ? plain(node) : values[name];
}

function plain(text: string): string {
  if (text.includes("${{")) throw new Error(`an expression that is not known here: ${text}`);
  return text;
}

/** A list, with the entries of each branch that is taken in place of its key. */
function listed(items: readonly unknown[], reason: string, values: Readonly<Record<string, unknown>>): unknown[] {
  let taken = false;
  return items.flatMap((item) => {
    const [key, ...more] = typeof item === "object" && item !== null ? Object.keys(item) : [];
    const condition = /^\$\{\{ if (.*) \}\}$/.exec(key ?? "")?.[1];
    if (condition === undefined && key !== "${{ else }}") return [replaced(item, reason, values)];
    if (more.length > 0) throw new Error("a branch shares its entry with other keys");
    taken = condition === undefined ? !taken : holds(condition, reason, values);
    return taken ? replaced((item as Record<string, unknown>)[key!], reason, values) : [];
  });
}

function holds(condition: string, reason: string, values: Readonly<Record<string, unknown>>): boolean {
  const asked = /^eq\(variables\['Build\.Reason'\], '(\w+)'\)$/.exec(condition)?.[1];
  if (asked !== undefined) return asked === reason;
  const [, parameter, text] = /^eq\(parameters\.(\w+), '([\w.-]+)'\)$/.exec(condition) ?? [];
  if (parameter !== undefined) return values[parameter] === text;
  const [, list, value] = /^containsValue\(parameters\.(\w+), '([\w.-]+)'\)$/.exec(condition) ?? [];
  if (list === undefined) throw new Error(`a condition that is not known here: ${condition}`);
  return (values[list] as readonly unknown[]).includes(value);
}
