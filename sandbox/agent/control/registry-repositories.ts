/** Names of the repositories that the registry holds, from its own files: over HTTP, as in Azure, nobody may list them all. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Folder of the repositories under that of the services (distribution's "Storage driver" layout, version 2). */
function repositoriesFolder(services: string): string {
  return join(services, "registry", "content", "docker", "registry", "v2", "repositories");
}

/** Those that hold a tag, or were pushed to by digest, in the order of their names. */
export function registryRepositories(services: string): string[] {
  const found: string[] = [];
  const walk = (folder: string, name: string): void => {
    if (existsSync(join(folder, "_manifests", "revisions"))) found.push(name);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || entry.name.startsWith("_")) continue;
      walk(join(folder, entry.name), name === "" ? entry.name : `${name}/${entry.name}`);
    }
  };
  const root = repositoriesFolder(services);
  if (existsSync(root)) walk(root, "");
  return found.sort();
}
