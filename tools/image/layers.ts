/** Lists the layers of everything that a source has. */
import { isManifestType, type Descriptor, type ImageSource, type ManifestDocument } from "./model";

/** Digests of the layers of every image of a source, whatever its platform. */
export async function allLayers(source: ImageSource): Promise<readonly string[]> {
  const layers = new Set<string>();
  const visit = async (document: ManifestDocument): Promise<void> => {
    if (document.kind === "manifest") document.layers.forEach(({ digest }: Descriptor) => layers.add(digest));
    else
      for (const child of document.manifests)
        if (isManifestType(child.mediaType)) await visit(await source.manifest(child));
  };
  for (const root of await source.roots()) await visit(root);
  return [...layers];
}
