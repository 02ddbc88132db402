/** Applies one layer of an image to the folder that holds the layers below it. */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import * as path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, type ExtractEvents, type Header } from "tar-stream";

import { ContainerError, HostileLayer } from "./errors";
import { lookAt, resolveIn } from "./rooted-path";

export interface UnpackOptions {
  /** Whether files get the owner that the layer says. Default: for root, who alone may give files away. */
  readonly ownership?: boolean;
  /** Bytes of all files. Default 20 GB. */
  readonly mostBytes?: number;
  /** Default 2 million. */
  readonly mostMembers?: number;
}

/** What a layer held. */
export interface Unpacked {
  readonly members: number;
  readonly bytes: number;
  /** Devices and pipes, which a container gets from its runtime and not from its image. */
  readonly skipped: number;
}

type Member = ExtractEvents["entry"][1];

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

/**
 * Writes the members of `tar`, an uncompressed archive, into `root`: nothing is ever written outside of it, and no link is
 * followed out of it. Whiteouts remove what layers below brought, and nothing of this one. Extended attributes are left out.
 * @see https://github.com/opencontainers/image-spec/blob/main/layer.md
 * @throws HostileLayer for a member that names a place outside; what was written before it stays.
 */
export async function applyLayer(tar: Readable, root: string, options: UnpackOptions = {}): Promise<Unpacked> {
  const layer = new Layer(root, options);
  const members = extract();
  const reading = pipeline(tar, members);
  // Its failure is the same as that of the loop, which tells it.
  reading.catch(() => undefined);
  for await (const member of members) await layer.add(member);
  await reading;
  return layer.end();
}

/** The layer's own idea of a path: no empty parts, never above the root. */
function partsOf(name: string): string[] {
  if (name.includes("\0")) throw new HostileLayer(name, "has a name with a zero byte in it");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new HostileLayer(name, "leads out of the image");
  return parts;
}

class Layer {
  /** Places that this layer wrote, and the folders above them: whiteouts leave them alone. */
  private readonly written = new Set<string>();
  private readonly folders = new Map<string, Date>();
  /** Where the folder of a name lies; forgotten when a link comes or goes. */
  private readonly places = new Map<string, string>();
  private readonly ownership: boolean;
  private readonly mostBytes: number;
  private readonly mostMembers: number;
  private members = 0;
  private bytes = 0;
  private skipped = 0;

  constructor(
    private readonly root: string,
    options: UnpackOptions,
  ) {
    this.ownership = options.ownership ?? process.getuid?.() === 0;
    this.mostBytes = options.mostBytes ?? 20e9;
    this.mostMembers = options.mostMembers ?? 2e6;
  }

  async add(member: Member): Promise<void> {
    const { header } = member;
    const parts = partsOf(header.name);
    if (++this.members > this.mostMembers) throw new HostileLayer(header.name, "is one too many");
    this.bytes += header.type === "file" || header.type === "contiguous-file" ? header.size : 0;
    if (this.bytes > this.mostBytes) throw new HostileLayer(header.name, "makes the layer larger than a layer may be");
    const last = parts.pop();
    if (last === undefined) {
      if (header.type === "directory") this.finishFolder(this.root, header);
    } else if (last.startsWith(WHITEOUT)) {
      this.whiteOut(header.name, parts, last);
    } else {
      const folder = this.folderOf(header.name, parts);
      await this.write(member, path.join(folder, last));
    }
    // What is not read would hold up the rest.
    member.resume();
  }

  end(): Unpacked {
    // Last of all: a file that is written into a folder changes the folder's time.
    for (const [folder, time] of this.folders) {
      if (lookAt(folder)?.isDirectory() === true) lutimesSync(folder, time, time);
    }
    return { members: this.members, bytes: this.bytes, skipped: this.skipped };
  }

  private async write(member: Member, file: string): Promise<void> {
    const { header } = member;
    switch (header.type) {
      case "directory":
        if (lookAt(file)?.isDirectory() !== true) {
          this.remove(file);
          mkdirSync(file);
        }
        this.finishFolder(file, header);
        break;
      case "file":
      case "contiguous-file":
        this.remove(file);
        await this.writeFile(member, file);
        break;
      case "symlink":
        this.remove(file);
        if (!header.linkname || header.linkname.includes("\0")) {
          throw new HostileLayer(header.name, "is a link without a target");
        }
        symlinkSync(header.linkname, file);
        if (this.ownership) lchownSync(file, header.uid, header.gid);
        lutimesSync(file, header.mtime, header.mtime);
        this.places.clear();
        break;
      case "link":
        this.link(header, file);
        break;
      case "character-device":
      case "block-device":
      case "fifo":
        this.skipped++;
        return;
    }
    this.note(file);
  }

  private async writeFile(member: Member, file: string): Promise<void> {
    const { header } = member;
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    const open = openSync(file, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
    try {
      for await (const chunk of member as AsyncIterable<Buffer>) {
        for (let at = 0; at < chunk.length;) at += writeSync(open, chunk, at);
      }
      // The owner first: giving a file away takes its set-user bits off.
      if (this.ownership) fchownSync(open, header.uid, header.gid);
      fchmodSync(open, header.mode & 0o7777);
      futimesSync(open, header.mtime, header.mtime);
    } finally {
      closeSync(open);
    }
  }

  private link(header: Header, file: string): void {
    const parts = partsOf(header.linkname);
    const last = parts.pop();
    const target = last === undefined ? undefined : path.join(this.place(parts), last);
    const there = target === undefined ? undefined : lookAt(target);
    if (target === undefined || there === undefined || there.isDirectory()) {
      throw new HostileLayer(header.name, `is a hard link to ${JSON.stringify(header.linkname)}, which is no file`);
    }
    if (target === file) return;
    this.remove(file);
    linkSync(target, file);
    if (there.isSymbolicLink()) this.places.clear();
  }

  private finishFolder(folder: string, header: Header): void {
    if (this.ownership) lchownSync(folder, header.uid, header.gid);
    chmodSync(folder, header.mode & 0o7777);
    this.folders.set(folder, header.mtime);
  }

  /** The folder that a member is written into, made where no layer told of it. */
  private folderOf(name: string, parts: readonly string[]): string {
    const folder = this.place(parts);
    if (lookAt(folder)?.isDirectory() === true) return folder;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
    } catch (error) {
      throw new ContainerError(
        `the layer's member ${JSON.stringify(name)} lies in a folder that is a file`,
        "Build the image anew: its layers do not fit each other.",
        { cause: error },
      );
    }
    this.note(folder);
    return folder;
  }

  private place(parts: readonly string[]): string {
    const name = parts.join("/");
    let place = this.places.get(name);
    if (place === undefined) {
      place = resolveIn(this.root, name, { followLast: true });
      this.places.set(name, place);
    }
    return place;
  }

  private note(file: string): void {
    for (let at = file; at.length > this.root.length && !this.written.has(at); at = path.dirname(at)) {
      this.written.add(at);
    }
  }

  private remove(file: string): void {
    const there = lookAt(file);
    if (there === undefined) return;
    rmSync(file, { recursive: true, force: true });
    if (!there.isFile()) this.places.clear();
  }

  private whiteOut(name: string, parts: readonly string[], last: string): void {
    const folder = this.place(parts);
    if (last === OPAQUE) {
      this.removeLower(folder);
      return;
    }
    if (last.startsWith(`${WHITEOUT}${WHITEOUT}`)) return; // Bookkeeping of an old storage driver.
    const hidden = last.slice(WHITEOUT.length);
    if (hidden === "" || hidden === "." || hidden === "..") throw new HostileLayer(name, "would remove its own folder");
    const file = path.join(folder, hidden);
    if (this.written.has(file)) this.removeLower(file);
    else this.remove(file);
  }

  /** Removes what layers below brought into a folder, at every depth. */
  private removeLower(folder: string): void {
    if (lookAt(folder)?.isDirectory() !== true) return;
    for (const name of readdirSync(folder)) {
      const file = path.join(folder, name);
      if (this.written.has(file)) this.removeLower(file);
      else this.remove(file);
    }
  }
}
