/** What a provider does with its resources, apart from the protocol: check, diff, create, read, update, delete, invoke. */
import type { CheckFailure } from "@pulumi/pulumi/provider";
import { automaticName, isAutomatic } from "./autonaming";
import { checkKinds, checkRules } from "./check";
import { differences, type Difference } from "./difference";
import { inputsForImport, withDrift } from "./drift";
import { fill } from "./paths";
import { reveal, revealMap, unknown, type PropertyMap, type PropertyValue } from "./properties";
import type { Entity, ResourceService } from "./resource-service";
import type { ProviderDefinition, ResourceRules } from "./rules";
import type { ResourceSchema } from "./schema";
import { conceal, markSecrets } from "./secrets";
import { hint } from "./suggestion";

export interface Checked {
  readonly inputs: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

export interface Compared {
  readonly differences: readonly Difference[];
  readonly deleteBeforeReplace: boolean;
}

export interface State {
  readonly id: string;
  readonly outputs: PropertyMap;
}

export interface ReadState extends State {
  readonly inputs: PropertyMap;
}

/** One configured provider. `resources` is absent where the configuration is not known yet. */
export class Operations {
  public constructor(
    private readonly definition: ProviderDefinition,
    private readonly configuration: Readonly<Record<string, string>>,
    private readonly resources: ResourceService | undefined,
  ) {}

  /** Inputs with names, defaults and secrets, and all that is wrong with them. */
  public async check(urn: string, olds: PropertyMap, news: PropertyMap, seed: Uint8Array): Promise<Checked> {
    const { token, name } = parse(urn);
    const { schema } = this.definition;
    const { inputs: properties } = this.schemaOf(token);
    const rules = this.rulesOf(token);
    let inputs: PropertyMap = Object.fromEntries(Object.entries(news).filter(([, value]) => value !== null));
    const { autonaming } = rules;
    if (autonaming !== undefined && inputs[autonaming.property] === undefined) {
      const kept = olds[autonaming.property] ?? automaticName(autonaming, name, seed);
      inputs = { ...inputs, [autonaming.property]: kept };
    }
    for (const [pattern, value] of Object.entries(rules.defaults ?? {})) {
      inputs = fill(inputs, pattern, value);
    }
    inputs = markSecrets(schema, properties, inputs);
    const kinds = checkKinds(schema, properties, revealMap(inputs));
    if (kinds.length === 0) {
      const added = await this.definition.complete?.(token, revealMap(inputs), this.configuration, this.resources);
      inputs = { ...added, ...inputs };
    }
    return { inputs, failures: [...kinds, ...checkRules(rules, revealMap(inputs))] };
  }

  public diff(urn: string, oldInputs: PropertyMap, news: PropertyMap, ignoreChanges: readonly string[]): Compared {
    const { token } = parse(urn);
    const rules = this.rulesOf(token);
    const comparison = {
      definition: this.definition,
      rules,
      properties: this.schemaOf(token).inputs,
      ignoreChanges,
    };
    const found = differences(comparison, oldInputs, news);
    const replaces = found.some((difference) => difference.replaces);
    return { differences: found, deleteBeforeReplace: replaces && this.deletesFirst(urn, rules, oldInputs, news) };
  }

  /** What a creation will give: inputs as they are, what the service decides as unknown. */
  public previewCreate(urn: string, inputs: PropertyMap): PropertyMap {
    const { token } = parse(urn);
    const schema = this.schemaOf(token);
    const chosen = this.rulesOf(token).serviceChooses ?? [];
    const outputs: Record<string, PropertyValue> = {};
    for (const name of Object.keys(schema.outputs)) {
      const given = inputs[name];
      if (given !== undefined) {
        outputs[name] = given;
      } else if (schema.inputs[name] === undefined || chosen.includes(name)) {
        outputs[name] = unknown;
      }
    }
    return markSecrets(this.definition.schema, schema.outputs, outputs);
  }

  public async create(urn: string, inputs: PropertyMap, seconds: number | undefined): Promise<State> {
    const { token } = parse(urn);
    const entity = await this.connected().create(token, revealMap(inputs), seconds);
    return { id: entity.id, outputs: this.outputs(token, entity, inputs) };
  }

  /** Nothing where the resource is gone. Without inputs and state it is an import, whose id is in the form that users write; without
   * state alone, a creation that was interrupted, and so made with these very inputs. */
  public async read(
    urn: string,
    id: string,
    oldInputs: PropertyMap,
    state: PropertyMap,
    seconds: number | undefined,
  ): Promise<ReadState | undefined> {
    const { token } = parse(urn);
    const schema = this.schemaOf(token);
    const rules = this.rulesOf(token);
    const resources = this.connected();
    const importing = Object.keys(oldInputs).length === 0 && Object.keys(state).length === 0;
    if (importing && rules.importForm?.pattern.test(id) === false) {
      throw new Error(`"${id}" is not an id to import by: write ${rules.importForm.form}`);
    }
    const entity = await resources.read(token, id, seconds, revealMap({ ...oldInputs, ...state }));
    if (entity === undefined) {
      return undefined;
    }
    const outputs = this.outputs(token, entity, { ...oldInputs, ...state });
    const inputs = importing
      ? markSecrets(
          this.definition.schema,
          schema.inputs,
          inputsForImport(this.definition.schema, schema.inputs, {
            ...this.definition.inputsFromId?.(token, entity.id),
            ...entity.properties,
          }),
        )
      : withDrift(rules, schema.inputs, oldInputs, Object.keys(state).length === 0 ? outputs : state, outputs);
    return { id: entity.id, inputs, outputs };
  }

  public previewUpdate(urn: string, state: PropertyMap, news: PropertyMap): PropertyMap {
    const { token } = parse(urn);
    const schema = this.schemaOf(token);
    const { changedByUpdate = [], serviceChooses = [] } = this.rulesOf(token);
    const outputs: Record<string, PropertyValue> = {};
    for (const name of Object.keys(schema.outputs)) {
      const kept = schema.inputs[name] === undefined || serviceChooses.includes(name) ? state[name] : undefined;
      const value = changedByUpdate.includes(name) ? unknown : (news[name] ?? kept);
      if (value !== undefined) {
        outputs[name] = value;
      }
    }
    return markSecrets(this.definition.schema, schema.outputs, outputs);
  }

  public async update(
    urn: string,
    id: string,
    state: PropertyMap,
    news: PropertyMap,
    seconds: number | undefined,
  ): Promise<PropertyMap> {
    const { token } = parse(urn);
    const entity = await this.connected().update(token, id, revealMap(state), revealMap(news), seconds);
    return this.outputs(token, entity, news);
  }

  public async delete(urn: string, id: string, state: PropertyMap, seconds: number | undefined): Promise<void> {
    await this.connected().delete(parse(urn).token, id, seconds, revealMap(state));
  }

  public async invoke(
    token: string,
    args: PropertyMap,
  ): Promise<{ result: PropertyMap; failures: readonly CheckFailure[] }> {
    const { schema } = this.definition;
    const description = schema.functions[token];
    if (description === undefined) {
      throw new Error(`${schema.name} has no function ${token}${hint(token, Object.keys(schema.functions))}`);
    }
    const given = Object.fromEntries(Object.entries(revealMap(args)).filter(([, value]) => value !== null));
    const failures = [...checkKinds(schema, description.inputs, given), ...checkRules(this.rulesOf(token), given)];
    if (failures.length > 0) {
      return { result: {}, failures };
    }
    const result = await this.connected().invoke(token, given);
    const known = Object.entries(result).filter(([name, value]) => value !== null && name in description.outputs);
    return { result: markSecrets(schema, description.outputs, Object.fromEntries(known)), failures };
  }

  /** The service's view, with what it never shows taken from the inputs, and secret what is secret. */
  private outputs(token: string, entity: Entity, inputs: PropertyMap): PropertyMap {
    const schema = this.schemaOf(token);
    const writeOnly = this.rulesOf(token).writeOnly ?? [];
    const outputs: Record<string, PropertyValue> = {};
    for (const [name, property] of Object.entries(schema.outputs)) {
      const hidden = writeOnly.includes(name) || property.secret === true;
      const value = entity.properties[name] ?? (hidden ? inputs[name] : undefined) ?? null;
      if (value !== null) {
        outputs[name] = value;
      }
    }
    return conceal(markSecrets(this.definition.schema, schema.outputs, outputs), inputs);
  }

  /** A replacement cannot stand beside the old one under the same given name. An automatic name will be another one. */
  private deletesFirst(urn: string, rules: ResourceRules, olds: PropertyMap, news: PropertyMap): boolean {
    const { autonaming } = rules;
    if (autonaming === undefined) {
      return false;
    }
    const now = reveal(news[autonaming.property] ?? null);
    if (typeof now !== "string" || isAutomatic(autonaming, parse(urn).name, now)) {
      return false;
    }
    return this.definition.deleteBeforeReplace === "givenName" || reveal(olds[autonaming.property] ?? null) === now;
  }

  private connected(): ResourceService {
    if (this.resources === undefined) {
      throw new Error(`${this.definition.schema.name}: the provider's configuration is not known yet`);
    }
    return this.resources;
  }

  private rulesOf(token: string): ResourceRules {
    return this.definition.rules[token] ?? {};
  }

  private schemaOf(token: string): ResourceSchema {
    const { schema } = this.definition;
    const resource = schema.resources[token];
    if (resource === undefined) {
      throw new Error(
        `the sandbox's ${schema.name} has no resource ${token}${hint(token, Object.keys(schema.resources))}`,
      );
    }
    return resource;
  }
}

/** A URN's type token and resource name: `urn:pulumi:<stack>::<project>::<types>$<token>::<name>`. */
export function parse(urn: string): { readonly token: string; readonly name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { token: types.split("$").pop() ?? "", name: name.join("::") };
}
