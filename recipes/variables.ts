/** The bake variables that a pipeline run sets, and the parts of a bake file that are made of them. */
import type { BakeVariable } from "./bake";

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
  PUSH: { description: "true: push the images by digest; false: build them only", default: "false" },
} as const satisfies Record<string, BakeVariable>;

export type VariableName = keyof typeof known;

/** Declarations of the named variables. */
export function variables(names: readonly VariableName[]): Record<string, BakeVariable> {
  return Object.fromEntries(names.map((name) => [name, known[name]]));
}

/** The file with the feed's credentials; bake stops where it is missing. */
export const netrcSecret = "id=netrc,src=${SECRETS}/netrc";

/** Pushed by digest alone: a tag comes later, when the image has been scanned. */
export function imageOutput(repository: string): string {
  return `type=image,name=\${REGISTRY}/${repository},push-by-digest=true,name-canonical=true,oci-mediatypes=true,push=\${PUSH}`;
}

/** Pushed under a tag that is a hash of its content. */
export function taggedOutput(repository: string, tagVariable: string): string {
  return `type=image,name=\${REGISTRY}/${repository}:\${${tagVariable}},oci-mediatypes=true,push=\${PUSH}`;
}

/** OCI labels that say which run made an image, and of which lock; `lockHash` names the variable of its hash. */
export function runLabels(lockHash: string): Record<string, string> {
  return {
    "org.opencontainers.image.version": "${VERSION}",
    "org.opencontainers.image.revision": "${REVISION}",
    "org.opencontainers.image.created": "${CREATED}",
    "org.opencontainers.image.source": "${SOURCE_URL}",
    "wheelhouse.lock.sha256": `\${${lockHash}}`,
  };
}
