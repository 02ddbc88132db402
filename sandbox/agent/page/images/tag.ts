/** A tag as it is shown: one that is a whole hash by its beginning, which tells it from others as well. */
import { html, type Html } from "../html";

const shownDigits = 12;

export function shortTag(tag: string): string {
  return /^[0-9a-f]{40,}$/.test(tag) ? tag.slice(0, shownDigits) : tag;
}

export function tagChip(tag: string): Html {
  return html`<span class="tag" title="${tag}">${shortTag(tag)}</span> `;
}
