/** Scans the layers of images: each blob once, with what later layers do to the files in which something was found. */
import {
  BrokenImageError,
  TarWalker,
  unpacked,
  whiteoutOf,
  type Descriptor,
  type ImageSource,
  type TarMember,
} from "../image";
import { type Collector } from "./collector";
import { type ContentScanner } from "./content";
import { type LayerPlace, type LayerUse } from "./report";

/** Bytes of one unpacked layer that are read at most, by default: 64 GiB. */
export const defaultLayerLimit = 64 * 2 ** 30;

/** What a layer does to a path of a layer below. */
interface Effects {
  readonly deleted: ReadonlySet<string>;
  readonly overwritten: ReadonlySet<string>;
}

/** An image as its layers see it. */
export interface LayeredImage {
  readonly manifest: string;
  readonly platform?: string | undefined;
  readonly layers: readonly Descriptor[];
  /** For each layer, the command that made it, as far as the history tells. */
  readonly commands: readonly (string | undefined)[];
}

export interface LayerScanOptions {
  readonly layerLimit: number;
  onProgress(bytes: number): void;
}

export class LayerScanner {
  readonly images: LayeredImage[] = [];
  layers = 0;
  packedBytes = 0;
  bytes = 0;
  private readonly scanned = new Set<string>();
  /** Paths in which something was found, in whichever layer, with the folders above them. */
  private readonly watched = new PathWatch();
  private readonly effects = new Map<string, { readonly watchedUntil: number; readonly effects: Effects }>();

  constructor(
    private readonly source: ImageSource,
    private readonly scanner: ContentScanner,
    private readonly collector: Collector,
    private readonly options: LayerScanOptions,
  ) {}

  /** @throws BrokenImageError for a layer that cannot be read as a whole. */
  async scan(layer: Descriptor, mustBeTar: boolean): Promise<void> {
    if (this.scanned.has(layer.digest)) return;
    this.scanned.add(layer.digest);
    const where = `${this.source.name}, layer ${layer.digest}`;
    refuseForeign(layer, where);
    const effects = new EffectsReader(this.watched);
    const watchedUntil = this.watched.size;
    const found: string[] = [];
    const { packedBytes, bytes } = await this.scanner.scan(await this.source.blob(layer), {
      where,
      mustBeTar,
      onHit: (hit, { path, part }) => {
        found.push(path);
        this.collector.add(hit, [layer.digest, path, part].join("\0"), path, () => ({
          in: "layer",
          digest: layer.digest,
          path,
          part,
          offset: hit.offset,
          images: [],
        }));
      },
      onMember: (member) => effects.see(member),
      onProgress: (bytes) => {
        if (bytes > this.options.layerLimit) this.refuseLarge(where);
        this.options.onProgress(bytes);
      },
    });
    // Only later layers can delete what is in this one.
    found.forEach((path) => this.watched.add(path));
    this.effects.set(layer.digest, { watchedUntil, effects });
    this.layers += 1;
    this.packedBytes += packedBytes;
    this.bytes += bytes;
  }

  /** The images that have a finding's layer, and what has become of the file in each of them. */
  async usesOf({ digest, path }: LayerPlace): Promise<LayerUse[]> {
    const uses: LayerUse[] = [];
    for (const { manifest, platform, layers, commands } of this.images) {
      for (const [index, layer] of layers.entries()) {
        if (layer.digest !== digest) continue;
        const change = path === "" ? undefined : await this.changeOf(path, layers, index);
        const command = commands[index];
        uses.push({
          manifest,
          ...(platform === undefined ? {} : { platform }),
          layer: index + 1,
          layers: layers.length,
          ...(command === undefined ? {} : { command }),
          state: change?.state ?? "present",
          ...(change === undefined ? {} : { byLayer: change.byLayer }),
        });
      }
    }
    return uses;
  }

  /** The first later layer that takes a file away, or puts another in its place. */
  private async changeOf(
    path: string,
    layers: readonly Descriptor[],
    index: number,
  ): Promise<{ state: "deleted" | "overwritten"; byLayer: number } | undefined> {
    for (const [offset, layer] of layers.slice(index + 1).entries()) {
      const effects = await this.effectsOf(layer, path);
      if (effects === undefined) continue;
      const byLayer = index + offset + 2;
      if (effects.deleted.has(path)) return { state: "deleted", byLayer };
      if (effects.overwritten.has(path)) return { state: "overwritten", byLayer };
    }
    return undefined;
  }

  /** Layers that several images share may have been read before the file below them was known: these are read again. */
  private async effectsOf(layer: Descriptor, path: string): Promise<Effects | undefined> {
    const known = this.effects.get(layer.digest);
    if (known === undefined) return undefined;
    if (this.watched.placeOf(path) < known.watchedUntil) return known.effects;
    const effects = new EffectsReader(this.watched);
    const watchedUntil = this.watched.size;
    const content = await this.source.blob(layer);
    const walker = new TarWalker(`${this.source.name}, layer ${layer.digest}`, (member) => effects.see(member));
    for await (const piece of unpacked(content, layer.digest)) walker.push(piece);
    this.effects.set(layer.digest, { watchedUntil, effects });
    return effects;
  }

  private refuseLarge(where: string): never {
    throw new BrokenImageError(
      `${where}: it has more than ${Math.floor(this.options.layerLimit / 2 ** 20)} MiB unpacked, and was not read to its end`,
      "Is it meant to be that large? Raise --layer-limit then.",
    );
  }
}

/** Paths that are watched, in the order in which they came. */
class PathWatch {
  private readonly places = new Map<string, number>();
  /** Folders above the paths, with the paths below each. */
  readonly below = new Map<string, Set<string>>();

  get size(): number {
    return this.places.size;
  }

  placeOf(path: string): number {
    return this.places.get(path) ?? Number.POSITIVE_INFINITY;
  }

  add(path: string): void {
    if (path === "" || this.places.has(path)) return;
    this.places.set(path, this.places.size);
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      const paths = this.below.get(folder) ?? new Set();
      this.below.set(folder, paths.add(path));
    }
  }

  all(): Iterable<string> {
    return this.places.keys();
  }
}

/** Gathers what one layer does to watched paths. */
class EffectsReader implements Effects {
  readonly deleted = new Set<string>();
  readonly overwritten = new Set<string>();
  private readonly size: number;

  constructor(private readonly watched: PathWatch) {
    this.size = watched.size;
  }

  see(member: TarMember): void {
    if (this.size === 0) return;
    const whiteout = whiteoutOf(member.path);
    if (whiteout === undefined) {
      // A file in its place, or something else in place of a folder above, which hides all that was below.
      if (member.type === "directory") return;
      for (const path of this.watched.below.get(member.path) ?? []) this.overwritten.add(path);
    } else if (whiteout.kind === "opaque") {
      const paths = whiteout.path === "" ? this.watched.all() : (this.watched.below.get(whiteout.path) ?? []);
      for (const path of paths) if (path !== whiteout.path) this.deleted.add(path);
    } else {
      for (const path of this.watched.below.get(whiteout.path) ?? []) this.deleted.add(path);
    }
  }
}

/** Layers that cannot be looked at are errors: a scan that leaves them out says "clean" of what it has not seen. */
function refuseForeign({ mediaType }: Descriptor, where: string): void {
  if (mediaType.endsWith("+encrypted")) {
    throw new BrokenImageError(
      `${where}: it is encrypted, and cannot be looked at`,
      "Scan the image before it is encrypted.",
    );
  }
}
