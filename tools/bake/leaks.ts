/** Searches what a build adds for the job's own secrets and for credentials, and says where a leak is. */
import type { CommandContext } from "../context";
import { allLayers, openImage } from "../image";
import { readSecrets, scanFolder, scanImage, type Finding, type LiteralSecret } from "../scan";
import type { Job } from "./job";

export type LeakSecrets = readonly LiteralSecret[];

/** A leak as the result of `bake` has it: the secret itself is in it only as a hash. */
export interface Leak {
  /** What was searched: an image's repository, a stage, or the source. */
  readonly where: string;
  readonly finding: Finding;
}

/** The secrets of one job: of its netrc file, and of the files that its recipe mounts. */
export async function secretsOf(
  netrcFile: string,
  files: readonly string[],
  context: Pick<CommandContext, "environment" | "workingFolder">,
): Promise<LeakSecrets> {
  return await readSecrets({ netrcFiles: [netrcFile], files }, context);
}

/** What every search of the job has. */
function options({ secrets, allow, context }: Job) {
  return { secrets, allow, signal: context.signal, onProgress: (line: string) => context.progress(`  ${line}`) };
}

/** Searches a folder that becomes a layer. */
export async function searchFolder(job: Job, where: string, folder: string): Promise<Leak[]> {
  const report = await scanFolder(folder, options(job));
  return report.findings.map((finding) => ({ where, finding }));
}

/**
 * Searches an image: its layers but for those that were searched before, config, history and attestations.
 * @param text folder of an OCI layout, or a reference in the registry.
 * @param known digests of layers that were searched; the image's own are added.
 */
export async function searchImage(job: Job, where: string, text: string, known: Set<string>): Promise<Leak[]> {
  const image = await openImage(text, { client: job.client, temporaryFolder: job.folder, signal: job.context.signal });
  try {
    const report = await scanImage(image, { ...options(job), skipLayers: known });
    for (const digest of await allLayers(image)) known.add(digest);
    return report.findings.map((finding) => ({ where, finding }));
  } finally {
    await image.close();
  }
}

/** A line a leak: what was found, and where. What is both a given secret and of a known form is named once. */
export function leakLines(leaks: readonly Leak[]): string[] {
  const lines = new Map<string, string>();
  const given = (leak: Leak) => (leak.finding.kind === "literal" ? 0 : 1);
  for (const leak of [...leaks].sort((left, right) => given(left) - given(right))) {
    const { where, finding } = leak;
    const key = `${where} ${placeText(finding.where)} ${finding.secret}`;
    if (!lines.has(key)) lines.set(key, leakText(leak));
  }
  return [...lines.values()];
}

function leakText({ where, finding }: Leak): string {
  const what =
    finding.kind === "literal"
      ? `the secret of ${finding.source ?? "this job"} (${finding.encoding})`
      : `${finding.kind} ${finding.encoding}`;
  return `${where}: ${placeText(finding.where)}  ${what}, SHA-256 ${finding.secret}`;
}

function placeText(place: Finding["where"]): string {
  switch (place.in) {
    case "layer":
      return `layer ${place.digest.replace(/^sha256:/, "").slice(0, 12)} ${place.path === "" ? "(no file)" : `/${place.path.replace(/^\//, "")}`}`;
    case "document":
      return `${place.document}${place.pointer === undefined ? "" : ` ${place.pointer}`}`;
    case "file":
      return place.path;
  }
}
