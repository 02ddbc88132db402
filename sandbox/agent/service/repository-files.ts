/** Reads pipelines' files and what pushes changed, each thing once: a commit never changes. */
import type { MainFile } from "../model";
import { PipelineFileError, readMainFile } from "../yaml";
import type { TriggerSources } from "./triggers";
import type { CloudClient, Definition } from "./world";

/** How many answers are kept. */
const mostKept = 2000;

/** Forgets what was asked for longest ago. */
class Kept<T> {
  private readonly values = new Map<string, Promise<T>>();

  public get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.values.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.values.set(key, made);
    // What failed is asked for again.
    made.catch(() => this.values.delete(key));
    const [oldest] = this.values.keys();
    if (this.values.size > mostKept && oldest !== undefined) this.values.delete(oldest);
    return made;
  }
}

export class RepositoryFiles implements TriggerSources {
  private readonly files = new Kept<string | undefined>();
  private readonly mains = new Kept<MainFile | undefined>();
  private readonly trees = new Kept<ReadonlyMap<string, string>>();

  public constructor(
    private readonly cloud: CloudClient,
    private readonly write: (line: string) => void,
  ) {}

  /** The text of a file at a commit; undefined where there is none. */
  public file(repositoryId: string, commit: string, path: string): Promise<string | undefined> {
    return this.files.get(`${repositoryId} ${commit} ${path}`, () => this.cloud.file(repositoryId, commit, path));
  }

  public mainFile({ repositoryId, file, name }: Definition, commit: string): Promise<MainFile | undefined> {
    return this.mains.get(`${repositoryId} ${commit} ${file}`, async () => {
      const text = await this.file(repositoryId, commit, file);
      if (text === undefined) return undefined;
      try {
        return readMainFile(text, file);
      } catch (error) {
        if (!(error instanceof PipelineFileError)) throw error;
        this.write(`triggers of "${name}" at ${commit.slice(0, 7)}: ${error.message}`);
        return undefined;
      }
    });
  }

  public async changedPaths(repositoryId: string, before: string | undefined, after: string): Promise<string[]> {
    const tree = (commit: string): Promise<ReadonlyMap<string, string>> =>
      this.trees.get(`${repositoryId} ${commit}`, () => this.cloud.tree(repositoryId, commit));
    const [old, now] = await Promise.all([
      before === undefined ? new Map<string, string>() : tree(before),
      tree(after),
    ]);
    return [...new Set([...old.keys(), ...now.keys()])].filter((path) => old.get(path) !== now.get(path));
  }

  public async messages(repositoryId: string, before: string | undefined, after: string): Promise<string[]> {
    const commits = await this.cloud.history(repositoryId, after);
    const known = new Set(
      before === undefined ? [] : (await this.cloud.history(repositoryId, before)).map(({ id }) => id),
    );
    return commits.filter(({ id }) => !known.has(id)).map(({ message }) => message);
  }
}
