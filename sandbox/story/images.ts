/** What came of the runs: images as their reports tell of them, started and asked something, and searched for leaks. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import type { RunRecord } from "../agent/model";
import { startContainer, type StartOptions } from "../containers";
import { run } from "../process.mjs";
import { checkForecast, checkImaging, checkLegacy, checkOrders, type Start } from "../samples/answers";

/** What `wheelhouse bake` says of a run, as far as it is shown. */
const bakeReport = z.looseObject({
  kind: z.string(),
  pushed: z.boolean(),
  base: z.looseObject({ reference: z.string(), digest: z.string() }).optional(),
  images: z.array(
    z.looseObject({
      name: z.string(),
      reference: z.string().optional(),
      digest: z.string().optional(),
      platforms: z.array(z.looseObject({ size: z.number() })),
      packages: z.number().optional(),
    }),
  ),
  built: z.array(z.looseObject({ name: z.string(), tag: z.string() })),
  seconds: z.record(z.string(), z.number()),
  leaks: z.array(z.unknown()),
});

export type BakeReport = z.infer<typeof bakeReport>;

/** The report of a run's build; nothing where it came to none. `folder` is that of the records. */
export function bakeReportOf(
  folder: string,
  { id, artifacts }: Pick<RunRecord, "id" | "artifacts">,
): BakeReport | undefined {
  for (const name of [...artifacts].reverse()) {
    const artifact = join(folder, String(id), "artifacts", name);
    // The agent keeps the folder that was named as the artifact's, below its name.
    const files = existsSync(artifact) ? readdirSync(artifact, { recursive: true, encoding: "utf8" }) : [];
    const found = files.find((file) => file === "bake.json" || file.endsWith("/bake.json"));
    if (found !== undefined) return bakeReport.parse(JSON.parse(readFileSync(join(artifact, found), "utf8")));
  }
  return undefined;
}

/** An image as the last run of its application published it. */
export interface PublishedImage {
  readonly name: string;
  /** With host and digest. */
  readonly reference: string;
  /** Compressed bytes of its layers. */
  readonly bytes: number;
  /** Name and beginning of the digest of its base image. */
  readonly base: string;
  readonly packages: number | undefined;
  readonly run: RunRecord;
  readonly report: BakeReport;
}

/** Images of the newest publishing run of each pipeline, by name. `runs`: the newest first. */
export function publishedImages(folder: string, runs: readonly RunRecord[]): Map<string, PublishedImage> {
  const images = new Map<string, PublishedImage>();
  for (const record of runs) {
    const report = bakeReportOf(folder, record);
    if (report?.pushed !== true || record.result === "failed") continue;
    for (const { name, reference, platforms, packages } of report.images) {
      if (reference === undefined || images.has(name)) continue;
      const base =
        report.base === undefined
          ? ""
          : `${report.base.reference.replace(/[@:][^/]*$/, "").replace(/^.*\//, "")}@${report.base.digest.slice(7, 14)}`;
      images.set(name, { name, reference, bytes: platforms[0]?.size ?? 0, base, packages, run: record, report });
    }
  }
  return images;
}

/** How the sandbox reaches the registry. */
export interface Machine {
  /** Folder with docker's `config.json` of somebody who may pull. */
  readonly dockerConfig: string;
  /** With the sandbox's tools on its `PATH`. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Starts the samples' images and asks each what it is for. @returns what each answered */
export async function askSamples(
  images: ReadonlyMap<string, PublishedImage>,
  { dockerConfig, environment }: Machine,
  report: (text: string) => void,
): Promise<readonly string[]> {
  const start: Start = (image, options: StartOptions) =>
    startContainer(image, { ...options, dockerConfig, machineEnvironment: environment });
  const reference = (name: string): string => {
    const image = images.get(name);
    if (image === undefined) throw new Error(`no run published the image ${name}: npm run sandbox -- runs   says why`);
    return image.reference;
  };
  const checks: readonly (readonly [string, () => Promise<string>])[] = [
    ["orders", () => checkOrders(start, { api: reference("orders-api"), worker: reference("orders-worker") })],
    ["forecast", () => checkForecast(start, reference("forecast"))],
    ["imaging", () => checkImaging(start, reference("imaging"))],
    ["legacy", () => checkLegacy(start, reference("legacy"))],
  ];
  report(`asking ${checks.map(([name]) => name).join(", ")}`);
  // All of them to their end, so that no container is left where one fails.
  const ended = await Promise.allSettled(checks.map(([, check]) => check()));
  return ended.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

const scanOutput = z.looseObject({
  reports: z.array(z.looseObject({ findings: z.array(z.unknown()), unlisted: z.number() })),
});

/** The base image whose layers an image has, by name: its own for a base image and its builder. */
function familyOf({ report, run, base }: PublishedImage): string {
  return report.kind === "base-image" ? run.pipeline.name : base.replace(/@.*$/, "");
}

/**
 * Searches images as a whole, with the command line that agents have: those that share layers by one call, which reads them once.
 * @param tool `wheelhouse.cjs` of the template repository.
 * @returns leaks that were found
 */
export async function scanImages(
  tool: string,
  images: readonly PublishedImage[],
  { dockerConfig, environment }: Machine,
): Promise<number> {
  const env = { ...environment, DOCKER_CONFIG: dockerConfig };
  const scan = async (family: string): Promise<number> => {
    const references = images.filter((image) => familyOf(image) === family).map(({ reference }) => reference);
    const args = [tool, "scan", ...references, "--json", "--quiet"];
    const { output, code, errors } = await run(process.execPath, args, {
      env,
      allowFailure: true,
      timeoutSeconds: 300,
    });
    if (code !== 0 && code !== 1) throw new Error(`the scan of the images failed: ${errors.trim()}`);
    return scanOutput
      .parse(JSON.parse(output))
      .reports.reduce((sum, { findings, unlisted }) => sum + findings.length + unlisted, 0);
  };
  const leaks = await Promise.all([...new Set(images.map(familyOf))].map(scan));
  return leaks.reduce((sum, count) => sum + count, 0);
}
