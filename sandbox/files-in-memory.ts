/** Files that nobody keeps, in memory instead of on a disk: there it takes as long to remove them as it took to write them. */
import { run } from "./process.mjs";

const gibibyte = 2 ** 30;

/** Memory that has to be available: builders and jobs take some 5 GiB at most, and what they run needs as much again. */
const enough = 12 * gibibyte;

/**
 * Value of `-o` of a `mount -t tmpfs`: files that this user alone may read, and that take at most half of the memory that is available.
 * To be mounted in a namespace that ends with its processes, and the files with it.
 * @returns nothing where the machine has too little memory
 */
export function memoryMountOptions(available = process.availableMemory()): string | undefined {
  return available < enough ? undefined : `mode=0700,size=${Math.floor(available / 2)}`;
}

/** Whether a process of this one may have mounts of its own: as root, and where a container does not forbid it. */
export async function mayHaveOwnMounts(environment: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    const options = { env: environment, allowFailure: true, timeoutSeconds: 10 };
    return (await run("unshare", ["--mount", "true"], options)).code === 0;
  } catch {
    return false; // There is no such program.
  }
}
