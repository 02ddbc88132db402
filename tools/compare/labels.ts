/** What an image says of itself in its labels, read from the registry: configurations only, no layer. */
import { z } from "zod";
import { isAbsent, openImage, platformName, readDocument, type Descriptor, type ImageSource } from "../image";
import { formatReference, type Reference, type RegistryClient } from "../registry";

/** One image in the registry. */
export interface PublishedLabels {
  readonly digest: string;
  /** By platform, such as `linux/amd64`; the labels of each. */
  readonly platforms: ReadonlyMap<string, Labels>;
}

export type Labels = Readonly<Record<string, string>>;

const configuration = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
  config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

/**
 * The labels of an image; `undefined` when the registry has no such image.
 * @throws OutsideError where the registry fails, or holds something else than an image.
 */
export async function publishedLabels(
  client: RegistryClient,
  reference: Reference,
  signal: AbortSignal,
): Promise<PublishedLabels | undefined> {
  const source = await openImage(formatReference(reference), { client, signal });
  try {
    const [root] = await source.roots();
    if (root === undefined) return undefined;
    const manifests = root.kind === "manifest" ? [root] : await imagesOf(source, root.manifests);
    const configs = await Promise.all(
      manifests.map(async (manifest) => (manifest.kind === "manifest" ? await labelsOf(source, manifest.config) : [])),
    );
    return { digest: root.descriptor.digest, platforms: new Map(configs.flat()) };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  } finally {
    await source.close();
  }
}

/** Those of an index that are for a platform; attestations are for none. */
async function imagesOf(source: ImageSource, manifests: readonly Descriptor[]) {
  const images = manifests.filter(({ platform }) => platformName(platform) !== undefined);
  return await Promise.all(images.map((descriptor) => source.manifest(descriptor)));
}

async function labelsOf(source: ImageSource, descriptor: Descriptor): Promise<[string, Labels][]> {
  const text = await readDocument(await source.blob(descriptor), `the configuration of ${source.name}`);
  const parsed = configuration.safeParse(JSON.parse(text.toString("utf8")));
  if (!parsed.success) return [];
  const { os, architecture, config } = parsed.data;
  return [[`${os}/${architecture}`, config?.Labels ?? {}]];
}
