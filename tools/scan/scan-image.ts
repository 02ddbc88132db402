/** Scans an image as a whole: all platforms, layers, configurations, attestations, and a cache's blobs. */
import { InterruptedError, OutsideError } from "../errors";
import {
  MissingContentError,
  isManifestType,
  parseConfig,
  platformName,
  readDocument,
  type Descriptor,
  type ImageSource,
  type ManifestDocument,
} from "../image";
import { type AllowList } from "./allow";
import { Collector } from "./collector";
import { ContentScanner } from "./content";
import { scanDocument, type DocumentSubject } from "./documents";
import { LayerScanner, defaultLayerLimit, type LayeredImage } from "./layers";
import { redacted, redactor } from "./redact";
import { type Finding, type ScanReport } from "./report";
import { SearchRules } from "./search";
import { checkSecret, type LiteralSecret } from "./secrets";

export interface ScanOptions {
  /** Given secrets. */
  readonly secrets: readonly LiteralSecret[];
  /** Whether credentials are looked for by their form too. Default: yes. */
  readonly patterns?: boolean;
  /** Findings that are let pass. Default: none. */
  readonly allow?: AllowList;
  /** Digests of layers that are not looked at, such as those of a base image that was scanned when it was published. */
  readonly skipLayers?: ReadonlySet<string>;
  /** Bytes of one unpacked layer that are read at most. Default: 64 GiB. */
  readonly layerLimit?: number;
  /** Gets a line every 2 seconds. */
  readonly onProgress?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A scan that could not look at everything; its report has what was found until then. */
export class UnfinishedScanError extends OutsideError {
  constructor(
    cause: OutsideError,
    readonly report: ScanReport,
  ) {
    super(cause.message, cause.mend, { cause });
  }
}

/** Bytes of a document whose texts are looked at one by one; a longer one is searched as it goes by. */
const documentLimit = 4 << 20;

const progressMilliseconds = 2000;

/**
 * Looks at everything that the source has, once.
 * @throws UsageError when there is nothing to look for, or a secret is too short.
 * @throws UnfinishedScanError when something could not be read: never is a part left out in silence.
 */
export async function scanImage(source: ImageSource, options: ScanOptions): Promise<ScanReport> {
  const scan = new ImageScan(source, options);
  try {
    await scan.run();
    return await scan.report();
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error;
    throw new UnfinishedScanError(error, await scan.report(false));
  }
}

/** The rules that two searches need: for content, and for packed bytes, which have only given secrets to show. */
export function scannerFor(options: Pick<ScanOptions, "secrets" | "patterns">): ContentScanner {
  options.secrets.forEach(checkSecret);
  const rules = new SearchRules(options.secrets, options.patterns ?? true);
  return new ContentScanner(rules, options.secrets.length === 0 ? undefined : new SearchRules(options.secrets, false));
}

class ImageScan {
  private readonly started = Date.now();
  private readonly scanner: ContentScanner;
  private readonly collector: Collector;
  private readonly layers: LayerScanner;
  private readonly reached = new Set<string>();
  private readonly notes: string[] = [];
  private digests: readonly string[] = [];
  private documents = 0;
  private files = 0;
  private fileBytes = 0;
  private skippedLayers = 0;
  private doing = "";
  private lastProgress = Date.now();

  constructor(
    private readonly source: ImageSource,
    private readonly options: ScanOptions,
  ) {
    this.scanner = scannerFor(options);
    this.collector = new Collector(options.allow ?? []);
    this.layers = new LayerScanner(source, this.scanner, this.collector, {
      layerLimit: options.layerLimit ?? defaultLayerLimit,
      onProgress: (bytes) => this.tick(bytes),
    });
  }

  async run(): Promise<void> {
    const roots = await this.source.roots();
    this.digests = [...new Set(roots.map(({ descriptor }) => descriptor.digest))];
    for (const root of roots) await this.visit(root, root.descriptor);
    for (const file of await this.source.otherFiles(this.reached)) {
      this.doing = file.path;
      const where = `${this.source.name}, ${file.path}`;
      const { packedBytes } = await this.scanner.scan(await file.open(), {
        where,
        mustBeTar: false,
        onHit: (hit, { path }) => {
          const whole = path === "" ? file.path : `${file.path}/${path}`;
          const place = { in: "file", path: whole, part: "content", offset: hit.offset } as const;
          this.collector.add(hit, `file\0${whole}`, whole, () => place);
        },
        onProgress: (bytes) => this.tick(bytes),
      });
      this.files += 1;
      this.fileBytes += packedBytes;
    }
  }

  /** @param complete Whether what later layers do to files can be said; it may need reading. */
  async report(complete = true): Promise<ScanReport> {
    const redact = redactor(this.scanner);
    const findings: Finding[] = [];
    for (const finding of this.collector.findings()) {
      const { where } = finding;
      const images = where.in === "layer" && complete ? await this.layers.usesOf(where) : [];
      const placed = where.in === "layer" ? { ...finding, where: { ...where, images } } : finding;
      findings.push(redacted(placed, redact));
    }
    const { secrets, patterns = true } = this.options;
    return {
      schema: 1,
      name: this.source.name,
      digests: this.digests,
      lookedFor: secrets.map(({ source }) => source),
      patterns,
      findings,
      unlisted: this.collector.unlisted,
      excluded: this.collector.excluded().map(({ finding, rule }) => ({ finding: redacted(finding, redact), rule })),
      excludedCount: this.collector.excludedCount(),
      notes: this.notes,
      scanned: {
        images: this.layers.images.length,
        layers: this.layers.layers,
        skippedLayers: this.skippedLayers,
        documents: this.documents,
        files: this.files,
        packedBytes: this.layers.packedBytes + this.fileBytes,
        bytes: this.layers.bytes,
        seconds: (Date.now() - this.started) / 1000,
      },
    };
  }

  private async visit(document: ManifestDocument, known: Descriptor): Promise<void> {
    const { digest } = document.descriptor;
    const platform = platformName(known.platform);
    const first = !this.reached.has(digest) || this.source.kind === "docker-archive";
    this.reached.add(digest);
    if (!first) return;
    this.look(document.body, { document: document.kind, digest, platform });
    if (document.kind === "manifest") {
      await this.visitManifest(document, known);
      return;
    }
    for (const child of document.manifests) {
      // A cache's index points at its layers and its configuration themselves.
      if (isManifestType(child.mediaType) || child.mediaType === "") await this.visitChild(child);
      else if (isLayerType(child.mediaType)) await this.layer(child, "");
      else await this.blob(child, { document: kindOf(child), digest: child.digest });
    }
  }

  private async visitChild(child: Descriptor): Promise<void> {
    let document: ManifestDocument;
    try {
      document = await this.source.manifest(child);
    } catch (error) {
      if (!(error instanceof MissingContentError)) throw error;
      // Docker exports the platforms that it has, and an index that names all of them.
      const what = platformName(child.platform) ?? child.digest;
      this.notes.push(`${what} is named in an index of ${this.source.name}, but is not in it: it was not looked at`);
      return;
    }
    await this.visit(document, child);
  }

  private async visitManifest(
    manifest: Extract<ManifestDocument, { kind: "manifest" }>,
    known: Descriptor,
  ): Promise<void> {
    const { config, layers } = manifest;
    const attestation = known.annotations?.["vnd.docker.reference.type"] === "attestation-manifest";
    const body = await this.blob(config, {
      document: attestation ? "attestation" : kindOf(config),
      digest: config.digest,
      platform: platformName(known.platform),
    });
    const read = body === undefined ? {} : parseConfig(body);
    const platform = platformName(known.platform) ?? platformName(read);
    const made = (read.history ?? []).filter(({ empty_layer: empty }) => empty !== true);
    const isImage = layers.some(({ mediaType }) => isLayerType(mediaType)) && kindOf(config) === "config";
    const image: LayeredImage = {
      manifest: manifest.descriptor.digest,
      platform,
      layers,
      // A history that does not fit tells nothing.
      commands: made.length === layers.length ? made.map(({ created_by: command }) => command) : [],
    };
    if (isImage) this.layers.images.push(image);
    for (const [index, layer] of layers.entries()) {
      const doing = `${platform ?? image.manifest.slice(0, 19)}, layer ${index + 1} of ${layers.length}`;
      if (isLayerType(layer.mediaType)) await this.layer(layer, doing);
      else await this.blob(layer, { document: kindOf(layer), digest: layer.digest, platform });
    }
  }

  private async layer(layer: Descriptor, doing: string): Promise<void> {
    this.reached.add(layer.digest);
    if (this.options.skipLayers?.has(layer.digest) === true) {
      this.skippedLayers += 1;
      return;
    }
    this.doing = doing;
    await this.layers.scan(layer, true);
  }

  /** A document, returned when it is short enough to be read as a whole; otherwise searched as it goes by. */
  private async blob(descriptor: Descriptor, subject: DocumentSubject): Promise<Buffer | undefined> {
    const known = this.reached.has(descriptor.digest);
    this.reached.add(descriptor.digest);
    if (descriptor.size > documentLimit || !/json|config|^text\//.test(descriptor.mediaType)) {
      if (!known) await this.layers.scan(descriptor, false);
      return undefined;
    }
    const body = await readDocument(await this.source.blob(descriptor), `${descriptor.digest} of ${this.source.name}`);
    if (!known) this.look(body, subject);
    return body;
  }

  private look(body: Buffer, subject: DocumentSubject): void {
    if (this.options.signal?.aborted === true) throw new InterruptedError();
    this.documents += 1;
    scanDocument(body, subject, this.scanner, this.collector);
  }

  private tick(bytes: number): void {
    if (this.options.signal?.aborted === true) throw new InterruptedError();
    const now = Date.now();
    if (now - this.lastProgress < progressMilliseconds) return;
    this.lastProgress = now;
    this.options.onProgress?.(`${this.source.name}: ${this.doing}, ${Math.round(bytes / 1e6)} MB`);
  }
}

function isLayerType(mediaType: string): boolean {
  return /(?:^|[.+])(?:diff\.)?tar(?:[.+]|$)/.test(mediaType) && !/helm|json/.test(mediaType);
}

function kindOf({ mediaType }: Descriptor): DocumentSubject["document"] {
  if (mediaType === "application/vnd.buildkit.cacheconfig.v0") return "cache";
  if (mediaType.startsWith("application/vnd.in-toto")) return "attestation";
  return /image\.config\.v1|container\.image\.v1|rootfs\.diff|empty/.test(mediaType) ? "config" : "other";
}
