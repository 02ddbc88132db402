/** Looks through what a step wants to upload, before any of it is copied. */
import { readdirSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";

/**
 * Whether there is a file in it. Links are followed, as they are when it is copied.
 * @param root The agent's folder, which no link may leave: a copy of the whole machine is nobody's artifact.
 * @throws Error for a link that leads out of it, to a folder around itself, or nowhere
 */
export function holdsFile(source: string, root: string, around: readonly string[] = []): boolean {
  const real = realpathSync(source);
  const linked = around.length > 0 && real !== join(around.at(-1) ?? "", source.slice(source.lastIndexOf(sep) + 1));
  if (linked && !real.startsWith(root + sep)) {
    throw new Error(
      `${source} is a link to ${real}, which is not in the agent's folder: copy what is meant into the artifact`,
    );
  }
  if (around.includes(real))
    throw new Error(`${source} is a link to a folder that it is in: leave it out of the artifact`);
  if (!statSync(real).isDirectory()) return true;
  // All of it is looked at: `some` would stop at the first file.
  const found = readdirSync(real).map((name) => holdsFile(join(source, name), root, [...around, real]));
  return found.includes(true);
}
