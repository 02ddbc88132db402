/** Scans the files of a folder, such as what a build exported with `--output type=local`. */
import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import { readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { InterruptedError, OutsideError, UsageError } from "../errors";
import { Collector } from "./collector";
import { type ContentScanner } from "./content";
import { redacted, redactor } from "./redact";
import { type ScanReport } from "./report";
import { scannerFor, type ScanOptions } from "./scan-image";
import { type Hit } from "./search";

export type FolderScanOptions = Pick<ScanOptions, "secrets" | "patterns" | "allow" | "onProgress" | "signal">;

/** Bytes of a file that is read in one go. */
const smallFile = 1 << 18;

/** Files after which others get their turn. */
const filesInOneGo = 64;

/**
 * Looks at names, links and contents of all files; links are not followed.
 * @throws UsageError when there is no such folder, OutsideError when a file cannot be read.
 */
export async function scanFolder(folder: string, options: FolderScanOptions): Promise<ScanReport> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) throw new UsageError(`${folder} is no folder`, "Name a folder of files.");
  const scan = new FolderScan(folder, options);
  await scan.walk("");
  return scan.report();
}

class FolderScan {
  private readonly started = Date.now();
  private readonly scanner: ContentScanner;
  private readonly collector: Collector;
  private readonly buffer = Buffer.alloc(smallFile);
  private files = 0;
  private bytes = 0;
  private lastProgress = Date.now();

  constructor(
    private readonly folder: string,
    private readonly options: FolderScanOptions,
  ) {
    this.scanner = scannerFor(options);
    this.collector = new Collector(options.allow ?? []);
  }

  async walk(below: string): Promise<void> {
    const entries = await readdir(join(this.folder, below), { withFileTypes: true }).catch((error: unknown) => {
      throw unreadable(join(this.folder, below), error);
    });
    for (const entry of entries) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      this.name(path, entry.name);
      if (entry.isDirectory()) await this.walk(path);
      else if (entry.isSymbolicLink()) this.name(path, await readlink(join(this.folder, path)));
      else if (entry.isFile()) await this.file(path);
    }
  }

  report(): ScanReport {
    const { secrets, patterns = true } = this.options;
    const redact = redactor(this.scanner);
    return {
      schema: 1,
      name: this.folder,
      digests: [],
      lookedFor: secrets.map(({ source }) => source),
      patterns,
      findings: this.collector.findings().map((finding) => redacted(finding, redact)),
      unlisted: this.collector.unlisted,
      excluded: this.collector.excluded().map(({ finding, rule }) => ({ finding: redacted(finding, redact), rule })),
      excludedCount: this.collector.excludedCount(),
      notes: [],
      scanned: {
        images: 0,
        layers: 0,
        skippedLayers: 0,
        documents: 0,
        files: this.files,
        packedBytes: this.bytes,
        bytes: this.bytes,
        seconds: (Date.now() - this.started) / 1000,
      },
    };
  }

  private name(path: string, text: string): void {
    this.scanner.scanText(Buffer.from(text), path, (hit) => this.add(hit, path, "name"));
  }

  private async file(path: string): Promise<void> {
    if (this.options.signal?.aborted === true) throw new InterruptedError();
    const whole = join(this.folder, path);
    const onHit = (hit: Hit): void => this.add(hit, path, "content");
    try {
      const small = this.readSmall(whole);
      if (small === undefined) {
        const pieces = createReadStream(whole, { highWaterMark: smallFile });
        this.bytes += await this.scanner.scanFile(pieces as AsyncIterable<Buffer>, path, onHit);
      } else {
        this.scanner.scanText(small, path, onHit);
        this.bytes += small.length;
      }
    } catch (error) {
      throw unreadable(whole, error);
    }
    this.files += 1;
    if (this.files % filesInOneGo === 0) await this.pause();
  }

  /** Most files are small, and there are many of them: a stream for each would take most of the time. */
  private readSmall(file: string): Buffer | undefined {
    const descriptor = openSync(file, "r");
    try {
      if (fstatSync(descriptor).size >= smallFile) return undefined;
      let length = 0;
      for (;;) {
        const read = readSync(descriptor, this.buffer, length, this.buffer.length - length, null);
        if (read === 0) return this.buffer.subarray(0, length);
        length += read;
        // It grew meanwhile.
        if (length === this.buffer.length) return undefined;
      }
    } finally {
      closeSync(descriptor);
    }
  }

  private add(hit: Hit, path: string, part: "content" | "name"): void {
    this.collector.add(hit, [path, part].join("\0"), path, () => ({ in: "file", path, part, offset: hit.offset }));
  }

  private async pause(): Promise<void> {
    await nextTurn();
    if (Date.now() - this.lastProgress < 2000) return;
    this.lastProgress = Date.now();
    this.options.onProgress?.(`${this.folder}: ${this.files} files, ${Math.round(this.bytes / 1e6)} MB`);
  }
}

function unreadable(file: string, error: unknown): OutsideError {
  if (error instanceof OutsideError) return error;
  return new OutsideError(`${file} cannot be read`, "Make it readable: what is not looked at is not clean.", {
    cause: error,
  });
}
