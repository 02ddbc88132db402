/** The addresses below `/images`. */
import { nothingAt, Refusal, sendJson } from "./answer";
import { html } from "./html";
import { readCatalogue } from "./images/catalogue";
import { imagePage } from "./images/image-page";
import { imagesPage } from "./images/images-page";
import type { Catalogue, TaggedImage } from "./images/model";
import { RegistryReader, RegistryUnread } from "./images/registry-reader";
import type { PageOptions } from "./options";
import type { Content, Visit } from "./visit";

/** For so long what was read is shown again: who goes from image to image does not make the registry be read each time. */
const freshMilliseconds = 3000;

export class ImageRoom {
  private readonly reader: RegistryReader | undefined;
  private last: { readonly at: number; readonly catalogue: Promise<Catalogue> } | undefined;

  public constructor(private readonly options: PageOptions) {
    this.reader = options.registry === undefined ? undefined : new RegistryReader(options.registry);
  }

  public async content({ parts, query }: Visit): Promise<Content> {
    const repository = parts.slice(1).join("/");
    const now = this.options.clock();
    if (this.reader === undefined) return { title: "Images", content: noRegistry };
    const catalogue = await this.catalogue(this.reader);
    if (repository === "") return { title: "Images", content: imagesPage(catalogue, now) };
    const { versions, image } = choose(catalogue, repository, query);
    const view = { repository, versions, image, catalogue, host: this.reader.host, now };
    return { title: repository, content: imagePage(view) };
  }

  public async data(visit: Visit): Promise<void> {
    if (this.reader === undefined) throw nothingAt("this sandbox has no registry");
    const { repositories, sharing } = await this.catalogue(this.reader);
    const repository = visit.parts.slice(1).join("/");
    if (repository !== "" && !repositories.has(repository))
      throw nothingAt(`there is no image repository ${repository}`);
    const images = repository === "" ? [...repositories.values()].flat() : (repositories.get(repository) ?? []);
    const withSharing = images.map((image) => ({
      ...image,
      platforms: image.platforms.map((platform) => ({
        ...platform,
        layers: platform.layers.map((layer) => ({
          ...layer,
          sharedWith: (sharing.get(layer.digest) ?? [])
            .filter((other) => other !== image)
            .map((other) => `${other.repository}@${other.digest}`),
        })),
      })),
    }));
    sendJson(visit, 200, { images: withSharing });
  }

  /** @throws Refusal where the registry cannot be read. */
  private async catalogue(reader: RegistryReader): Promise<Catalogue> {
    const { last } = this;
    const isFresh = last !== undefined && Date.now() - last.at < freshMilliseconds;
    const catalogue = isFresh ? last.catalogue : readCatalogue(reader);
    if (!isFresh) this.last = { at: Date.now(), catalogue };
    try {
      return await catalogue;
    } catch (error) {
      if (this.last?.catalogue === catalogue) this.last = undefined;
      if (!(error instanceof RegistryUnread)) throw error;
      throw new Refusal(502, error.message, "Try again in a moment; `npm run sandbox -- status` tells how it is.");
    }
  }
}

const noRegistry = html`<h1>Images</h1>
  <div class="empty">
    <h3>There is no registry</h3>
    <p>This sandbox was started without one. <code>npm start</code> starts both.</p>
  </div>`;

function choose(
  { repositories }: Catalogue,
  repository: string,
  query: URLSearchParams,
): { versions: readonly TaggedImage[]; image: TaggedImage } {
  const versions = repositories.get(repository) ?? [];
  const [newest] = versions;
  if (newest === undefined) throw nothingAt(`the registry holds no image ${repository}`);
  const digest = query.get("digest");
  if (digest === null) return { versions, image: newest };
  // A digest can be that of one platform, too: labels name bases so.
  const image = versions.find(
    (version) => version.digest === digest || version.platforms.some((platform) => platform.digest === digest),
  );
  if (image === undefined) throw nothingAt(`no tag names ${repository}@${digest} any more`);
  return { versions, image };
}
