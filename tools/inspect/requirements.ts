/** Finds the file that a repository's packages are resolved from, and the lock that its team keeps. */
import { lockPath, requirementsPath } from "../../spec/paths";
import { parseLock } from "../resolve/lock";
import type { RepositoryFiles } from "./files";
import type { ProjectFacts } from "./inspection";

/** What was found, and what is to be said about it. */
export interface FoundRequirements {
  readonly requirements: string | undefined;
  readonly lock: string | undefined;
  readonly notes: readonly string[];
}

/** Requirements files that are not for development, by how teams name them; the first that is there is taken. */
const USUAL = [
  "requirements.in",
  "requirements.txt",
  "requirements/prod.in",
  "requirements/production.in",
  "requirements/base.in",
  "requirements/prod.txt",
  "requirements/production.txt",
  "requirements/base.txt",
  "requirements/requirements.txt",
  "requirements-prod.txt",
  "requirements_prod.txt",
];
const DEVELOPMENT =
  /(?:^|[/._-])(?:dev|develop|development|test|tests|testing|lint|docs|doc|ci|typing|local)(?:[._-]|$)/i;

/**
 * @param project what `pyproject.toml` has of them.
 */
export function findRequirements(files: RepositoryFiles, project: ProjectFacts["requirements"]): FoundRequirements {
  const candidates = files.paths.filter(
    (file) => file.split("/").length <= 2 && /(?:^|\/)requirements[^/]*\.(?:txt|in|lock)$|^requirements\//.test(file),
  );
  const lists = candidates.filter((file) => requirementsPath(file) === undefined && !DEVELOPMENT.test(file));
  const lock = candidates.find(
    (file) => lockPath(file) === undefined && !DEVELOPMENT.test(file) && isLock(files, file),
  );
  const loose = USUAL.filter((file) => lists.includes(file) && file !== lock);
  const other = lists.filter((file) => file !== lock && !/constraints?/i.test(file));
  const listed = loose[0] ?? (lock === undefined && project === "none" ? other[0] : undefined);
  const requirements =
    project === "listed" ? "pyproject.toml" : (listed ?? (project === "none" ? undefined : "pyproject.toml"));
  const notes = ownFormats(files, lock);
  if (
    requirements === undefined &&
    lock === undefined &&
    files.paths.some((file) => /^setup\.(?:py|cfg)$/.test(file))
  ) {
    notes.push(
      "packages are listed in setup.py or setup.cfg alone: a pyproject.toml with [build-system] makes them known",
    );
  }
  return { requirements, lock, notes };
}

/** Every line of it is a pin with hashes. */
function isLock(files: RepositoryFiles, file: string): boolean {
  const text = files.read(file);
  if (text?.includes("--hash=") !== true) return false;
  try {
    return parseLock(text, file).length > 0;
  } catch {
    return false;
  }
}

function ownFormats(files: RepositoryFiles, lock: string | undefined): string[] {
  const exports = new Map([
    ["uv.lock", "uv export --format requirements-txt -o requirements.lock"],
    ["poetry.lock", "poetry export -o requirements.lock"],
    ["pdm.lock", "pdm export -o requirements.lock"],
    ["Pipfile.lock", "pipenv requirements --hash > requirements.lock"],
  ]);
  return files.paths
    .filter((file) => exports.has(file) && lock === undefined)
    .map((file) => `${file} is in its tool's own format; to build from it: ${exports.get(file) ?? ""}`);
}
