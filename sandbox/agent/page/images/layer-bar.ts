/** An image's layers as one bar: how much of it comes from where. */
import { html, type Html } from "../html";
import { describeSize } from "../words";
import type { LayerOrigin, PlatformImage } from "./model";

export const originNames: Readonly<Record<LayerOrigin, string>> = {
  upstream: "Upstream image",
  base: "Base image",
  packages: "Packages",
  source: "Source",
  application: "Application",
};

export const originOrder: readonly LayerOrigin[] = ["upstream", "base", "packages", "source", "application"];

/** Bytes by origin, those without any left out. */
export function sizesByOrigin({ layers }: PlatformImage): [LayerOrigin, number][] {
  const sizes = originOrder.map((origin): [LayerOrigin, number] => [
    origin,
    layers.filter((layer) => layer.origin === origin).reduce((sum, { size }) => sum + size, 0),
  ]);
  return sizes.filter(([, size]) => size > 0);
}

const width = 1000;
/** What is smaller is drawn so wide: a source of some kilobytes is there, too. */
const leastWidth = 6;
const gap = 4;

/** @param whole Bytes that the bar's whole width stands for: the largest image's, where several bars are compared. */
export function layerBar(image: PlatformImage, whole: number): Html {
  const sizes = sizesByOrigin(image);
  let x = 0;
  const parts = sizes.map(([origin, size]) => {
    const wide = Math.max(leastWidth, Math.round((width * size) / Math.max(1, whole)));
    const rect = html`<rect class="${origin}" x="${x}" y="0" width="${wide}" height="12" />`;
    x += wide + gap;
    return rect;
  });
  const said = sizes.map(([origin, size]) => `${originNames[origin]} ${describeSize(size)}`).join(", ");
  return html`<svg
    class="layers"
    viewBox="0 0 ${Math.max(width, x)} 12"
    preserveAspectRatio="none"
    role="img"
    aria-label="${said}"
  >
    ${parts}
  </svg>`;
}

export function legend(origins: readonly LayerOrigin[]): Html {
  const items = origins.map((origin) => html`<li><i class="swatch ${origin}"></i>${originNames[origin]}</li>`);
  return html`<ul class="legend" aria-label="Colours">
    ${items}
  </ul>`;
}
