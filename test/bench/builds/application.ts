/** The application that the bench builds: a working copy of a sample, and the changes that the cases make to it. */
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "smol-toml";

const checkout = path.join(__dirname, "../../..");

/** Small packages of the public index, without others of their own, that the sample does not need yet. */
const addable = ["humanize>=4,<5", "inflection>=0.5,<1", "toolz>=1,<2", "more-itertools>=10,<12", "tabulate>=0.9,<1"];

/** How often a requirement can change. */
export const mostSamples = addable.length;

interface ProjectFile {
  readonly project: {
    readonly dependencies?: readonly string[];
    readonly "optional-dependencies"?: Readonly<Record<string, readonly string[]>>;
  };
}

/** A copy of the sample `orders`, as a team's checkout. */
export class Application {
  private added = 0;

  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    cpSync(path.join(checkout, "samples/applications/orders"), folder, { recursive: true });
    this.writeRequirements();
  }

  /** A line more in a module: the source differs, and nothing else. */
  changeSource(): void {
    appendFileSync(path.join(this.folder, "src/orders/__init__.py"), `# ${Date.now().toString()}\n`);
  }

  /** One package more. @throws Error when there is none left to add */
  changeRequirement(): void {
    const added = addable[this.added];
    if (added === undefined) throw new Error(`there are ${addable.length.toString()} packages to add, and no more`);
    const file = path.join(this.folder, "pyproject.toml");
    const text = readFileSync(file, "utf8");
    const changed = text.replace(/^dependencies = \[/m, `dependencies = [\n  "${added}",`);
    if (changed === text) throw new Error(`${file} has no list of dependencies to add to`);
    writeFileSync(file, changed);
    this.added += 1;
    this.writeRequirements();
  }

  /** What the other ways install in one go: the base image's packages, the application's and those of its extras. */
  private writeRequirements(): void {
    const base = readFileSync(path.join(checkout, "base-images/python-web/requirements.in"), "utf8");
    const { project } = parse(readFileSync(path.join(this.folder, "pyproject.toml"), "utf8")) as unknown as ProjectFile;
    const own = [...(project.dependencies ?? []), ...Object.values(project["optional-dependencies"] ?? {}).flat()];
    const others = own.filter((requirement) => !/^orders\b/.test(requirement));
    const wanted = [...base.split("\n").filter((line) => /^[a-z]/i.test(line)), ...new Set(others)];
    writeFileSync(path.join(this.folder, "requirements.txt"), `${wanted.join("\n")}\n`);
  }
}
