/** Pushes an image from this machine as it lies there: what was searched is what others get, byte for byte. */
import { openImage, type Descriptor, type ImageSource, type ManifestDocument } from "../image";
import { OutsideError } from "../errors";
import { describeSize } from "../size";
import { forEach } from "./for-each";
import type { Job } from "./job";

/**
 * Every manifest, configuration, layer and attestation of the one image of a layout, under its digest and no tag.
 * @param folder of the OCI layout.
 * @param known digests of layers of other repositories of the registry, each with that repository's name: they are made
 * part of this one without being sent, where the registry does that.
 * @returns the image's digest.
 * @throws OutsideError where the layout has another number of images, RegistryError where the registry refuses.
 */
export async function pushImage(
  { client, options, context }: Pick<Job, "client" | "options" | "context">,
  folder: string,
  repository: string,
  known: ReadonlyMap<string, string> = new Map(),
): Promise<string> {
  const target = { registry: options.registry, repository };
  const source = await openImage(folder);
  try {
    const root = await oneImage(source, repository);
    const documents = await documentsBelow(source, root);
    const blobs = distinct(documents.flatMap((one) => (one.kind === "manifest" ? [one.config, ...one.layers] : [])));
    const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
    context.progress(`pushing ${repository}: ${blobs.length} parts, ${describeSize(bytes)}`);
    await forEach(blobs, async (blob) => {
      context.signal.throwIfAborted();
      const { digest, size } = blob;
      const owner = known.get(digest);
      if (owner !== undefined && (await client.mountBlob(target, digest, owner))) return;
      await client.putBlob(target, digest, { length: size, open: () => source.blob(blob) });
    });
    // What is named has to be there before what names it.
    for (const { body, descriptor } of documents) {
      await client.putManifest({ ...target, digest: descriptor.digest }, body, descriptor.mediaType);
    }
    return root.descriptor.digest;
  } finally {
    await source.close();
  }
}

/** The image that the layout's index names. */
async function oneImage(source: ImageSource, name: string): Promise<ManifestDocument> {
  const [index] = await source.roots();
  const [first, ...others] = index?.kind === "index" ? index.manifests : [];
  if (first === undefined || others.length > 0) {
    throw new OutsideError(
      `the export of ${name} has ${others.length === 0 && first === undefined ? "no image" : `${others.length + 1} images`}`,
      "use buildx 0.13 or newer, and BuildKit 0.13 or newer",
    );
  }
  return await source.manifest(first);
}

/** The document and all that it names, each after those that it names. */
async function documentsBelow(source: ImageSource, root: ManifestDocument): Promise<ManifestDocument[]> {
  const children = root.kind === "index" ? root.manifests : [];
  const below = await Promise.all(children.map(async (child) => documentsBelow(source, await source.manifest(child))));
  return [...below.flat(), root];
}

function distinct(blobs: readonly Descriptor[]): Descriptor[] {
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}
