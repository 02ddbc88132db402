/** Makes small images for tests: layers from lists of members, and the machine's own programs with their libraries. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack, type Header } from "tar-stream";

import { machineArchitecture } from "../../../sandbox/containers/layout";

/** A member of a layer: its header, and its content where it is a file. */
export type Made = Partial<Header> & { name: string; content?: string | Buffer };

export interface Layout {
  readonly folder: string;
  readonly manifest: string;
  readonly layers: readonly string[];
}

/** Text of an image's configuration, as far as a test says it. */
export type MadeConfiguration = Record<string, unknown>;

export function sha256(data: Buffer | string): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}

/** The same members always make the same layer. */
const madeAt = new Date("2001-02-03T04:05:06Z");

export async function tarOf(members: readonly Made[]): Promise<Buffer> {
  const tar = pack();
  for (const { content = "", ...header } of members) {
    if (header.type === undefined || header.type === "file")
      tar.entry({ mode: 0o644, mtime: madeAt, ...header }, content);
    else tar.entry({ mode: 0o755, mtime: madeAt, ...header });
  }
  tar.finalize();
  return buffer(tar);
}

/** An OCI layout with one image of the given layers, the lowest first. */
export async function makeLayout(
  folder: string,
  layers: readonly (readonly Made[])[],
  configuration: MadeConfiguration = {},
  change: (parts: { manifest: Record<string, unknown>; config: Record<string, unknown> }) => void = () => undefined,
): Promise<Layout> {
  mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
  const put = (data: Buffer | string) => {
    const digest = sha256(data);
    writeFileSync(join(folder, "blobs/sha256", digest.slice(7)), data);
    return { digest, size: Buffer.byteLength(data) };
  };
  const tars = await Promise.all(layers.map(tarOf));
  const config = {
    os: "linux",
    architecture: machineArchitecture(),
    config: configuration,
    rootfs: { type: "layers", diff_ids: tars.map(sha256) },
  };
  const blobs = tars.map((tar) => ({
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    ...put(gzipSync(tar)),
  }));
  const parts = { manifest: { schemaVersion: 2, layers: blobs } as Record<string, unknown>, config };
  change(parts);
  parts.manifest.config = {
    mediaType: "application/vnd.oci.image.config.v1+json",
    ...put(JSON.stringify(parts.config)),
  };
  const manifest = {
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    ...put(JSON.stringify(parts.manifest)),
    platform: { os: "linux", architecture: machineArchitecture() },
  };
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  return { folder, manifest: manifest.digest, layers: blobs.map(({ digest }) => digest) };
}

/** The machine's own programs, each under `/bin`, with the libraries that they are linked with. */
export function machinePrograms(names: readonly string[]): Made[] {
  const members = new Map<string, Made>();
  for (const name of names) {
    const file = realpathSync(["/bin", "/usr/bin"].map((place) => join(place, name)).find(existsSync)!);
    members.set(`bin/${name}`, { name: `bin/${name}`, mode: 0o755, content: readFileSync(file) });
    const linked = execFileSync("ldd", [file], { encoding: "utf8" });
    for (const [, library] of linked.matchAll(/(?:=>\s*|^\s*)(\/\S+)\s+\(0x/gm)) {
      const place = library!.slice(1);
      members.set(place, { name: place, mode: 0o755, content: readFileSync(library!) });
    }
  }
  return [...members.values()];
}
