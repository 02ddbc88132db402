/** Path filters of branch policies: `*` for any text, `/` at the start, and `!` before what is left out. */

function matches(pattern: string, path: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(path);
}

/** A path like `/apps/*`, a folder like `/apps`, or an ending like `*.py`. */
function covers(pattern: string, path: string): boolean {
  const whole = `/${path}`;
  const rooted = pattern.startsWith("/") || pattern.startsWith("*") ? pattern : `/${pattern}`;
  return matches(rooted, whole) || matches(`${rooted.replace(/\/$/, "")}/*`, whole);
}

/**
 * Whether a changed file is one that the patterns speak of: the last pattern that covers it decides, and where all of them leave
 * something out, all else is included.
 */
export function pathMatches(patterns: readonly string[], path: string): boolean {
  let included = patterns.every((pattern) => pattern.startsWith("!"));
  for (const pattern of patterns) {
    const excludes = pattern.startsWith("!");
    if (covers(excludes ? pattern.slice(1) : pattern, path)) {
      included = !excludes;
    }
  }
  return included;
}
