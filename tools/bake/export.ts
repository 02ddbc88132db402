/** Builds targets into a folder on this machine, so that they are searched before anything is pushed. */
import * as path from "node:path";
import { build, phase, type Job } from "./job";
import { searchImage, type Leak } from "./leaks";

export interface ExportRequest {
  readonly targets: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly overrides?: readonly string[];
  readonly reads?: readonly string[];
  /** Options of the export, such as `rewrite-timestamp=true`: as in the recipe's push, so that layers are the same. */
  readonly options?: readonly string[];
  /** How the layers of a target are packed, as in the recipe's push. Default: by gzip. */
  readonly compression?: Readonly<Record<string, "zstd">>;
  /**
   * Whether the recipe's attestations are made. Where the export itself is pushed, they belong to it; where a second build
   * is, its own are searched then, as an attestation names the time of its making. Default: not.
   */
  readonly attested?: boolean;
}

/** Where a target's export lies, as an OCI layout. */
export function layoutOf(job: Pick<Job, "folder">, target: string): string {
  return path.join(job.folder, `layout-${target}`);
}

/**
 * @param known digests of layers that were searched before; those of the targets are added.
 * @returns the leaks of all targets.
 */
export async function exportAndSearch(job: Job, request: ExportRequest, known: Set<string>): Promise<Leak[]> {
  const layouts = request.targets.map((target) => ({ target, folder: layoutOf(job, target) }));
  const options = request.options ?? ["rewrite-timestamp=true"];
  const attested = request.attested ?? false;
  const packing = (target: string): string[] => {
    const compression = request.compression?.[target];
    return compression === undefined ? [] : [`compression=${compression}`];
  };
  await phase(job, "build", () =>
    build(job, {
      targets: request.targets,
      variables: { ...request.variables, PUSH: "false" },
      reads: request.reads ?? [],
      overrides: [
        ...layouts.flatMap(({ target, folder }) => [
          `${target}.output=${["type=oci", `dest=${folder}`, "tar=false", "oci-mediatypes=true", ...options, ...packing(target)].join(",")}`,
          ...(attested ? [] : [`${target}.attest=type=provenance,disabled=true`]),
        ]),
        ...(request.overrides ?? []),
      ],
    }),
  );
  return await phase(job, "scan", async () => {
    const leaks: Leak[] = [];
    for (const { target, folder } of layouts) {
      job.context.progress(`scanning ${target}`);
      leaks.push(...(await searchImage(job, target, folder, known)));
    }
    return leaks;
  });
}
