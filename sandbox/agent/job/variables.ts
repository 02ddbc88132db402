/** A job's variables, as the agent keeps them: names in any case, values that name others, secrets that stay secrets. */
import type { JobVariable } from "./context";
import type { SecretMasker } from "./masking";
import { isSystemReadOnly } from "./read-only-variables";

export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
  readonly readOnly: boolean;
}

export interface SetOptions {
  readonly secret?: boolean;
  readonly readOnly?: boolean;
}

/** Deeper than this no value is looked up in another (the agent's `MaxDepth`). */
const deepest = 50;

export class JobVariables {
  private readonly given = new Map<string, Variable>();
  private readonly outputNames = new Set<string>();
  private current = new Map<string, Variable>();

  public constructor(private readonly masker: SecretMasker) {}

  public get(name: string): string | undefined {
    return this.current.get(name.toLowerCase())?.value;
  }

  public isReadOnly(name: string): boolean {
    const known = this.current.get(name.toLowerCase());
    return known !== undefined && (known.readOnly || isSystemReadOnly(name));
  }

  /** Sets a variable. What was secret or read-only stays so. */
  public set(name: string, value: string, { secret = false, readOnly = false }: SetOptions = {}): void {
    const key = name.toLowerCase();
    const before = this.current.get(key);
    const variable = {
      name: before?.name ?? name,
      value,
      secret: secret || before?.secret === true,
      readOnly: readOnly || before?.readOnly === true,
    };
    if (variable.secret) this.masker.add(value);
    this.current.set(key, variable);
    this.given.set(key, variable);
  }

  /** Sets a variable that other jobs may read, too; its name begins with that of its step. */
  public setOutput(name: string, value: string, options: SetOptions = {}): void {
    this.set(name, value, options);
    this.outputNames.add(name.toLowerCase());
  }

  /** By `step.name`. */
  public outputs(): Map<string, JobVariable> {
    const outputs = [...this.current].filter(([key]) => this.outputNames.has(key));
    return new Map(outputs.map(([, { name, value, secret }]) => [name, { value, secret }]));
  }

  /**
   * Replaces the macros in values anew, as the agent does before each step.
   * @returns warnings, each about a variable that is left as it is
   */
  public expand(): string[] {
    const warnings: string[] = [];
    const expanded = new Map<string, Variable>();
    for (const [key, variable] of this.given) {
      const outcome = this.expandOne(variable, [key]);
      if ("warning" in outcome) {
        warnings.push(outcome.warning);
        expanded.set(key, variable);
        continue;
      }
      const secret = variable.secret || outcome.secret;
      if (secret && outcome.value !== variable.value) this.masker.add(outcome.value);
      expanded.set(key, { ...variable, value: outcome.value, secret });
    }
    this.current = expanded;
    return warnings;
  }

  /** All values by name, secret ones too: for macros and conditions. */
  public values(): Map<string, string> {
    return new Map([...this.current.values()].map(({ name, value }) => [name, value]));
  }

  /** Secrets are not in it. */
  public environment(): Record<string, string> {
    const environment: Record<string, string> = {};
    const names: string[] = [];
    for (const { name, value, secret } of this.current.values()) {
      if (secret) continue;
      names.push(name);
      environment[environmentName(name)] = value;
      if (name.toLowerCase() === "agent.jobstatus") environment[name] = value;
    }
    return { ...environment, VSTS_PUBLIC_VARIABLES: JSON.stringify(names) };
  }

  private expandOne(
    variable: Variable,
    path: readonly string[],
  ): { readonly value: string; readonly secret: boolean } | { readonly warning: string } {
    let { value, secret } = variable;
    for (let at = value.indexOf("$("); at >= 0; at = value.indexOf("$(", at)) {
      const end = value.indexOf(")", at + 2);
      if (end < 0) break;
      const key = value.slice(at + 2, end).toLowerCase();
      const nested = this.given.get(key);
      if (nested === undefined) {
        at += 1;
        continue;
      }
      const first = this.given.get(path[0] ?? "")?.name ?? variable.name;
      if (path.includes(key)) return { warning: `The variable ${first} is left as it is: it contains itself.` };
      if (path.length >= deepest) {
        return { warning: `The variable ${first} is left as it is: its values are nested deeper than ${deepest}.` };
      }
      const outcome = this.expandOne(nested, [...path, key]);
      if ("warning" in outcome) return outcome;
      secret ||= outcome.secret;
      value = value.slice(0, at) + outcome.value + value.slice(end + 1);
      at += outcome.value.length;
    }
    return { value, secret };
  }
}

/** The name of a variable in a process' environment (the agent's `VarUtil.ConvertToEnvVariableFormat`). */
export function environmentName(name: string): string {
  return name.replace(/[. ]/g, "_").toUpperCase();
}
