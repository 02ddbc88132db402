/** Reads a zip archive into memory: names, contents, and which files may be executed. */
import { unzipSync } from "fflate";

export interface ArchiveFile {
  /** As the archive has it, with `/` between folders. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/**
 * The files of an archive; folders are left out.
 * @throws Error for what is no zip archive, or is cut off.
 */
export function readArchive(data: Uint8Array): ArchiveFile[] {
  const executables = executableFiles(data);
  return Object.entries(unzipSync(data))
    .filter(([path]) => !path.endsWith("/"))
    .map(([path, content]) => ({ path, content, executable: executables.has(path) }));
}

/**
 * Names of files with an executable bit. It is in the archive's directory alone, which the library does not hand out.
 * Offsets are those of APPNOTE.TXT, 4.3.12 and 4.3.16.
 */
function executableFiles(data: Uint8Array): ReadonlySet<string> {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const found = new Set<string>();
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0) return found;
  let position = bytes.readUInt32LE(end + 16);
  while (position + 46 <= end && bytes.readUInt32LE(position) === 0x02014b50) {
    const nameLength = bytes.readUInt16LE(position + 28);
    const unixMode = bytes.readUInt32LE(position + 38) >>> 16;
    if ((unixMode & 0o111) !== 0) found.add(bytes.toString("utf8", position + 46, position + 46 + nameLength));
    position += 46 + nameLength + bytes.readUInt16LE(position + 30) + bytes.readUInt16LE(position + 32);
  }
  return found;
}
