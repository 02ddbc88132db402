/** Writes the folders that docker's clients read: one user's credentials, and buildx as a plugin. */
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import writeFileAtomic from "write-file-atomic";

import type { BasicCredentials } from "../basic-credentials";
import type { RegistryUser } from "../types";

/**
 * Writes or renews a user's folder.
 * @param buildx Path of the program `docker-buildx`.
 */
export function writeDockerConfig(
  folder: string,
  host: string,
  { user, password }: BasicCredentials,
  buildx: string,
): RegistryUser {
  const plugins = join(folder, "cli-plugins");
  mkdirSync(plugins, { recursive: true, mode: 0o700 });
  const auth = Buffer.from(`${user}:${password}`).toString("base64");
  const config = { auths: { [host]: { auth } } };
  writeFileAtomic.sync(join(folder, "config.json"), `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
  const passwordFile = join(folder, "password");
  writeFileAtomic.sync(passwordFile, password, { mode: 0o600 });
  const plugin = join(plugins, "docker-buildx");
  rmSync(plugin, { force: true });
  symlinkSync(buildx, plugin);
  return { name: user, passwordFile, dockerConfig: folder };
}
