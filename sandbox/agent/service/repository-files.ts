/** Reads pipelines' files and what pushes changed, each thing once: a commit never changes. */
import type { MainFile } from "../model";
import { PipelineFileError, readMainFile } from "../yaml";
import type { TriggerSources } from "./triggers";
import { CloudRefused, type CloudClient, type Definition } from "./world";

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

  public async mainFile({ repositoryId, file, name }: Definition, commit: string): Promise<MainFile | undefined> {
    const read = async (): Promise<MainFile | undefined> => {
      const text = await this.file(repositoryId, commit, file);
      return text === undefined ? undefined : this.parsed(text, file, `"${name}" at ${commit.slice(0, 7)}`);
    };
    // A repository that is switched off starts nothing, and keeps no other one from it.
    return orElse(this.mains.get(`${repositoryId} ${commit} ${file}`, read), undefined);
  }

  public async changedPaths(repositoryId: string, before: string | undefined, after: string): Promise<string[]> {
    const tree = async (commit: string | undefined): Promise<ReadonlyMap<string, string>> =>
      commit === undefined
        ? new Map()
        : orElse(
            // What was there before a forced push may be gone: then everything counts as changed.
            this.trees.get(`${repositoryId} ${commit}`, () => this.cloud.tree(repositoryId, commit)),
            new Map(),
          );
    const [old, now] = await Promise.all([tree(before), tree(after)]);
    return [...new Set([...old.keys(), ...now.keys()])].filter((path) => old.get(path) !== now.get(path));
  }

  public async messages(repositoryId: string, before: string | undefined, after: string): Promise<string[]> {
    const history = (commit: string): ReturnType<CloudClient["history"]> =>
      orElse(this.cloud.history(repositoryId, commit), []);
    const commits = await history(after);
    const known = new Set(before === undefined ? [] : (await history(before)).map(({ id }) => id));
    return commits.filter(({ id }) => !known.has(id)).map(({ message }) => message);
  }

  private parsed(text: string, file: string, of: string): MainFile | undefined {
    try {
      return readMainFile(text, file);
    } catch (error) {
      if (!(error instanceof PipelineFileError)) throw error;
      this.write(`triggers of ${of}: ${error.message}`);
      return undefined;
    }
  }
}

/** The fallback where the clouds refuse; where they are away or troubled, nobody knows yet. */
async function orElse<T>(answer: Promise<T>, fallback: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CloudRefused && error.status < 500) return fallback;
    throw error;
  }
}
