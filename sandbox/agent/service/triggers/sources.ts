/** What triggers ask for: main files of pipelines, and what pushes changed. */
import type { MainFile } from "../../model";
import type { Definition } from "../world";

export interface TriggerSources {
  /** The pipeline's main file at a commit; undefined where it is not there or cannot be read, which is noted once. */
  mainFile(definition: Definition, commit: string): Promise<MainFile | undefined>;
  /** Paths that differ between two commits; without a first one, all that the second has. */
  changedPaths(repositoryId: string, before: string | undefined, after: string): Promise<readonly string[]>;
  /** Messages of the commits that a push brought, the newest first. */
  messages(repositoryId: string, before: string | undefined, after: string): Promise<readonly string[]>;
}
