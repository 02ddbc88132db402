/** Tells by its path what a file in a repository is. */

export type FileKind = "dockerfile" | "bake" | "pipeline" | "other";

export function fileKind(path: string): FileKind {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  if (name === "dockerfile" || name.startsWith("dockerfile.") || name.endsWith(".dockerfile")) return "dockerfile";
  if (/^docker-bake(?:\.override)?\.json$/.test(name)) return "bake";
  return /\.ya?ml$/.test(name) ? "pipeline" : "other";
}

/** The folder of a path, `""` for the repository's root. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end === -1 ? "" : path.slice(0, end);
}

/** Where in a file something is, for a message. A path that could be anything else is not repeated. */
export function placeInFile(path: string | undefined, line?: number): string {
  const file = path !== undefined && /^[\w./ -]{1,200}$/.test(path) ? ` of ${path}` : "";
  return `content${file}${line === undefined ? "" : `, line ${line}`}`;
}

/** Lines for a message: a few by number, the others by count. */
export function showLines(lines: readonly number[]): string {
  const distinct = [...new Set(lines)];
  const shown = distinct.slice(0, 5).join(", ");
  const more = distinct.length > 5 ? ` and ${distinct.length - 5} more` : "";
  return `${distinct.length === 1 ? "line" : "lines"} ${shown}${more}`;
}
