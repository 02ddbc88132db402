/** Files of an image on disk: a layout's folder, or an archive, unpacked to nowhere, whose members are read in place. */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, open, readdir, rm, stat, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { UsageError } from "../errors";
import { BrokenImageError } from "./model";
import { TarWalker, cleanPath } from "./tar";

/** Files by path, `/` between its parts. */
export interface FileStore {
  /** As its user named it. */
  readonly name: string;
  /** Sizes in bytes; links inside the archive are followed. */
  readonly files: ReadonlyMap<string, number>;
  /** @throws BrokenImageError when there is no such file. */
  open(path: string): Promise<Readable>;
  close(): Promise<void>;
}

const readAhead = 1 << 18;

/** @throws UsageError when the folder cannot be read. */
export async function openFolder(folder: string, name: string): Promise<FileStore> {
  const files = new Map<string, number>();
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile() || entry.isSymbolicLink()) files.set(path, (await stat(join(folder, path))).size);
    }
  };
  try {
    await walk("");
  } catch (error) {
    throw new UsageError(`${name} cannot be read`, "Make the folder and all in it readable.", { cause: error });
  }
  return {
    name,
    files,
    open: (path) => {
      if (!files.has(path)) return Promise.reject(missing(name, path));
      return Promise.resolve(createReadStream(join(folder, path), { highWaterMark: readAhead }));
    },
    close: () => Promise.resolve(),
  };
}

/**
 * Reads an archive's member headers. One that is compressed as a whole is unpacked into a temporary file first, since
 * its members are needed in another order than they lie in; `close` removes that file.
 * @throws UsageError when the file cannot be read, BrokenImageError when it is no tar.
 */
export async function openArchive(
  file: string,
  name: string,
  options: { temporaryFolder?: string; onProgress?: ((line: string) => void) | undefined } = {},
): Promise<FileStore> {
  let folder: string | undefined;
  const close = async (): Promise<void> => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    let plain = file;
    if (await isGzip(file, name)) {
      options.onProgress?.(`unpacking ${name}`);
      folder = await mkdtemp(join(options.temporaryFolder ?? tmpdir(), "wheelhouse-image-"));
      plain = join(folder, "image.tar");
      await gunzipTo(file, plain, name);
    }
    const members = await readMembers(plain, name);
    return {
      name,
      files: new Map([...members].map(([path, { size }]) => [path, size])),
      open: (path) => {
        const member = members.get(path);
        return member === undefined ? Promise.reject(missing(name, path)) : Promise.resolve(readPart(plain, member));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Part {
  readonly start: number;
  readonly size: number;
}

function missing(name: string, path: string): BrokenImageError {
  return new BrokenImageError(`${name} has no ${path}`, "It is not complete: export it again.");
}

async function openFile(file: string, name: string): Promise<FileHandle> {
  try {
    return await open(file, "r");
  } catch (error) {
    throw new UsageError(`${name} cannot be read`, "Check the path and the rights to the file.", { cause: error });
  }
}

async function isGzip(file: string, name: string): Promise<boolean> {
  const handle = await openFile(file, name);
  try {
    const magic = Buffer.alloc(2);
    await handle.read(magic, 0, 2, 0);
    return magic[0] === 0x1f && magic[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

async function gunzipTo(file: string, target: string, name: string): Promise<void> {
  try {
    await pipeline(
      createReadStream(file, { highWaterMark: readAhead }),
      createGunzip({ chunkSize: readAhead }),
      createWriteStream(target, { mode: 0o600, highWaterMark: readAhead }),
    );
  } catch (error) {
    const full = error instanceof Error && "code" in error && error.code === "ENOSPC";
    throw new BrokenImageError(
      `${name} cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`,
      full ? "Make room, or name another folder in TMPDIR." : "It is damaged or cut off: export or fetch it again.",
      { cause: error },
    );
  }
}

/** Reads the headers alone and seeks over all content. */
async function readMembers(file: string, name: string): Promise<Map<string, Part>> {
  const members = new Map<string, Part>();
  const links = new Map<string, string>();
  const walker = new TarWalker(name, (member) => {
    if (member.type === "file") {
      members.set(member.path, { start: member.contentStart, size: member.contentEnd - member.contentStart });
    } else if (member.type === "symlink" || member.type === "hardlink") {
      links.set(
        member.path,
        member.type === "hardlink" ? cleanPath(member.linkPath) : besides(member.path, member.linkPath),
      );
    }
  });
  const handle = await openFile(file, name);
  try {
    await walkHeaders(handle, walker);
  } finally {
    await handle.close();
  }
  walker.end();
  // Old docker saves layers that two images share as links.
  for (const [path, target] of links) {
    let end = target;
    for (let hops = 0; hops < 8 && !members.has(end); hops += 1) end = links.get(end) ?? end;
    const part = members.get(end);
    if (part !== undefined) members.set(path, part);
  }
  return members;
}

async function walkHeaders(handle: FileHandle, walker: TarWalker): Promise<void> {
  const { size } = await handle.stat();
  const buffer = Buffer.alloc(512);
  while (walker.position < size && walker.endMarker === undefined) {
    const skipped = Math.min(walker.skippable, size - walker.position);
    if (skipped > 0) {
      walker.skip(skipped);
      continue;
    }
    // Headers lie alone between large contents: a block at a time reads no content in vain.
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, walker.position);
    if (bytesRead === 0) break;
    walker.push(buffer.subarray(0, bytesRead));
  }
}

/** Path of a symbolic link's target within the archive. */
function besides(path: string, target: string): string {
  const parts = target.startsWith("/") ? [] : path.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

function readPart(file: string, { start, size }: Part): Readable {
  if (size === 0) return Readable.from([]);
  return createReadStream(file, { start, end: start + size - 1, highWaterMark: readAhead });
}
