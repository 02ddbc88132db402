/** Where variables of a Dockerfile come from: ARG and ENV, through stages, and which of them carry a credential. */
import { findCredential } from "../../spec/credentials";
import { userParts, variablesIn, withoutUser } from "./addresses";
import type { Dockerfile, Instruction, PropertyPart, Stage } from "./dockerfile";
import { isCredentialName, isHarmlessValue, isIndexName } from "./names";

export interface Definition {
  readonly kind: "ARG" | "ENV";
  readonly name: string;
  readonly value: string | undefined;
  readonly instruction: Instruction;
  readonly property: PropertyPart;
  /** `undefined` before the first FROM. */
  readonly stage: Stage | undefined;
}

/** Why a variable is held to carry a credential. */
export type Reason =
  | { readonly by: "name"; readonly index: boolean }
  | { readonly by: "value"; readonly what: string }
  | { readonly by: "reference"; readonly to: Definition };

export class Variables {
  readonly definitions: readonly Definition[];
  private readonly byName = new Map<string, Definition[]>();
  private readonly referred = new Map<Definition, readonly Definition[]>();
  private readonly reasons = new Map<Definition, Reason | undefined>();

  constructor(dockerfile: Dockerfile) {
    const definitions: Definition[] = [];
    for (const instruction of dockerfile.global) definitions.push(...definitionsOf(instruction, undefined));
    for (const stage of dockerfile.stages) {
      for (const instruction of stage.instructions) definitions.push(...definitionsOf(instruction, stage));
    }
    for (const definition of definitions) {
      const same = this.byName.get(definition.name);
      if (same === undefined) this.byName.set(definition.name, [definition]);
      else same.push(definition);
    }
    this.definitions = definitions;
  }

  /** The definition that a variable has where an offset of a stage stands; an ENV goes before an ARG. */
  visible(name: string, stage: Stage | undefined, offset: number): Definition | undefined {
    const all = this.byName.get(name) ?? [];
    let argument: Definition | undefined;
    let before = offset;
    for (let at = stage; at !== undefined; at = at.parent) {
      const here = all.filter((definition) => definition.stage === at && definition.instruction.start < before);
      const environment = here.findLast((definition) => definition.kind === "ENV");
      if (environment !== undefined) return environment;
      argument ??= here.at(-1);
      before = Number.POSITIVE_INFINITY;
    }
    return stage === undefined
      ? all.find((definition) => definition.stage === undefined && definition.instruction.start < offset)
      : argument;
  }

  /** The value of an ARG without one is that before the first FROM. */
  valueOf(definition: Definition): string | undefined {
    if (definition.value !== undefined || definition.kind === "ENV" || definition.stage === undefined)
      return definition.value;
    return this.byName.get(definition.name)?.find((other) => other.stage === undefined)?.value;
  }

  reason(definition: Definition): Reason | undefined {
    if (this.reasons.has(definition)) return this.reasons.get(definition);
    // A variable that refers to itself ends here.
    this.reasons.set(definition, undefined);
    const reason = this.findReason(definition);
    this.reasons.set(definition, reason);
    return reason;
  }

  private findReason(definition: Definition): Reason | undefined {
    const value = this.valueOf(definition);
    if (value !== undefined) {
      const to = this.references(definition).find((other) => other !== definition && this.reason(other) !== undefined);
      if (to !== undefined) return { by: "reference", to };
      const what = literalCredential(value);
      if (what !== undefined) return { by: "value", what };
    }
    if (isCredentialName(definition.name) && !(value !== undefined && isHarmlessValue(value)))
      return { by: "name", index: false };
    return definition.kind === "ARG" && value === undefined && isIndexName(definition.name)
      ? { by: "name", index: true }
      : undefined;
  }

  /** The definitions that a definition's value expands. */
  references(definition: Definition): readonly Definition[] {
    const known = this.referred.get(definition) ?? this.findReferences(definition);
    this.referred.set(definition, known);
    return known;
  }

  private findReferences(definition: Definition): Definition[] {
    return variablesIn(definition.value ?? "").flatMap((name) => {
      const found = this.visible(name, definition.stage, definition.instruction.start);
      return found === undefined ? [] : [found];
    });
  }
}

function definitionsOf(instruction: Instruction, stage: Stage | undefined): Definition[] {
  const kind = instruction.keyword;
  if (kind !== "ARG" && kind !== "ENV") return [];
  return instruction.properties.map((property) => ({
    kind,
    name: property.name,
    value: property.value,
    instruction,
    property,
    stage,
  }));
}

/** What credential a text holds itself, in words; one that is a variable or a substitution is none of its own. */
export function literalCredential(text: string): string | undefined {
  if (userParts(text).some(({ text: user }) => isLiteralPassword(user))) return "an address with a password or a token";
  const masked = withoutUser(text).replace(/\$\([^)]*\)|`[^`]*`|\$\{[^}]*\}|\$[A-Za-z_][A-Za-z0-9_]*/g, " ");
  return findCredential(masked);
}

/** Whether the password, or a token in its place, is written out: `build:abc`, `abc`, but not `build:$TOKEN`. */
function isLiteralPassword(user: string): boolean {
  const colon = user.indexOf(":");
  const password = user.slice(colon + 1);
  // git@ of an address is an account that everyone has.
  return password !== "" && !/^[$%`<]/.test(password) && !(colon < 0 && /^git$/i.test(user));
}
