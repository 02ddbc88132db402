/** Takes one file out of an image, reading as few layers as it can. */
import { unpacked } from "./unpack";
import {
  BrokenImageError,
  isManifestType,
  platformName,
  type Descriptor,
  type ImageSource,
  type ManifestDocument,
} from "./model";
import { TarWalker, cleanPath, type TarMember } from "./tar";

/** Bytes of a file that is read into memory at most. */
const fileLimit = 64 << 20;

/**
 * A file's content as a container sees it; `undefined` when there is none. Layers are read from the last one down, and
 * each layer only until the file was found in it.
 * @param platform Such as `linux/arm64`. Default: the only one that there is.
 * @throws BrokenImageError when the image has several platforms and none was named, or when the file is a link.
 */
export async function readFileFromImage(
  source: ImageSource,
  path: string,
  platform?: string,
): Promise<Buffer | undefined> {
  const wanted = cleanPath(path);
  const { layers } = await chooseManifest(source, platform);
  for (const layer of layers.toReversed()) {
    const result = await readFromLayer(source, layer, wanted);
    if (result !== undefined) return result === "deleted" ? undefined : result;
  }
  return undefined;
}

type OneManifest = Extract<ManifestDocument, { kind: "manifest" }>;

/** The manifest of one platform. @throws BrokenImageError when it is not clear which, or when there is none. */
export async function chooseManifest(source: ImageSource, platform?: string): Promise<OneManifest> {
  const found: { manifest: OneManifest; platform: string | undefined }[] = [];
  const visit = async (document: ManifestDocument, known: Descriptor): Promise<void> => {
    if (document.kind === "manifest") {
      found.push({ manifest: document, platform: platformName(known.platform) });
      return;
    }
    for (const child of document.manifests) {
      if (!isManifestType(child.mediaType) || child.platform?.os === "unknown") continue;
      const name = platformName(child.platform);
      // Of a large index, only what may be meant is fetched.
      if (platform !== undefined && name !== undefined && name !== platform && !name.startsWith(`${platform}/`))
        continue;
      await visit(await source.manifest(child), child);
    }
  };
  for (const root of await source.roots()) await visit(root, root.descriptor);
  const [first] = found;
  const digests = new Set(found.map(({ manifest }) => manifest.descriptor.digest));
  if (first !== undefined && (digests.size === 1 || (platform !== undefined && found.length === 1)))
    return first.manifest;
  if (first === undefined) {
    throw new BrokenImageError(
      `${source.name} has no image${platform === undefined ? "" : ` for ${platform}`}`,
      "Check the reference and the platform.",
    );
  }
  throw new BrokenImageError(
    `${source.name} has several images: ${found.map((one) => one.platform ?? one.manifest.descriptor.digest).join(", ")}`,
    "Name the platform.",
  );
}

async function readFromLayer(
  source: ImageSource,
  layer: Descriptor,
  wanted: string,
): Promise<Buffer | "deleted" | undefined> {
  const where = `${source.name}, layer ${layer.digest}`;
  const search = new LayerSearch(wanted);
  const walker = new TarWalker(where, (member) => search.see(member));
  const parts: Buffer[] = [];
  const content = await source.blob(layer);
  try {
    for await (const part of unpacked(content, where)) {
      const start = walker.position;
      walker.push(part);
      const { found } = search;
      if (found === undefined) continue;
      refuseUnreadable(found, where);
      const from = Math.max(found.contentStart - start, 0);
      const to = Math.min(found.contentEnd - start, part.length);
      if (to > from) parts.push(Buffer.from(part.subarray(from, to)));
      if (walker.position >= found.contentEnd) return Buffer.concat(parts);
    }
    walker.end();
  } finally {
    content.destroy();
  }
  return search.hidden ? "deleted" : undefined;
}

/** What the members of one layer say about one path. */
class LayerSearch {
  found: TarMember | undefined;
  /** Whether lower layers' file of this path is gone. */
  hidden = false;
  private readonly ancestors: ReadonlySet<string>;

  constructor(private readonly wanted: string) {
    this.ancestors = new Set(wanted.split("/").map((_part, index, parts) => parts.slice(0, index + 1).join("/")));
  }

  see(member: TarMember): void {
    const effect = whiteoutOf(member.path);
    if (member.path === this.wanted) {
      this.found ??= member;
    } else if (effect === undefined) {
      // A file or link in place of one of the folders above hides it, or leads elsewhere.
      this.hidden ||= member.type !== "directory" && this.ancestors.has(member.path);
    } else if (effect.kind === "opaque") {
      this.hidden ||= effect.path === "" || (effect.path !== this.wanted && this.ancestors.has(effect.path));
    } else {
      this.hidden ||= this.ancestors.has(effect.path);
    }
  }
}

function refuseUnreadable(member: TarMember, where: string): void {
  if (member.type !== "file") {
    throw new BrokenImageError(`${where}: ${member.path} is a ${member.type}, not a file`, "Name the file itself.");
  }
  if (member.contentEnd - member.contentStart > fileLimit) {
    throw new BrokenImageError(
      `${where}: ${member.path} has more than ${fileLimit} bytes`,
      "It is not read into memory.",
    );
  }
}

/** What a whiteout takes away: one path, or all that lower layers have in a folder (OCI image specification, layers). */
export function whiteoutOf(path: string): { kind: "deleted" | "opaque"; path: string } | undefined {
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  if (!name.startsWith(".wh.")) return undefined;
  const folder = slash < 0 ? "" : path.slice(0, slash);
  if (name === ".wh..wh..opq") return { kind: "opaque", path: folder };
  if (name.startsWith(".wh..wh.")) return undefined;
  const target = name.slice(".wh.".length);
  return { kind: "deleted", path: folder === "" ? target : `${folder}/${target}` };
}
