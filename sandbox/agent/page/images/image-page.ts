/** One repository: its versions, and of one of them all layers, with the images that share each. */
import { html, type Html } from "../html";
import { count, describeSize, exactTime, relativeTime } from "../words";
import { imageAddress, ownSize } from "./images-page";
import { layerBar, originNames, sizesByOrigin } from "./layer-bar";
import { shortTag, tagChip } from "./tag";
import { labels, labelsOf, type Catalogue, type ImageLayer, type PlatformImage, type TaggedImage } from "./model";

export interface ImageView {
  readonly repository: string;
  readonly versions: readonly TaggedImage[];
  /** The version whose layers are shown. */
  readonly image: TaggedImage;
  readonly catalogue: Catalogue;
  readonly host: string;
  readonly now: Date;
}

/** `sha256:3f2a91c04b7d`: enough to tell it from others. */
export function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}

function sharers(layer: ImageLayer, { image, catalogue }: ImageView): TaggedImage[] {
  return (catalogue.sharing.get(layer.digest) ?? []).filter((other) => other !== image);
}

function sharedBy(layer: ImageLayer, view: ImageView): Html {
  const others = sharers(layer, view);
  if (others.length === 0) return html`<span class="quiet">In no other image</span>`;
  const byRepository = new Map<string, number>();
  for (const { repository } of others) byRepository.set(repository, (byRepository.get(repository) ?? 0) + 1);
  const items = [...byRepository].map(
    ([name, images]) =>
      html`<li>
        <a href="${imageAddress(name)}">${name}</a
        >${images > 1 ? html` <span class="quiet">${count(images, "version")}</span>` : undefined}
      </li>`,
  );
  return html`<details>
    <summary>${count(others.length, "other image")}</summary>
    <ul>
      ${items}
    </ul>
  </details>`;
}

/** Readable, without what BuildKit adds. */
function command(text: string | undefined): Html {
  if (text === undefined || text.trim() === "") return html`<span class="quiet">Not told</span>`;
  const clean = text
    .replace(/\s+# buildkit$/, "")
    .replace(/^\/bin\/sh -c (?:#\(nop\)\s*)?/, "")
    .replace(/^RUN \/bin\/sh -c /, "RUN ")
    // A script within a Dockerfile: the history has no word of what is in it.
    .replace(/^RUN \/dev\/pipes\/\S+$/, "RUN a script of the Dockerfile");
  if (clean.length <= 120 && !clean.includes("\n")) return html`<code>${clean}</code>`;
  const [line = ""] = clean.split("\n");
  return html`<details>
    <summary><code>${line.slice(0, 100)} …</code></summary>
    <pre>${clean}</pre>
  </details>`;
}

function layerRow(layer: ImageLayer, index: number, view: ImageView): Html {
  return html`<li class="layer">
    <span class="index quiet">${index + 1}</span>
    <span class="origin"><i class="swatch ${layer.origin}"></i>${originNames[layer.origin]}</span>
    <span class="size">${describeSize(layer.size)}</span>
    <div class="command">
      ${command(layer.command)}
      <p class="quiet digest" title="${layer.digest}">${shortDigest(layer.digest)}</p>
    </div>
    <div class="sharing">${sharedBy(layer, view)}</div>
  </li> `;
}

function fact(name: string, value: Html | string | undefined): Html | undefined {
  return value === undefined
    ? undefined
    : html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`;
}

/** Where the base image is, if it is in this registry. */
function baseLink(platform: PlatformImage, { host, catalogue }: ImageView): Html | undefined {
  const said = labelsOf(platform.configuration);
  const [name, digest] = [said[labels.baseName], said[labels.baseDigest]];
  if (name === undefined) return undefined;
  const prefix = `${host}/`;
  const own = name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
  const repository = own?.replace(/[:@].*$/, "");
  const link =
    repository !== undefined && catalogue.repositories.has(repository)
      ? html`<a href="${imageAddress(repository, digest)}">${own}</a>`
      : html`${own ?? name}`;
  return html`${link}${digest === undefined ? undefined : html` <code class="digest" title="${digest}">${shortDigest(digest)}</code>`}`;
}

function started({ configuration: { config } }: PlatformImage): Html | undefined {
  const words = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  return words.length === 0 ? undefined : html`<code>${words.join(" ")}</code>`;
}

function labelTable({ configuration }: PlatformImage): Html | undefined {
  const said = Object.entries(labelsOf(configuration)).sort(([a], [b]) => a.localeCompare(b, "en"));
  if (said.length === 0) return undefined;
  const rows = said.map(
    ([name, value]) =>
      html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`,
  );
  return html`<section>
    <h2>Labels</h2>
    <dl class="label-list">${rows}</dl>
  </section>`;
}

function platformSection(platform: PlatformImage, view: ImageView): Html {
  const { image, catalogue, repository } = view;
  const { User, WorkingDir, ExposedPorts } = platform.configuration.config;
  const sizes = sizesByOrigin(platform);
  const own = ownSize(platform, repository, catalogue);
  const parts = sizes.map(
    ([origin, size]) =>
      html`<li><i class="swatch ${origin}"></i><span>${originNames[origin]}</span> <b>${describeSize(size)}</b></li>`,
  );
  return html`<section class="platform">
    ${image.platforms.length > 1 ? html`<h2>${platform.platform}</h2>` : undefined}
    <div class="composition">
      ${layerBar(platform, platform.size)}
      <ul class="legend" aria-label="Sizes by origin">
        ${parts}
      </ul>
    </div>
    <dl class="facts">
      ${fact("Size", html`${describeSize(platform.size)} <span class="quiet">${describeSize(own)} of it in no other image</span>`)}
      ${fact("Made on", baseLink(platform, view))}
      ${fact("Created", image.created === undefined ? undefined : html`${exactTime(image.created)} <span class="quiet relative">${relativeTime(image.created, view.now)}</span>`)}
      ${fact("Digest", html`<code class="digest" title="${image.digest}">${image.digest}</code>`)}
      ${fact("Platform", platform.platform)} ${fact("Starts", started(platform))} ${fact("User", User ?? undefined)}
      ${fact("Folder", WorkingDir ?? undefined)}
      ${fact("Ports", Object.keys(ExposedPorts ?? {}).join(", ") || undefined)}
    </dl>
    <h2>Layers <span class="quiet">${count(platform.layers.length, "layer")}, the lowest first</span></h2>
    <ol class="layer-list rows">
      ${platform.layers.map((layer, index) => layerRow(layer, index, view))}
    </ol>
    ${labelTable(platform)}
  </section>`;
}

function versionList({ versions, image, repository, now }: ImageView): Html {
  const items = versions.map((version) => {
    const mark = version === image ? html`aria-current="true"` : undefined;
    const size = version.platforms[0] === undefined ? "" : describeSize(version.platforms[0].size);
    return html`<li>
      <a href="${imageAddress(repository, version.digest)}" ${mark}
        ><span class="tags"
          >${version.tags.slice(0, 3).map(shortTag).join(", ")}${version.tags.length > 3 ? " …" : ""}</span
        ><span class="quiet"
          >${version.created !== undefined && html`${relativeTime(version.created, now)} · `}${size}</span
        ></a
      >
    </li>`;
  });
  return html`<nav class="side versions" aria-label="Versions">
    <h2>Versions</h2>
    <ol>
      ${items}
    </ol>
  </nav>`;
}

export function imagePage(view: ImageView): Html {
  const { repository, image, host } = view;
  const tags = image.tags.map(tagChip);
  const body = image.platforms.map((platform) => platformSection(platform, view));
  const none = html`<p class="quiet">
    This is no image that anything runs: a build cache, or something else that was pushed.
  </p>`;
  return html`<p class="trail"><a href="/images">Images</a></p>
    <header class="head">
      <h1>${repository}</h1>
      <p class="tags-of">${tags}</p>
      <p class="verdict"><code>${host}/${repository}@${shortDigest(image.digest)}</code></p>
    </header>
    <div class="reader">
      ${versionList(view)}
      <div class="image-body">${body.length === 0 ? none : body}</div>
    </div>`;
}
