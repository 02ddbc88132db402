/** What keeps a provider's resources: the stand-in cloud, or the plugin itself. */
import type { PlainMap } from "./properties";

/** What the service holds for one resource. */
export interface Entity {
  readonly id: string;
  readonly properties: PlainMap;
}

/** The work behind a provider's resources. Times are in seconds; without one the service's own limit holds. */
export interface ResourceService {
  create(token: string, inputs: PlainMap, seconds?: number): Promise<Entity>;
  /**
   * Nothing where the service has no such resource any more.
   * @param known the state as the engine keeps it; empty for an import
   */
  read(token: string, id: string, seconds?: number, known?: PlainMap): Promise<Entity | undefined>;
  update(token: string, id: string, olds: PlainMap, news: PlainMap, seconds?: number): Promise<Entity>;
  /** A resource that is gone already is no error. */
  delete(token: string, id: string, seconds?: number, known?: PlainMap): Promise<void>;
  invoke(token: string, args: PlainMap): Promise<PlainMap>;
  /** The id of what these inputs would clash with, if anything. */
  find(token: string, inputs: PlainMap): Promise<string | undefined>;
  /** Refuses what comes from now on; what runs may end. */
  cancel(): void;
}
