/** Searches what a build adds for the job's own secrets and for credentials, and says where a leak is. */
import type { CommandContext } from "../context";
import { openImage, type ImageSource } from "../image";
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

/** Searches a folder that becomes a layer. */
export async function searchFolder(job: Job, where: string, folder: string): Promise<Leak[]> {
  const report = await scanFolder(folder, { secrets: job.secrets });
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
    const report = await scanImage(image, { secrets: job.secrets, skipLayers: known });
    for (const digest of await layersOf(image)) known.add(digest);
    return report.findings.map((finding) => ({ where, finding }));
  } finally {
    await image.close();
  }
}

/** Digests of the layers of every image that a source has. */
export async function layersOf(image: ImageSource): Promise<string[]> {
  const found = new Set<string>();
  const pending = [...(await image.roots())];
  for (let document = pending.pop(); document !== undefined; document = pending.pop()) {
    if (document.kind === "manifest") {
      for (const { digest } of document.layers) found.add(digest);
    } else {
      for (const child of document.manifests) {
        if (child.mediaType.includes("manifest") || child.mediaType.includes("index")) {
          pending.push(await image.manifest(child));
        }
      }
    }
  }
  return [...found];
}

/** One line: what was found, and where. */
export function leakText({ where, finding }: Leak): string {
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
