/** Reads an image from a registry. */
import { type Readable } from "node:stream";
import { type Reference, type RegistryClient, formatReference } from "../registry";
import { parseManifest, type Descriptor, type ImageSource, type ManifestDocument, type OtherFile } from "./model";
import { verified } from "./verify";

/** An image behind a reference; nothing is fetched before it is asked for. */
export class RegistrySource implements ImageSource {
  readonly kind = "registry";
  readonly name: string;
  private root: Promise<ManifestDocument> | undefined;

  constructor(
    private readonly client: RegistryClient,
    private readonly reference: Reference,
  ) {
    this.name = formatReference(reference);
  }

  async roots(): Promise<readonly ManifestDocument[]> {
    this.root ??= this.read(this.reference);
    return [await this.root];
  }

  async manifest(descriptor: Descriptor): Promise<ManifestDocument> {
    const { registry, repository } = this.reference;
    return await this.read({ registry, repository, digest: descriptor.digest });
  }

  async blob(descriptor: Descriptor): Promise<Readable> {
    return verified(await this.client.blob(this.reference, descriptor.digest), descriptor, this.name);
  }

  otherFiles(): Promise<readonly OtherFile[]> {
    return Promise.resolve([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async read(reference: Reference): Promise<ManifestDocument> {
    const { digest, mediaType, body } = await this.client.manifest(reference);
    return parseManifest({ digest, mediaType, size: body.length }, body, this.name);
  }
}
