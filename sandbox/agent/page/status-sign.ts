/** The sign of a status: told apart by its shape, not by its colour alone, and by a word for who does not see it. */
import { html, type Html } from "./html";
import { describeStatus, type Status } from "./words";

const shapes: Readonly<Record<Status, Html>> = {
  queued: html`<circle cx="8" cy="8" r="6.2" class="line" /><path d="M8 4.6V8l2.3 1.5" class="line" />`,
  running: html`<circle cx="8" cy="8" r="6" class="track" /><path d="M8 2a6 6 0 0 1 6 6" class="line turning" />`,
  succeeded: html`<circle cx="8" cy="8" r="7" class="disc" /><path d="m4.9 8.3 2.1 2.1 4.2-4.6" class="cut" />`,
  issues: html`<path d="M8 1.4 15.2 14H.8Z" class="disc" /><path d="M8 6v3.6M8 11.8v.2" class="cut" />`,
  failed: html`<circle cx="8" cy="8" r="7" class="disc" /><path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" class="cut" />`,
  canceled: html`<circle cx="8" cy="8" r="7" class="disc" /><path d="M5 8h6" class="cut" />`,
  skipped: html`<circle cx="8" cy="8" r="6.2" class="line" /><path
      d="M5.2 5.6 7.6 8l-2.4 2.4M8.6 5.6 11 8l-2.4 2.4"
      class="line"
    />`,
  pending: html`<circle cx="8" cy="8" r="6.2" class="line dashed" />`,
};

/** @param silent Where the word stands beside it anyway. */
export function statusSign(status: Status, silent = false): Html {
  const name = silent ? html`aria-hidden="true"` : html`role="img" aria-label="${describeStatus(status)}"`;
  return html`<svg class="sign ${status}" viewBox="0 0 16 16" ${name}>${shapes[status]}</svg>`;
}

export function statusBadge(status: Status): Html {
  return html`<span class="badge ${status}">${statusSign(status, true)} ${describeStatus(status)}</span>`;
}
