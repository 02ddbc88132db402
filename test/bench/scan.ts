/** How fast a scan is beside `zcat | wc -c` on the same blobs, which only unpacks them. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pack } from "tar-stream";
import { gzipSync } from "node:zlib";
import { run } from "../../sandbox/process.mjs";
import { makeBundle } from "../../tools/bundle.mjs";
import { manySmallFiles, oneHugeFile, textLike, writeLayout, type LargeLayer } from "../tools/scan/large";
import { measure, ratio, type Figure } from "./figures";

/** Secrets that the scan looks for besides credentials of any kind: as many as a job has. */
const secretVariables = ["SCAN_BENCH_TOKEN", "SCAN_BENCH_SECOND", "SCAN_BENCH_THIRD"];

/** Bytes of real files that are taken at most. */
const realFilesLimit = 400 << 20;

export interface ScanSpeed {
  /** What the layer holds. */
  readonly content: string;
  /** Bytes as they lie, and unpacked. */
  readonly packedBytes: number;
  readonly bytes: number;
  /** Seconds of whole processes. */
  readonly scan: Figure;
  readonly zcat: Figure;
  /** Speed of the scan over speed of zcat, pair by pair: 1 is as fast, 0.5 is the target. */
  readonly ratio: Figure;
}

export interface ScanMeasurement {
  readonly speeds: readonly ScanSpeed[];
  /** The smallest median of the ratios. */
  readonly ratio: number;
}

/**
 * Measures in a temporary folder that is removed.
 * @param options.runs pairs of runs for each content. Default: 3.
 * @param options.folder real files to take, such as a Python environment's site-packages. Default: this repository's
 * node packages.
 */
export async function measureScan(
  options: { runs?: number; folder?: string; write?: (line: string) => void } = {},
): Promise<ScanMeasurement> {
  const { runs = 3, write = () => undefined } = options;
  const real = options.folder ?? path.resolve(__dirname, "..", "..", "node_modules");
  const folder = mkdtempSync(path.join(os.tmpdir(), "wheelhouse-bench-"));
  try {
    const program = path.join(folder, "wheelhouse.cjs");
    await makeBundle(program);
    const contents: [string, () => Promise<LargeLayer> | LargeLayer][] = [
      ["packages as they are installed", () => realFiles(real)],
      ["one text of 400 MB", () => oneHugeFile("data/huge.txt", textLike(8 << 20), 48, Buffer.alloc(0))],
      ["200,000 small files", () => manySmallFiles(20_000, 10)],
    ];
    const speeds: ScanSpeed[] = [];
    for (const [content, make] of contents) {
      write(`measuring: ${content}`);
      speeds.push(await measureOne(content, await make(), program, folder, runs));
    }
    return { speeds, ratio: Math.min(...speeds.map((speed) => speed.ratio.median)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A table of what was measured, for people. */
export function scanTable({ speeds }: ScanMeasurement): string {
  const rows = speeds.map(({ content, bytes, scan, zcat, ratio: times }) => [
    content,
    `${Math.round(bytes / 1e6)} MB`,
    `${scan.median.toFixed(2)} s`,
    `${zcat.median.toFixed(2)} s`,
    `${times.median.toFixed(2)} (${times.min.toFixed(2)} to ${times.max.toFixed(2)})`,
  ]);
  const all = [["content", "unpacked", "scan", "zcat | wc -c", "speed over zcat's"], ...rows];
  const widths = all[0]?.map((_head, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

async function measureOne(
  content: string,
  layer: LargeLayer,
  program: string,
  folder: string,
  runs: number,
): Promise<ScanSpeed> {
  const layout = path.join(folder, "layout");
  const [blob = ""] = await writeLayout(layout, [layer]);
  const secrets = Object.fromEntries(
    secretVariables.map((name, index) => [name, `bench-secret-${index}-Zk3vP9/xQ7m+Lw2==`]),
  );
  const env = { PATH: process.env.PATH, ...secrets };
  let bytes = 0;
  const figures = await measure(runs, {
    zcat: async () => {
      const { output } = await run("sh", ["-c", 'zcat < "$1" | wc -c', "sh", blob], { env });
      bytes = Number(output);
    },
    scan: async () => {
      const args = [
        program,
        "scan",
        layout,
        "--json",
        "--quiet",
        ...secretVariables.flatMap((name) => ["--secret-env", name]),
      ];
      const { output } = await run(process.execPath, args, { env, allowFailure: true });
      const { reports } = JSON.parse(output) as { reports: { scanned: { bytes: number } }[] };
      // A scan that did not look at all of it would be fast.
      if (reports[0]?.scanned.bytes !== bytes)
        throw new Error(`the scan looked at ${reports[0]?.scanned.bytes ?? 0} of ${bytes} bytes`);
    },
  });
  const { size: packedBytes } = statSync(blob);
  rmSync(layout, { recursive: true });
  const { scan, zcat } = figures;
  if (scan === undefined || zcat === undefined) throw new Error("nothing was measured");
  return { content, packedBytes, bytes, scan, zcat, ratio: ratio(zcat, scan) };
}

/** The files below a folder, in the order of their names, up to a limit. */
async function realFiles(folder: string): Promise<LargeLayer> {
  const archive = pack();
  let size = 0;
  const add = (below: string): void => {
    const entries = readdirSync(path.join(folder, below), { withFileTypes: true });
    for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      const file = path.posix.join(below, entry.name);
      if (entry.isDirectory()) add(file);
      else if (entry.isFile() && size < realFilesLimit) {
        const content = readFileSync(path.join(folder, file));
        size += content.length;
        archive.entry({ name: `opt/venv/lib/${file}` }, content);
      }
    }
  };
  add("");
  archive.finalize();
  const parts: { bytes: Buffer; times: number }[] = [];
  let pending: Buffer[] = [];
  let length = 0;
  const flush = (): void => {
    if (length > 0) parts.push({ bytes: gzipSync(Buffer.concat(pending)), times: 1 });
    pending = [];
    length = 0;
  };
  for await (const part of archive as AsyncIterable<Buffer>) {
    pending.push(part);
    length += part.length;
    // Each of them is a gzip member of its own; so many bytes that this changes nothing.
    if (length > 16 << 20) flush();
  }
  flush();
  return { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", parts };
}
