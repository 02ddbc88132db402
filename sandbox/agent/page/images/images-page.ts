/** All images of the registry by what they are for, with what they share. */
import { html, type Html } from "../html";
import { count, describeSize, relativeTime } from "../words";
import { layerBar, legend, originOrder } from "./layer-bar";
import type { Catalogue, ImageRole, PlatformImage, TaggedImage } from "./model";
import { tagChip } from "./tag";

const groups: readonly { role: ImageRole; title: string; about: string }[] = [
  { role: "application", title: "Applications", about: "What teams run." },
  { role: "base", title: "Base images", about: "Python and common packages, refreshed daily." },
  { role: "packages", title: "Dependency images", about: "The packages that one lock adds, as one layer." },
  { role: "runtime", title: "Run-time images", about: "A base image joined with a dependency image." },
  { role: "builder", title: "Builders", about: "Base images with what installing takes." },
  { role: "upstream", title: "Upstream images", about: "What base images are made on." },
  { role: "cache", title: "Build caches and others", about: "No images that anything runs." },
];

export function imageAddress(repository: string, digest?: string): string {
  const path = repository.split("/").map(encodeURIComponent).join("/");
  return `/images/${path}${digest === undefined ? "" : `?digest=${encodeURIComponent(digest)}`}`;
}

/** Bytes of layers that no image of another repository has. */
export function ownSize(image: PlatformImage, repository: string, { sharing }: Catalogue): number {
  const isOwn = (digest: string) => (sharing.get(digest) ?? []).every((other) => other.repository === repository);
  return image.layers.filter(({ digest }) => isOwn(digest)).reduce((sum, { size }) => sum + size, 0);
}

/** Images of other repositories that were made on this one: they have its last layer. */
function usedBy(image: PlatformImage, repository: string, { sharing }: Catalogue): number {
  const others = sharing.get(image.layers.at(-1)?.digest ?? "") ?? [];
  return others.filter((other) => other.repository !== repository).length;
}

/** What it has for itself, or who else has all of it. */
function share(image: PlatformImage | undefined, repository: string, catalogue: Catalogue): string {
  if (image === undefined) return "no image";
  const own = ownSize(image, repository, catalogue);
  return own > 0 ? `${describeSize(own)} its own` : `in ${count(usedBy(image, repository, catalogue), "other image")}`;
}

function card(images: readonly TaggedImage[], catalogue: Catalogue, whole: number, now: Date): Html | undefined {
  const [newest] = images;
  if (newest === undefined) return undefined;
  const platform = newest.platforms[0];
  const size = platform === undefined ? undefined : html`<span class="size">${describeSize(platform.size)}</span>`;
  const tags = newest.tags.slice(0, 2).map(tagChip);
  return html`<li class="image">
    <div class="what">
      <a class="cover" href="${imageAddress(newest.repository)}">${newest.repository}</a>
      <p>${tags}<span class="quiet">${relativeTime(newest.created, now)}</span></p>
    </div>
    <div class="bar">${platform === undefined ? undefined : layerBar(platform, whole)}</div>
    <div class="sizes">${size}<span class="quiet">${share(platform, newest.repository, catalogue)}</span></div>
    <div class="versions quiet">${count(images.length, "version")}</div>
  </li> `;
}

function totals({ repositories }: Catalogue): { images: number; each: number; stored: number } {
  const layers = new Map<string, number>();
  let each = 0;
  let images = 0;
  for (const image of [...repositories.values()].flat()) {
    images += image.platforms.length > 0 ? 1 : 0;
    for (const platform of image.platforms) {
      each += platform.size;
      for (const { digest, size } of platform.layers) layers.set(digest, size);
    }
  }
  return { images, each, stored: [...layers.values()].reduce((sum, size) => sum + size, 0) };
}

const empty = html`<div class="empty">
  <h3>The registry holds no image yet</h3>
  <p>
    The first run of a base image's pipeline pushes one; <a href="/">the runs</a> show how far it is.
    <code>npm start</code> starts it.
  </p>
</div>`;

export function imagesPage(catalogue: Catalogue, now: Date): Html {
  const all = [...catalogue.repositories.values()];
  if (all.length === 0)
    return html`<h1>Images</h1>
      ${empty}`;
  const newest = all.flatMap(([image]) => image?.platforms[0] ?? []);
  const whole = Math.max(...newest.map(({ size }) => size), 1);
  const { images, each, stored } = totals(catalogue);
  const used = new Set(newest.flatMap(({ layers }) => layers.map(({ origin }) => origin)));
  const sections = groups.map(({ role, title, about }) => {
    const found = all.filter(([first]) => first?.role === role);
    if (found.length === 0) return undefined;
    return html`<section class="images-of" aria-labelledby="role-${role}">
      <div class="bar">
        <h2 id="role-${role}">${title}</h2>
        <p class="quiet">${about}</p>
      </div>
      <ul class="images rows">
        ${found.map((versions) => card(versions, catalogue, whole, now))}
      </ul>
    </section>`;
  });
  return html`<h1>Images</h1>
    <dl class="totals">
      <div>
        <dt>Images</dt>
        <dd>${images}</dd>
      </div>
      <div>
        <dt>All of them added up</dt>
        <dd>${describeSize(each)}</dd>
      </div>
      <div>
        <dt>Stored, as they share layers</dt>
        <dd>${describeSize(stored)}</dd>
      </div>
    </dl>
    ${legend(originOrder.filter((origin) => used.has(origin)))} ${sections}`;
}
