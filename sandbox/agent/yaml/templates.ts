/** Finds and reads template files: by a path beside the file that names them, or in a repository of the pipeline. */
import { quote } from "../../../spec/rule";
import type { TemplatePlace } from "../model";
import { DEEPEST_TEMPLATES, MOST_FILES, type Budget } from "./budget";
import { checkExpressions } from "./check-expressions";
import { PipelineFileError, type Place } from "./error";
import { weightOf, type MappingNode } from "./node";
import { located } from "./scope";
import { suggest } from "./suggestion";
import { readMapping } from "./source";

/** A file of a pipeline: where it lies, and how deep in templates it was named. */
export interface Origin extends TemplatePlace {
  /** 0 for the main file. */
  readonly level: number;
}

export interface TemplateFile {
  readonly origin: Origin;
  readonly root: MappingNode;
}

/** What a template that is named costs, and a character that is read, beside a character that is compared. */
const INCLUSION = 2000;
const READING = 40;

export class Templates {
  /** Every template that took part, in the order in which they were read first. */
  readonly places: TemplatePlace[] = [];
  private readonly roots = new Map<string, MappingNode>();

  constructor(
    private readonly load: (place: TemplatePlace) => Promise<string | undefined>,
    /** Names of the pipeline's repository resources. */
    readonly aliases: readonly string[],
    private readonly budget: Budget,
  ) {}

  /**
   * The template that a file names.
   * @param reference such as `steps/build.yml`, `/build.yml` or `build.yml@templates`
   * @throws PipelineFileError where there is none, and above 100 files or 100 levels.
   */
  async open(reference: string, from: Origin, place: Place): Promise<TemplateFile> {
    const target = resolve(reference, from, this.aliases, place);
    const level = from.level + 1;
    if (level > DEEPEST_TEMPLATES) {
      throw new PipelineFileError(
        place,
        `templates name each other in more than ${DEEPEST_TEMPLATES} levels`,
        "look for one that names itself",
      );
    }
    const root = await this.read(target, place);
    located(place, "", () => {
      this.budget.make(weightOf(root));
      this.budget.look(INCLUSION);
    });
    return { origin: { ...target, level }, root };
  }

  private async read(target: TemplatePlace, place: Place): Promise<MappingNode> {
    const label = labelOf(target);
    // Not the label: a path with an @ in it must never pass for a file of another repository.
    const id = JSON.stringify([target.repository, target.path]);
    const known = this.roots.get(id);
    if (known !== undefined) return known;
    // The main file is one of them.
    if (this.roots.size + 1 >= MOST_FILES) {
      throw new PipelineFileError(
        place,
        `the pipeline has more than ${MOST_FILES} files`,
        "put small templates together",
      );
    }
    const text = await this.load(target);
    if (text === undefined) {
      throw new PipelineFileError(
        place,
        `there is no file ${quote(target.path)} in ${repositoryOf(target)}`,
        "a path is relative to the file that names it; one with @ starts at the repository's root",
      );
    }
    const root = readMapping(text, label);
    located(place, "", () => this.budget.look(weightOf(root) * READING));
    checkExpressions(root);
    this.roots.set(id, root);
    this.places.push(target);
    return root;
  }
}

/** The name of a file in errors: its path, with its repository where that is not the pipeline's own. */
export function labelOf({ repository, path }: TemplatePlace): string {
  return repository === "self" ? path : `${path}@${repository}`;
}

function repositoryOf({ repository }: TemplatePlace): string {
  return repository === "self" ? "the pipeline's own repository" : `repository ${repository}`;
}

function resolve(reference: string, from: Origin, aliases: readonly string[], place: Place): TemplatePlace {
  const at = reference.lastIndexOf("@");
  const path = at === -1 ? reference : reference.slice(0, at);
  if (at === -1) {
    const folder = path.startsWith("/") ? "" : from.path.slice(0, from.path.lastIndexOf("/") + 1);
    return { repository: from.repository, path: normalized(folder + path, reference, place) };
  }
  const wanted = reference.slice(at + 1);
  const alias = ["self", ...aliases].find((one) => one.toLowerCase() === wanted.toLowerCase());
  if (alias === undefined) {
    throw new PipelineFileError(
      place,
      `${quote(reference)} names a repository that the pipeline does not have: ${quote(wanted)}`,
      `add it to resources: repositories:; ${suggest(wanted, ["self", ...aliases])}`,
    );
  }
  return { repository: alias, path: normalized(path, reference, place) };
}

function normalized(path: string, reference: string, place: Place): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.pop() !== undefined) continue;
    if (part === ".." || /[\\@\p{C}]/u.test(part)) {
      throw new PipelineFileError(
        place,
        `${quote(reference)} is no path in the repository`,
        "write one with / that stays in it, without @ in its names",
      );
    }
    parts.push(part);
  }
  if (parts.length === 0)
    throw new PipelineFileError(place, `${quote(reference)} names no file`, "write template: path/to/file.yml");
  return parts.join("/");
}
