/** Reads images from an OCI layout, as a folder or in an archive. */
import { type Readable } from "node:stream";
import { digestOf } from "../registry";
import { type FileStore } from "./file-store";
import {
  BrokenImageError,
  parseManifest,
  type Descriptor,
  type ImageSource,
  type ManifestDocument,
  type OtherFile,
} from "./model";
import { readDocument, verified } from "./verify";

/** Whether files are those of an OCI layout. */
export function isLayout(files: ReadonlyMap<string, number>): boolean {
  return (
    files.has("index.json") && (files.has("oci-layout") || [...files.keys()].some((path) => path.startsWith("blobs/")))
  );
}

/** Every image that the layout's `index.json` names. */
export class LayoutSource implements ImageSource {
  readonly kind = "oci-layout";
  readonly name: string;

  constructor(private readonly store: FileStore) {
    this.name = store.name;
  }

  async roots(): Promise<readonly ManifestDocument[]> {
    const body = await readDocument(await this.store.open("index.json"), `index.json of ${this.name}`);
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const descriptor = { mediaType, digest: digestOf(body, "sha256"), size: body.length };
    return [parseManifest(descriptor, body, this.name)];
  }

  async manifest(descriptor: Descriptor): Promise<ManifestDocument> {
    const body = await readDocument(await this.blob(descriptor), `the manifest ${descriptor.digest} of ${this.name}`);
    return parseManifest(descriptor, body, this.name);
  }

  async blob(descriptor: Descriptor): Promise<Readable> {
    const path = blobPath(descriptor.digest);
    if (!this.store.files.has(path)) throw new MissingContentError(this.name, descriptor.digest);
    return verified(await this.store.open(path), descriptor, this.name);
  }

  otherFiles(reached: ReadonlySet<string>): Promise<readonly OtherFile[]> {
    const known = new Set(["index.json", ...[...reached].map(blobPath)]);
    const others = [...this.store.files].filter(([path]) => !known.has(path));
    return Promise.resolve(others.map(([path, size]) => ({ path, size, open: () => this.store.open(path) })));
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

/** Content that an index names and that a layout does not have: docker exports one platform of many that way. */
export class MissingContentError extends BrokenImageError {
  constructor(
    name: string,
    readonly digest: string,
  ) {
    super(`${name} has no content for ${digest}`, "It is not complete: export it again, with all that it should have.");
  }
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}
