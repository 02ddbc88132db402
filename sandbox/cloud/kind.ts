/** What one kind of resource can do, and the form in which most kinds are written down. */
import type { z } from "zod";
import type { Principal } from "./azure/principal";
import type { Cloud } from "./cloud";
import { conflict, invalid, missing } from "./errors";
import { newGuid, type Entity, type Properties, type Reference } from "./state";

/** What a service shows for one resource. */
export interface Shown {
  readonly id: string;
  readonly properties: Properties;
}

type Awaitable<T> = T | Promise<T>;

/** One kind of resource under the control API's verbs. Every method refuses with a `ServiceError`. */
export interface Kind {
  readonly token: string;
  create(cloud: Cloud, inputs: Properties): Awaitable<Shown>;
  /** Undefined where there is none. `id` may be what `pulumi import` takes: some kinds put the project before it. */
  read(cloud: Cloud, id: string): Awaitable<Shown | undefined>;
  update(cloud: Cloud, id: string, olds: Properties, news: Properties): Awaitable<Shown>;
  delete(cloud: Cloud, id: string): Awaitable<void>;
  /** Id of what these inputs would clash with. */
  find(cloud: Cloud, inputs: Properties): Awaitable<string | undefined>;
}

/** A function under the verb `invoke`. */
export interface CloudFunction {
  readonly token: string;
  /** @param principal who asks Azure, where it is not the account that the sandbox was made with */
  invoke(cloud: Cloud, args: Properties, principal?: Principal): Awaitable<Properties>;
}

/** Checks the form of some properties and fills the service's defaults in. Unknown ones are kept: the provider judges those. */
export function parse<T>(schema: z.ZodType<T>, properties: Properties, what: string): T {
  const result = schema.safeParse(withoutNulls(properties));
  if (result.success) {
    return result.data;
  }
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || "the whole"}: ${message}`);
  throw invalid("InvalidArgument", `${what}: ${problems.join("; ")}`);
}

function withoutNulls(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
}

/** How a kind whose entities are only state is written down. `I` is the form of its inputs, with defaults filled in. */
export interface RecordKind<I extends Properties> {
  readonly token: string;
  /** What a person calls it, such as «variable group». */
  readonly called: string;
  readonly inputs: z.ZodType<I>;
  /** What no two may share. Undefined: nothing is shared, so nothing clashes and nothing is found. */
  readonly key?: (inputs: I, cloud: Cloud) => string;
  /** Refuses inputs that the service would refuse. `current` is the entity on an update. */
  readonly check?: (inputs: I, cloud: Cloud, current: Entity | undefined) => void;
  /** The refusal of a duplicate. Default: 409 with the kind's name. */
  readonly duplicate?: (inputs: I) => Error;
  /** What this one is deleted with. Default: nothing. */
  readonly within?: (inputs: I, cloud: Cloud) => readonly Reference[];
  /** Whether an existing one is what an interrupted creation with these inputs would have made, for kinds without a key. */
  readonly alike?: (inputs: I, entity: Entity) => boolean;
  /** Id of a new one. Default: a GUID. */
  readonly newId?: (inputs: I, cloud: Cloud) => string;
  /** What the service keeps to show, beside the inputs. `current` is the entity on an update. */
  readonly computed?: (inputs: I, cloud: Cloud, id: string, current: Entity | undefined) => Properties;
  /** Parts the inputs into what the service shows and what it keeps and never shows. Default: it shows all. */
  readonly split?: (inputs: I) => { shown: Properties; hidden: Properties };
  /** Whether a creation of what exists already sets it anew, as with settings that always exist. Default false: it is refused. */
  readonly overwrites?: boolean;
  /** What depends on where the service runs, added at each look. */
  readonly show?: (entity: Entity, cloud: Cloud) => Properties;
  /** Turns an id as `pulumi import` takes it into the entity's id. Default: what follows the last slash as well. */
  readonly idOf?: (id: string, cloud: Cloud) => string;
  /** Refuses a deletion, or does what goes with it. */
  readonly beforeDelete?: (entity: Entity, cloud: Cloud) => void;
  /** Runs after a creation; it may make what belongs to the new one. */
  readonly afterCreate?: (entity: Entity, cloud: Cloud) => void;
}

/** The kind that a description stands for. */
export function recordKind<I extends Properties>(kind: RecordKind<I>): Kind {
  const { token, called } = kind;
  const show = (entity: Entity, cloud: Cloud): Shown => ({
    id: entity.id,
    properties: { ...entity.properties, ...kind.show?.(entity, cloud) },
  });
  const locate = (cloud: Cloud, id: string): Entity | undefined =>
    cloud.state.get(token, id) ??
    cloud.state.get(token, kind.idOf === undefined ? id.slice(id.lastIndexOf("/") + 1) : kind.idOf(id, cloud));
  const existing = (cloud: Cloud, id: string): Entity => {
    const entity = locate(cloud, id);
    if (entity === undefined) {
      throw missing("NotFound", `there is no ${called} with the id ${id}`);
    }
    return entity;
  };
  const put = (cloud: Cloud, inputs: I, id: string, current: Entity | undefined): Entity => {
    const { shown, hidden: own } = kind.split?.(inputs) ?? { shown: inputs, hidden: {} };
    const hidden = { ...current?.hidden, ...own };
    return cloud.state.put({
      token,
      id,
      key: kind.key?.(inputs, cloud) ?? id,
      within: kind.within?.(inputs, cloud) ?? [],
      properties: { ...shown, ...kind.computed?.(inputs, cloud, id, current) },
      ...(Object.keys(hidden).length > 0 ? { hidden } : {}),
    });
  };
  const holderOf = (cloud: Cloud, inputs: I): Entity | undefined =>
    kind.key === undefined ? undefined : cloud.state.byKey(token, kind.key(inputs, cloud));
  const refuseClash = (cloud: Cloud, inputs: I, current: Entity | undefined): void => {
    const holder = holderOf(cloud, inputs);
    if (holder !== undefined && holder.id !== current?.id) {
      throw kind.duplicate?.(inputs) ?? conflict("AlreadyExists", `this ${called} exists already, as ${holder.id}`);
    }
  };
  return {
    token,
    create(cloud, properties) {
      const inputs = parse(kind.inputs, properties, called);
      const holder = kind.overwrites === true ? holderOf(cloud, inputs) : undefined;
      kind.check?.(inputs, cloud, holder);
      refuseClash(cloud, inputs, holder);
      const entity = put(cloud, inputs, holder?.id ?? kind.newId?.(inputs, cloud) ?? newGuid(), holder);
      kind.afterCreate?.(entity, cloud);
      return show(entity, cloud);
    },
    read(cloud, id) {
      const entity = locate(cloud, id);
      return entity === undefined ? undefined : show(entity, cloud);
    },
    update(cloud, id, _olds, news) {
      const entity = existing(cloud, id);
      const inputs = parse(kind.inputs, news, called);
      kind.check?.(inputs, cloud, entity);
      refuseClash(cloud, inputs, entity);
      return show(put(cloud, inputs, entity.id, entity), cloud);
    },
    delete(cloud, id) {
      const entity = existing(cloud, id);
      kind.beforeDelete?.(entity, cloud);
      cloud.state.remove(token, entity.id);
    },
    find(cloud, properties) {
      const inputs = parse(kind.inputs, properties, called);
      const holder =
        holderOf(cloud, inputs) ?? cloud.state.list(token).find((entity) => kind.alike?.(inputs, entity) === true);
      return holder?.deletedAt === undefined ? holder?.id : undefined;
    },
  };
}

/** Whole numbers in the order of their making, as ids of one sequence. */
export function numbered(sequence: string): (inputs: unknown, cloud: Cloud) => string {
  return (_inputs, cloud) => String(cloud.state.nextNumber(sequence));
}

/** Some properties without those that are named. */
export function without(properties: Properties, ...names: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !names.includes(name)));
}

/** The property as text. What a kind stored itself is text where its form says so, so nothing else is expected. */
export function text(entity: Entity, property: string): string {
  const value = entity.properties[property];
  return typeof value === "string" ? value : "";
}
