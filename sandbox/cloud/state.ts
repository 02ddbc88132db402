/** The state of both clouds: entities in memory, each in a JSON file of its own that is written atomically. */
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";

/** Plain JSON, with the property names of the Pulumi schemas. */
export type Properties = Readonly<Record<string, unknown>>;

/** Names one entity: its kind's token and its id. */
export interface Reference {
  readonly token: string;
  readonly id: string;
}

/** One thing that a service holds. */
export interface Entity extends Reference {
  /** What no two entities of a token may share, in lower case where the service ignores case. */
  readonly key: string;
  /** What this one is deleted with: it goes as soon as one of these does. */
  readonly within: readonly Reference[];
  readonly properties: Properties;
  /** What the service knows and shows nobody: secrets, and marks of its own. */
  readonly hidden?: Properties;
  /** When it was deleted softly, ISO 8601. */
  readonly deletedAt?: string;
}

/** Far more than one process makes. */
const changesPerStart = 1_000_000_000;

/** A file of the state that cannot be understood. */
export class StateError extends Error {
  public constructor(file: string, cause: unknown) {
    super(`${file} cannot be read: remove it, or remove the whole folder for an empty cloud`, { cause });
    this.name = "StateError";
  }
}

/**
 * Changes are synchronous, so a check and the change that follows it cannot be torn apart by another request. Every change is on
 * the disk when the call returns; a process that is killed between two changes leaves the first one whole.
 */
export class State {
  private readonly entities = new Map<string, Map<string, Entity>>();
  private readonly keys = new Map<string, Map<string, string>>();
  private counters: Record<string, number> = {};
  private changes = 0;

  private constructor(private readonly folder: string) {}

  /** Reads what an earlier process left. What belongs to something that is gone is removed. */
  public static load(folder: string): State {
    const state = new State(folder);
    mkdirSync(join(folder, "entities"), { recursive: true, mode: 0o700 });
    state.counters = (readJson(state.counterFile) as Record<string, number> | undefined) ?? {};
    for (const directory of readdirSync(join(folder, "entities"))) {
      for (const file of readdirSync(join(folder, "entities", directory))) {
        state.loadFile(join(folder, "entities", directory, file));
      }
    }
    state.sweep();
    // Above every number of earlier processes, whatever the clock says.
    state.changes = state.nextNumber("start") * changesPerStart;
    return state;
  }

  /** Grows with every change, also across restarts. */
  public get revision(): number {
    return this.changes;
  }

  /** The entity, unless it does not exist or is deleted softly. */
  public get(token: string, id: string): Entity | undefined {
    const entity = this.entities.get(token)?.get(id);
    return entity?.deletedAt === undefined ? entity : undefined;
  }

  /** The entity that holds this key, also when it is deleted softly. */
  public byKey(token: string, key: string): Entity | undefined {
    const id = this.keys.get(token)?.get(key);
    return id === undefined ? undefined : this.entities.get(token)?.get(id);
  }

  /** All that exist, in the order of their making where that is known since the start. */
  public list(token: string): Entity[] {
    return [...(this.entities.get(token)?.values() ?? [])].filter((entity) => entity.deletedAt === undefined);
  }

  public put(entity: Entity): Entity {
    this.changes += 1;
    const before = this.entities.get(entity.token)?.get(entity.id);
    const directory = this.directory(entity.token);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeWhole(join(directory, fileName(entity.id)), `${JSON.stringify(entity, undefined, 1)}\n`);
    if (before !== undefined && before.key !== entity.key) {
      this.keys.get(entity.token)?.delete(before.key);
    }
    this.remember(entity);
    return entity;
  }

  /** Removes an entity and all that is within it. The entity goes first: what a kill leaves behind is swept at the next start. */
  public remove(token: string, id: string): void {
    const entity = this.entities.get(token)?.get(id);
    if (entity !== undefined) {
      this.forget(entity);
      this.removeWithin({ token, id });
    }
  }

  /** The next number of a sequence, greater than `after`; never given twice, whatever is deleted. */
  public nextNumber(sequence: string, after = 0): number {
    const next = Math.max(this.counters[sequence] ?? 0, after) + 1;
    const counters = { ...this.counters, [sequence]: next };
    writeWhole(this.counterFile, `${JSON.stringify(counters)}\n`);
    this.counters = counters;
    return next;
  }

  private get counterFile(): string {
    return join(this.folder, "counters.json");
  }

  private directory(token: string): string {
    return join(this.folder, "entities", token.replace(/[^A-Za-z0-9]+/g, "-"));
  }

  private loadFile(file: string): void {
    if (!file.endsWith(".json")) {
      // A write that was interrupted before its rename: the file that it was to replace is whole.
      rmSync(file, { force: true });
      return;
    }
    const entity = readJson(file) as Partial<Entity> | undefined;
    if (typeof entity?.token !== "string" || typeof entity.id !== "string" || typeof entity.key !== "string") {
      throw new StateError(file, new Error("it holds no entity"));
    }
    this.remember(entity as Entity);
  }

  private remember(entity: Entity): void {
    within(this.entities, entity.token).set(entity.id, entity);
    within(this.keys, entity.token).set(entity.key, entity.id);
  }

  private forget(entity: Entity): void {
    this.changes += 1;
    rmSync(join(this.directory(entity.token), fileName(entity.id)), { force: true });
    this.entities.get(entity.token)?.delete(entity.id);
    if (this.keys.get(entity.token)?.get(entity.key) === entity.id) {
      this.keys.get(entity.token)?.delete(entity.key);
    }
  }

  private all(): Entity[] {
    return [...this.entities.values()].flatMap((entities) => [...entities.values()]);
  }

  private removeWithin(owner: Reference): void {
    for (const entity of this.all()) {
      if (entity.within.some(({ token, id }) => token === owner.token && id === owner.id)) {
        this.remove(entity.token, entity.id);
      }
    }
  }

  private sweep(): void {
    for (let orphans = this.orphans(); orphans.length > 0; orphans = this.orphans()) {
      orphans.forEach((orphan) => this.forget(orphan));
    }
  }

  private orphans(): Entity[] {
    const gone = ({ token, id }: Reference): boolean => this.entities.get(token)?.has(id) !== true;
    return this.all().filter((entity) => entity.within.some(gone));
  }
}

/** A new id in the form that both clouds use for most of what they hold. */
export function newGuid(): string {
  return randomUUID();
}

/** Survives the end of the process at any moment. The end of the machine's power it need not survive, which would cost a wait a write. */
function writeWhole(file: string, content: string): void {
  writeFileAtomic.sync(file, content, { mode: 0o600, fsync: false });
}

function within<V>(maps: Map<string, Map<string, V>>, token: string): Map<string, V> {
  const existing = maps.get(token);
  if (existing !== undefined) {
    return existing;
  }
  const made = new Map<string, V>();
  maps.set(token, made);
  return made;
}

/** Ids hold slashes and backslashes, and may be longer than a file's name can be. */
function fileName(id: string): string {
  const readable = id.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 80);
  return `${readable}.${createHash("sha256").update(id).digest("hex").slice(0, 16)}.json`;
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw new StateError(file, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StateError(file, cause);
  }
}
