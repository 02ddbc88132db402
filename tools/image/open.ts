/** Opens an image by what a user writes: a folder, a file, or a reference in a registry. */
import { stat } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { OutsideError, UsageError } from "../errors";
import { RegistryClient, parseReference, type RegistryClientOptions } from "../registry";
import { DockerArchiveSource, isDockerArchive } from "./docker-archive-source";
import { openArchive, openFolder } from "./file-store";
import { LayoutSource, isLayout } from "./layout-source";
import { type ImageSource } from "./model";
import { RegistrySource } from "./registry-source";

export interface OpenImageOptions extends RegistryClientOptions {
  /** Folder against which paths are taken. Default: this process' own. */
  readonly workingFolder?: string;
  /** A client to share, with its counters. Default: a new one from the other options. */
  readonly client?: RegistryClient;
  /** Where a packed archive is unpacked. Default: the system's temporary folder. */
  readonly temporaryFolder?: string;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/**
 * A path that exists is an OCI layout (folder, tar, tar.gz) or a docker archive (tar, tar.gz); anything else is a
 * reference. The caller closes what it got.
 * @throws UsageError for what is neither.
 */
export async function openImage(text: string, options: OpenImageOptions = {}): Promise<ImageSource> {
  const path = resolve(options.workingFolder ?? process.cwd(), text);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    if (isAbsolute(text) || text.startsWith("./") || text.startsWith("../")) {
      throw new UsageError(`there is no ${text}`, "Name a layout's folder, an archive, or a reference in a registry.");
    }
    return new RegistrySource(options.client ?? new RegistryClient(options), parseReference(text));
  }
  if (found.isDirectory()) {
    const store = await openFolder(path, text);
    if (isLayout(store.files)) return new LayoutSource(store);
    throw new UsageError(
      `${text} is a folder, but no OCI layout: it has no index.json`,
      "For a folder of files there is `wheelhouse scan --folder`.",
    );
  }
  const store = await openArchive(path, text, options);
  if (isLayout(store.files)) return new LayoutSource(store);
  if (isDockerArchive(store.files)) return new DockerArchiveSource(store);
  await store.close();
  throw new UsageError(
    `${text} is an archive, but of no image: it has neither index.json nor manifest.json`,
    "Write one with `docker save`, or with `--output type=oci,dest=FILE`. An archive of files can be unpacked and given to `--folder`.",
  );
}

/** Whether an error says that there is no such image. */
export function isAbsent(error: unknown): boolean {
  return error instanceof OutsideError && "status" in error && error.status === 404;
}
