/** A real browser for the page's tests, and what is measured in it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium as playwright, type BrowserContext, type Page } from "playwright-core";

import { findOnPath } from "../../../../sandbox/toolchain/path.mjs";
import { chromium } from "../../../../sandbox/toolchain/tools.mjs";

/** Quiet: nothing but the page is asked for. */
const flags = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Its sandbox is not for root, which tests may run as.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

export interface Look {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
  readonly javaScriptEnabled?: boolean;
}

/** There is no browser on this machine, and not every system has a package of it. */
export class NoBrowser extends Error {
  constructor(reason: string) {
    super(`no chromium to show the page in: ${reason}. Install ${chromium.install}.`);
    this.name = "NoBrowser";
  }
}

export class TestBrowser {
  private context: BrowserContext | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), "wheelhouse-browser-"));
  /** Errors on the console and of scripts, and refusals of the page's own policy, since they were last asked for. */
  private errors: string[] = [];

  async start(): Promise<this> {
    const found = await findOnPath(chromium, process.env);
    if ("refused" in found) throw new NoBrowser(found.refused);
    this.context = await playwright.launchPersistentContext(this.folder, {
      executablePath: join(found.folder, "chromium"),
      headless: true,
      args: flags,
      timeout: 30_000,
    });
    return this;
  }

  async stop(): Promise<void> {
    await this.context?.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  /** Opens a page and waits until it is there; its script has run once by then. */
  async open(address: string, { width = 1600, colorScheme = "light" }: Look = {}): Promise<Page> {
    if (this.context === undefined) throw new Error("the browser was not started");
    const page = await this.context.newPage();
    page.setDefaultTimeout(10_000);
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.errors.push(message.text());
    });
    page.on("pageerror", (error) => this.errors.push(error.message));
    page.on("dialog", (dialog) => {
      this.errors.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.addInitScript(watchShifts);
    await page.goto(address, { waitUntil: "load" });
    return page;
  }

  /** Closes all pages, as the next test has others. */
  async clear(): Promise<void> {
    for (const page of this.context?.pages() ?? []) await page.close();
    this.errors = [];
  }

  takeErrors(): string[] {
    const found = this.errors;
    this.errors = [];
    return found;
  }
}

/** Adds up how far what was there has moved, as browsers measure it (the Layout Instability API). */
function watchShifts(): void {
  const seen: string[] = [];
  Object.assign(globalThis, { shifts: seen });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { value, sources = [] } = entry as unknown as {
        value: number;
        sources?: { node?: { outerHTML?: string } }[];
      };
      seen.push(`${value.toFixed(5)} ${sources.map(({ node }) => (node?.outerHTML ?? "").slice(0, 80)).join(" | ")}`);
    }
  }).observe({ type: "layout-shift", buffered: true } as never);
}

/** Waits until an expression holds in the page; what the page may evaluate itself does not matter. */
export async function waitFor(page: Page, expression: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while ((await page.evaluate(expression)) !== true) {
    if (Date.now() > deadline) throw new Error(`this never came true: ${expression}`);
    await page.waitForTimeout(50);
  }
}

/** What moved since the page was opened. */
export async function shifts(page: Page): Promise<string[]> {
  // Entries come when a frame was drawn.
  await page.waitForTimeout(150);
  return page.evaluate(() => (globalThis as unknown as { shifts: string[] }).shifts);
}

/** How much wider than the window the page is, in pixels. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}

/** Texts, signs and colours whose contrast is less than WCAG's level AA asks for (1.4.3, 1.4.11). */
export async function faint(page: Page): Promise<string[]> {
  return page.evaluate(measureContrast);
}

/* Runs in the browser, whose types are not those of the tests. */
const measureContrast = `(() => {
  const channels = (color) => {
    const found = /rgba?\\(([^)]+)\\)/.exec(color);
    if (found === null) return [0, 0, 0, 0];
    const [r, g, b, a = 1] = found[1].split(/[ ,/]+/).map(Number);
    return [r, g, b, a];
  };
  const over = (top, under) => top.slice(0, 3).map((value, index) => value * top[3] + under[index] * (1 - top[3]));
  const luminance = (color) => {
    const [r, g, b] = color.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    const above = [];
    for (let at = element; at !== null; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      above.push(color);
      if (color[3] === 1) break;
    }
    return above.reverse().reduce((under, color) => over(color, under), [255, 255, 255]);
  };
  const ratio = (color, element) => {
    const under = background(element);
    const [a, b] = [luminance(over(channels(color), under)), luminance(under)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === "" || !isSeen(element) || element.closest(".unseen, .skip, script") !== null) continue;
    const style = getComputedStyle(element);
    const size = Number.parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const found = ratio(style.color, element);
    if (found < (isLarge ? 3 : 4.5)) faint.push(found.toFixed(2) + " " + node.data.trim().slice(0, 40) + " in " + element.className);
  }
  for (const sign of document.querySelectorAll(".sign, .swatch, svg.layers rect")) {
    if (!isSeen(sign)) continue;
    const style = getComputedStyle(sign);
    const color = sign.matches(".sign") ? style.color : sign.matches(".swatch") ? style.backgroundColor : style.fill;
    const found = ratio(color, sign.parentElement);
    if (found < 3) faint.push(found.toFixed(2) + " " + sign.getAttribute("class"));
  }
  return [...new Set(faint)];
})()`;
