/** The lock of a base image: from a file, or out of the registry, of which only its last layer is fetched. */
import { readFileSync } from "node:fs";
import type { CommandContext } from "../context";
import { OutsideError, UsageError } from "../errors";
import { openImage, readFileFromImage } from "../image";
import { formatReference, parseReference, type RegistryClient } from "../registry";
import { parseLock, type Pin } from "./lock";

/** Where a base image keeps its lock, in a small layer of its own: the last one. */
export const baseLockPath = "/opt/wheelhouse/requirements.txt";

export interface BaseLock {
  /** As errors call it. */
  readonly name: string;
  readonly pins: readonly Pin[];
  /** The image that it was read from, pinned. */
  readonly image: { readonly reference: string; readonly digest: string } | undefined;
}

/** @throws UsageError for a file that is missing or no lock. */
export function baseLockFromFile(file: string, name: string): BaseLock {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--base-lock: ${file} cannot be read`, "", { cause: error });
  }
  return { name, pins: parseLock(text, file), image: undefined };
}

/**
 * @param platform such as `linux/amd64`; the lock is the same for all that the image has.
 * @throws OutsideError where the registry has no such image, or the image no lock.
 */
export async function baseLockFromRegistry(
  text: string,
  platform: string,
  client: RegistryClient,
  context: CommandContext,
): Promise<BaseLock> {
  const reference = parseReference(text);
  const found = await client.head(reference);
  if (found === undefined) {
    throw new OutsideError(`the registry has no image ${text}`, "run the pipeline of the base image first");
  }
  const { registry, repository } = reference;
  const pinned = formatReference({ registry, repository, digest: found.digest });
  const image = await openImage(pinned, { client, signal: context.signal });
  try {
    const lock = await readFileFromImage(image, baseLockPath, platform);
    if (lock === undefined) {
      throw new OutsideError(
        `${text} has no ${baseLockPath}: it is no base image that this version of Wheelhouse made`,
        "run the pipeline of the base image again",
      );
    }
    return {
      name: repository,
      pins: parseLock(lock.toString("utf8"), `${text}:${baseLockPath}`),
      image: { reference: text, digest: found.digest },
    };
  } finally {
    await image.close();
  }
}
