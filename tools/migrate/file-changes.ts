/** What becomes of the files beside Dockerfile and pipeline: requirements without indexes, files of credentials that go. */
import { posix } from "node:path";
import type { FoundCredential, FileChange } from "./proposal";
import { isIndexFile } from "./run-commands";
import { credentialVariables, withoutIndexLines, withoutSourceCredentials } from "./requirement-lines";
import type { TeamRepository } from "./repository";

export interface FilePlan {
  readonly changes: readonly FileChange[];
  /** Addresses of the indexes that files named, without credentials. */
  readonly indexes: readonly string[];
  /** Variables that carried credentials in addresses. */
  readonly variables: readonly string[];
}

/** @param roots requirements files that the image is built from. */
export function planFiles(
  repository: TeamRepository,
  roots: readonly string[],
  credentials: readonly FoundCredential[],
): FilePlan {
  const changes: FileChange[] = [];
  const indexes: string[] = [];
  const variables: string[] = [];
  const edit = (file: string, change: typeof withoutIndexLines) => {
    const before = repository.read(file);
    if (before === undefined) return;
    const { text, reasons, indexes: found } = change(before);
    indexes.push(...found);
    variables.push(...credentialVariables(before));
    if (text !== before) changes.push({ place: "team", file, before, after: text, reasons });
  };
  for (const file of withIncluded(repository, roots)) edit(file, withoutIndexLines);
  for (const file of ["pyproject.toml", "Pipfile"]) edit(file, withoutSourceCredentials);
  return { changes: [...changes, ...removedFiles(repository, credentials)], indexes: [...new Set(indexes)], variables };
}

/** Requirements files and those that they include. */
function withIncluded(repository: TeamRepository, roots: readonly string[]): string[] {
  const found: string[] = [];
  const visit = (file: string) => {
    if (found.includes(file) || found.length > 50) return;
    const text = repository.read(file);
    if (text === undefined) return;
    found.push(file);
    for (const match of text.matchAll(/^\s*(?:-r|--requirement|-c|--constraint)(?:\s+|=)(\S+)/gm)) {
      visit(posix.normalize(posix.join(posix.dirname(file), match[1] ?? "")));
    }
  };
  for (const root of roots) if (!root.endsWith(".toml")) visit(root);
  return found;
}

/** Committed files with credentials of package indexes: a recipe takes the whole source, and its scan would stop at them. */
function removedFiles(repository: TeamRepository, credentials: readonly FoundCredential[]): FileChange[] {
  return repository.paths
    .filter((file) => isIndexFile(file) && (repository.tracked?.has(file) ?? true))
    .filter((file) => credentials.some(({ at }) => at.replace(/:[0-9]+$/, "") === file))
    .flatMap((file) => {
      const before = repository.read(file);
      const why = "it holds a credential; a build gets the feed's as a secret, and nothing else needs the file";
      return before === undefined
        ? []
        : [{ place: "team" as const, file, before, after: undefined, reasons: [{ what: "the file goes", why }] }];
    });
}
