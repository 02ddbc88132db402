/** What the commits of the stand-in's repositories say about each other. */
import { git } from "./process";

/** The parents of a commit, the first one first. `repository` is the bare repository's folder. */
export async function parentsOf(repository: string, commit: string): Promise<string[]> {
  const { output } = await git(["rev-list", "--parents", "-n", "1", commit], { repository });
  return output.trim().split(" ").slice(1);
}
