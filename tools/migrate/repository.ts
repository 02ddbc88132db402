/** Reads a team's repository: its inspection, the texts that a migration looks at, and what git knows of it. */
import * as path from "node:path";
import { parse } from "smol-toml";
import type { CommandContext } from "../context";
import { UsageError } from "../errors";
import { inspectRepository, type Inspection } from "../inspect";
import { listFiles } from "../inspect/files";
import { readIgnore } from "../lint/ignore-file";
import type { ContextFiles } from "../lint/subject";
import { findProgram, run } from "../process";

/** A team's repository, as far as it was read. */
export interface TeamRepository {
  /** Absolute. */
  readonly folder: string;
  readonly inspection: Inspection;
  /** Every file up to some folders deep, relative, with `/`. */
  readonly paths: readonly string[];
  /** Text of a file; `undefined` where there is none or it is no text. */
  read(file: string): string | undefined;
  /** Address that git pushes to, without credentials. */
  readonly remote: { readonly project: string; readonly repository: string } | undefined;
  /** The branch that git knows as the repository's own, where it is another than `main`; else `undefined`. */
  readonly mainBranch: string | undefined;
  /** Files that git has or would take, so none that it ignores; `undefined` where the folder is no repository. */
  readonly tracked: ReadonlySet<string> | undefined;
  /** What each console script calls. */
  readonly scriptTargets: ReadonlyMap<string, string>;
}

/** @throws UsageError where the folder is none. */
export async function readTeamRepository(given: string, context: CommandContext): Promise<TeamRepository> {
  const folder = path.resolve(context.workingFolder, given);
  const inspection = await inspectRepository(folder);
  const files = await listFiles(folder);
  const git = async (...args: string[]) => await askGit(folder, args, context);
  const tracked = await git("ls-files", "-z", "--cached", "--others", "--exclude-standard");
  const remote = tracked === undefined ? undefined : await git("config", "--get", "remote.origin.url");
  return {
    folder,
    inspection,
    paths: files.paths,
    read: (file) => files.read(file),
    remote: azureRepository(remote?.trim() ?? ""),
    mainBranch: tracked === undefined ? undefined : mainBranch(await git("for-each-ref", `--format=${REFS}`)),
    tracked: tracked === undefined ? undefined : new Set(tracked.split("\0").filter((file) => file !== "")),
    scriptTargets: scriptTargets(files.read("pyproject.toml")),
  };
}

const REFS = "%(refname) %(symref)";

/** What origin's HEAD points at, or `master` where there is no `main`. */
function mainBranch(refs = ""): string | undefined {
  const lines = refs.split("\n").map((line) => line.trim());
  const head = /^refs\/remotes\/origin\/HEAD refs\/remotes\/origin\/(\S+)$/m.exec(lines.join("\n"))?.[1];
  if (head !== undefined) return head === "main" ? undefined : head;
  const has = (name: string) =>
    lines.some((line) => /^refs\/(?:heads|remotes\/origin)\/(.*)$/.exec(line)?.[1] === name);
  return has("master") && !has("main") ? "master" : undefined;
}

/** What git says; `undefined` where it is not there, or refuses. Hooks, helpers and questions are not for a look. */
export async function askGit(
  folder: string,
  args: readonly string[],
  context: Pick<CommandContext, "environment" | "signal">,
): Promise<string | undefined> {
  if (findProgram("git", context.environment) === undefined) return undefined;
  const environment = { ...context.environment, GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };
  const { code, output } = await run("git", ["-C", folder, "-c", "core.fsmonitor=false", ...args], {
    environment,
    signal: context.signal,
  });
  return code === 0 ? output : undefined;
}

/**
 * Project and repository of an address of Azure Repos: `https://dev.azure.com/<organization>/<project>/_git/<repository>`,
 * `git@ssh.dev.azure.com:v3/<organization>/<project>/<repository>`, and the older `visualstudio.com`.
 */
export function azureRepository(address: string): TeamRepository["remote"] {
  const [, project, repository] =
    /^https?:\/\/(?:[^@/]*@)?dev\.azure\.com\/[^/]+\/(?:([^/]+)\/)?_git\/([^/?#]+)\/?$/.exec(address) ??
    /^https?:\/\/(?:[^@/]*@)?[^/]+\.visualstudio\.com\/(?:DefaultCollection\/)?(?:([^/]+)\/)?_git\/([^/?#]+)\/?$/.exec(
      address,
    ) ??
    /^(?:ssh:\/\/)?[^@/]+@(?:ssh\.dev\.azure\.com|vs-ssh\.visualstudio\.com)[:/](?:22\/)?v3\/[^/]+\/([^/]+)\/([^/]+)$/.exec(
      address,
    ) ??
    [];
  if (repository === undefined) return undefined;
  try {
    const name = decodeURIComponent(repository);
    // A project's own repository can be named without the project.
    return { project: decodeURIComponent(project ?? repository), repository: name };
  } catch {
    return undefined;
  }
}

function scriptTargets(pyproject: string | undefined): ReadonlyMap<string, string> {
  try {
    const document = parse(pyproject ?? "");
    const tables = [at(document, "project", "scripts"), at(document, "tool", "poetry", "scripts")];
    return new Map(
      tables
        .flatMap((table) => Object.entries(typeof table === "object" && table !== null ? table : {}))
        .flatMap(([name, target]) => (typeof target === "string" ? [[name, target]] : [])),
    );
  } catch {
    // The inspection says that it is no TOML.
    return new Map();
  }
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

const DESCRIBING =
  /^(?:pyproject\.toml|setup\.(?:py|cfg)|MANIFEST\.in|README[^/]*|LICEN[CS]E[^/]*|NOTICE[^/]*|CHANGELOG[^/]*|[^/]*\.lock|Pipfile|poetry\.toml|pdm\.toml|tox\.ini|\.python-version|(?:requirements|constraints)[^/]*|bindep\.txt)$/i;

/** Whether a path, or every path that a pattern takes, is part of the Python project. */
export function isProjectFile(repository: TeamRepository, path: string): boolean {
  if (/[*?]/.test(path)) {
    const pattern = new RegExp(
      `^${path
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replace(/\*/g, "[^/]*")
        .replace(/\?/g, "[^/]")}$`,
    );
    return repository.paths.filter((file) => pattern.test(file)).every((file) => isProjectFile(repository, file));
  }
  if (DESCRIBING.test(path) || path === "src" || path.startsWith("src/") || path === "requirements") return true;
  const top = path.split("/")[0] ?? "";
  if (repository.paths.includes(`${top}/__init__.py`)) return true;
  const modules = [...repository.scriptTargets.values()].map((target) => target.split(/[.:]/)[0] ?? "");
  return modules.some((module) => top === module || path === `${module}.py`);
}

/** Files that a build of the folder takes along, for lint. */
export function contextOf(repository: TeamRepository, folder: string): ContextFiles {
  const ignored = readIgnore(repository.read(folder === "" ? ".dockerignore" : `${folder}/.dockerignore`) ?? "");
  const below = folder === "" ? "" : `${folder}/`;
  const files = repository.paths
    .filter((file) => file.startsWith(below) && (repository.tracked?.has(file) ?? true))
    .map((file) => file.slice(below.length))
    .filter((file) => !ignored(file));
  return { files, read: (file) => (files.includes(file) ? repository.read(`${below}${file}`) : undefined) };
}

/** @throws UsageError for a file that is not there. */
export function readNamed(repository: TeamRepository, file: string, option: string): string {
  const text = repository.read(file);
  if (text !== undefined) return text;
  throw new UsageError(`there is no ${file} in ${repository.folder}`, `Name a file of the repository with ${option}.`);
}
