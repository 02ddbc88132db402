/** The folders of a job on an agent, made new and taken away without ever leaving them. */
import { chmod, lstat, mkdir, readFile, readdir, rm } from "node:fs/promises";
import { existsSync, realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** The layout that the real agent has below its own folder. */
export interface Workspace {
  /** `Agent.HomeDirectory`. */
  readonly root: string;
  /** `Agent.WorkFolder`. */
  readonly work: string;
  /** `Pipeline.Workspace`. */
  readonly job: string;
  readonly sources: string;
  readonly staging: string;
  readonly binaries: string;
  readonly testResults: string;
  /** `Agent.TempDirectory`. */
  readonly temp: string;
  readonly tools: string;
  /** `HOME` of the steps: new, like that of a hosted agent. */
  readonly home: string;
  /** What the agent's machine has beside the job: programs that steps find, and their socket. */
  readonly machine: string;
}

/** A job's folder cannot be made or taken away. */
export class WorkspaceError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = "WorkspaceError";
  }
}

export function workspaceOf(root: string): Workspace {
  const work = join(root, "_work");
  const job = join(work, "1");
  return {
    root,
    work,
    job,
    sources: join(job, "s"),
    staging: join(job, "a"),
    binaries: join(job, "b"),
    testResults: join(job, "TestResults"),
    temp: join(work, "_temp"),
    tools: join(work, "_tool"),
    home: join(root, "home"),
    machine: join(root, "machine"),
  };
}

/**
 * Makes a job's folders; what was in the folder is gone.
 * @throws WorkspaceError where the folder is a link or holds a mounted file system
 */
export async function makeWorkspace(folder: string): Promise<Workspace> {
  const found = await lstat(folder).catch(() => undefined);
  if (found !== undefined && !found.isDirectory()) {
    throw new WorkspaceError(`${folder} is no folder of an agent: remove it, and run the job again`);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const workspace = workspaceOf(realpathSync(folder));
  await emptyFolder(workspace.root);
  const { sources, staging, binaries, testResults, temp, tools, home, machine } = workspace;
  for (const each of [sources, staging, binaries, testResults, temp, tools, home, machine]) {
    await mkdir(each, { recursive: true, mode: 0o700 });
  }
  return workspace;
}

/**
 * Removes a job's folder with all that is in it. A link in it is removed, and never what it leads to.
 * @throws WorkspaceError where it holds a mounted file system
 */
export async function removeWorkspace(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (found === undefined) return;
  if (found.isDirectory()) await emptyFolder(folder);
  await rm(folder, { recursive: true, force: true });
}

/**
 * Makes a folder below the job's own an empty one. A link that a step put in its place, or on the way to it, is removed.
 * @throws WorkspaceError where it holds a mounted file system
 */
export async function makeEmptyFolder({ root }: Workspace, folder: string): Promise<void> {
  const parts = relative(root, folder).split(sep);
  if (parts[0] === "..") throw new WorkspaceError(`${folder} is not in the agent's folder ${root}`);
  for (const [index] of parts.entries()) {
    const place = join(root, ...parts.slice(0, index + 1));
    const found = await lstat(place).catch(() => undefined);
    if (found?.isDirectory() === true) continue;
    await rm(place, { force: true });
    await mkdir(place, { mode: 0o700 });
  }
  await emptyFolder(folder);
}

async function emptyFolder(folder: string): Promise<void> {
  const mounted = await mountsIn(realpathSync(folder));
  const [first] = mounted;
  if (first !== undefined) {
    throw new WorkspaceError(
      `a job mounted a file system at ${first}: unmount it (umount ${first}), so that its files are left alone`,
    );
  }
  for (const name of await readdir(folder)) await removeAll(join(folder, name));
}

async function removeAll(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // A folder that its owner may not write to, such as a module cache.
    await openFolders(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function openFolders(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return;
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await openFolders(join(path, entry.name));
  }
}

/** Where file systems are mounted in a folder (proc(5), "mountinfo"). */
async function mountsIn(folder: string): Promise<string[]> {
  if (!existsSync("/proc/self/mountinfo")) return [];
  const places = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").map((line) => line.split(" ")[4] ?? "");
  return places
    .map((place) => place.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))))
    .filter((place) => place === folder || place.startsWith(`${folder}/`))
    .filter((place) => place !== folder);
}
