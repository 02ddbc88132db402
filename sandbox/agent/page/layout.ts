/** What all pages have around their content. */
import { html, type Html } from "./html";
import { clockTime, describeDay } from "./words";

export interface Shell {
  readonly title: string;
  readonly room: "runs" | "images" | "none";
  /** The sandbox's clock. */
  readonly now: Date;
  readonly content: Html;
  /** Whether the page is fetched anew when a run changes. */
  readonly live: boolean;
}

/** How far the sandbox's clock must be ahead until it is worth a word, in milliseconds. */
const worthTelling = 60_000;

function aheadBy(now: Date): string | undefined {
  const minutes = Math.round((now.getTime() - Date.now()) / 60_000);
  if (minutes * 60_000 < worthTelling) return undefined;
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const parts = [
    days === 0 ? "" : `${days} ${days === 1 ? "day" : "days"}`,
    hours === 0 ? "" : `${hours} h`,
    days > 0 || minutes % 60 === 0 ? "" : `${minutes % 60} min`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function roomLink(address: string, name: string, isCurrent: boolean): Html {
  return html`<a href="${address}" ${isCurrent ? html`aria-current="page"` : undefined}>${name}</a>`;
}

export function document({ title, room, now, content, live }: Shell): Html {
  const ahead = aheadBy(now);
  // Where there is little room the year is left out.
  const date = describeDay(now).replace(/ \d+$/, "");
  const clock = html`<span class="label">Sandbox's clock</span>
    <time id="clock" datetime="${now.toISOString()}"
      ><span class="day">${date}</span><span class="year"> ${now.getUTCFullYear()}</span>
      <span class="time">${clockTime(now)}</span> UTC</time
    >${ahead === undefined ? undefined : html` <span class="ahead">${ahead}<span class="word"> ahead</span></span>`}`;
  return html`<!doctype html>
    <html lang="en" data-now="${now.toISOString()}" ${live ? html`data-live-page` : undefined}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Wheelhouse</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/page.css" />
        <script src="/page.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header class="top">
          <div class="inner">
            <a class="brand" href="/"
              ><svg viewBox="0 0 32 32" aria-hidden="true">
                <circle cx="16" cy="16" r="9" />
                <circle cx="16" cy="16" r="2.6" />
                <path
                  d="M16 2.5v11M16 18.5v11M2.5 16h11M18.5 16h11M6.5 6.5l7.6 7.6M17.9 17.9l7.6 7.6M25.500 6.5l-7.6 7.6M14.1 17.9l-7.6 7.6"
                /></svg
              ><span>Wheelhouse</span></a
            >
            <nav aria-label="Rooms">
              ${roomLink("/", "Runs", room === "runs")}${roomLink("/images", "Images", room === "images")}
            </nav>
            <p class="clock">${clock}</p>
            <p class="connection" id="connection" role="status"></p>
          </div>
        </header>
        <p class="unseen" id="said" role="status"></p>
        <main id="content" tabindex="-1">${content}</main>
      </body>
    </html> `;
}
