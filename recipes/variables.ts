/** The bake variables that a pipeline run sets, and the parts of a bake file that are made of them. */
import { literal, type BakeVariable } from "./bake";

/** The earliest time that zip archives know (1980-01-01): for what must be the same in every run. */
export const fixedTime = 315532800;

const known = {
  REGISTRY: { description: "Login server of the registry" },
  INDEX_URL: { description: "The feed's simple index, without credentials" },
  BASE_DIGEST: { description: "Digest of the base image, sha256:..." },
  BUILDER_DIGEST: { description: "Digest of the base image's builder, sha256:..." },
  SOURCE: { description: "Folder with the committed files of the application" },
  LOCK: { description: "Folder with the resolved locks" },
  SECRETS: { description: "Folder with the secret files" },
  VERSION: { description: "Version of the images" },
  REVISION: { description: "Commit that is built" },
  CREATED: { description: "Time of that commit, RFC 3339" },
  SOURCE_URL: { description: "Address of the repository, without credentials" },
  LOCK_HASH: { description: "SHA-256 of the lock", default: "" },
  SOURCE_DATE_EPOCH: {
    description: "Time that images say they are from, in seconds since 1970: that of the commit",
    default: String(fixedTime),
  },
  PUSH: { description: "true: push the images by digest; false: build them only", default: "false" },
} as const satisfies Record<string, BakeVariable>;

export type VariableName = keyof typeof known;

/** Declarations of the named variables. */
export function variables(names: readonly VariableName[]): Record<string, BakeVariable> {
  return Object.fromEntries(names.map((name) => [name, known[name]]));
}

/** The file with the feed's credentials; bake stops where it is missing. */
export const netrcSecret = "id=netrc,src=${SECRETS}/netrc";

/** Times after SOURCE_DATE_EPOCH become it, in what a build adds; layers of the image below stay, and stay where they are. */
const sameTimes = ",rewrite-timestamp=true";

/**
 * Pushed by digest alone: a tag comes later, when the image has been scanned. A brought Dockerfile keeps its times
 * (`rewrite: false`): its layers may come from a cache, and to rewrite them would be to fetch them. `compression`: of the
 * layers that the build adds; default gzip, which every container runtime reads.
 */
export function imageOutput(
  repository: string,
  { rewrite = true, compression }: { readonly rewrite?: boolean; readonly compression?: "zstd" } = {},
): string {
  const options = `${rewrite ? sameTimes : ""}${compression === undefined ? "" : `,compression=${compression}`}`;
  return `type=image,name=\${REGISTRY}/${repository},push-by-digest=true,name-canonical=true,oci-mediatypes=true${options},push=\${PUSH}`;
}

/** Pushed under a tag that is a hash of its content. */
export function taggedOutput(repository: string, tagVariable: string): string {
  return `type=image,name=\${REGISTRY}/${repository}:\${${tagVariable}},oci-mediatypes=true${sameTimes},push=\${PUSH}`;
}

/** The same in every run, so that what is named by a hash of its content has one digest. */
export const fixedEpoch = { SOURCE_DATE_EPOCH: String(fixedTime) };

/** The time of the commit. */
export const commitEpoch = { SOURCE_DATE_EPOCH: "${SOURCE_DATE_EPOCH}" };

/** The scanner that lists an image's software; set by the platform, and by a run that wants another or none. */
export function generatorVariable(generator: string | undefined): Record<string, BakeVariable> {
  return {
    SBOM_GENERATOR: {
      description: "Image, by digest, that lists the software of a published image; empty: no list",
      default: literal(generator ?? ""),
    },
  };
}

/**
 * What a published image says of its making: everything, since no secret is ever an argument. The list of its software
 * is made from its whole file system, for which the builder fetches the base image, so it comes only where it is asked for.
 */
export const publishedAttestations: readonly string[] = [
  "type=provenance,mode=max",
  '${SBOM_GENERATOR == "" ? "type=sbom,disabled=true" : "type=sbom,generator=${SBOM_GENERATOR}"}',
];

/** For what only other builds take: an attestation holds the time of its making, and would change the digest. */
export const noAttestations: readonly string[] = ["type=provenance,disabled=true"];

/** OCI labels that say which run made an image. */
export const runLabels: Readonly<Record<string, string>> = {
  "org.opencontainers.image.version": "${VERSION}",
  "org.opencontainers.image.revision": "${REVISION}",
  "org.opencontainers.image.created": "${CREATED}",
  "org.opencontainers.image.source": "${SOURCE_URL}",
};
