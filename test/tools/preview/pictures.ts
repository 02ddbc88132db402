/**
 * Makes the pictures of comments for the documentation: `npx tsx test/tools/preview/pictures.ts`. The comments are those of the
 * golden files, and of 300 applications one that `whole/three-hundred.ts` recorded; frame and colours are after the two services.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { marked } from "marked";
import { TestBrowser } from "../../sandbox/agent/page/browser";

interface Picture {
  /** The comment, beside this file. */
  readonly comment: string;
  readonly file: string;
  readonly look: "azure-devops" | "github";
  /** Beginnings of the summaries that are opened, as a reader has clicked on them. */
  readonly open: readonly string[];
  readonly state: string;
  /** Pixels after which the picture ends, where the comment goes on. */
  readonly height?: number;
}

const pictures: readonly Picture[] = [
  {
    comment: "golden/small-change.md",
    file: "preview-comment-small-change.png",
    look: "azure-devops",
    open: ["application orders"],
    state: "Active",
  },
  {
    comment: "recorded/300-applications.md",
    file: "preview-comment-300-applications.png",
    look: "github",
    open: ["240 applications"],
    state: "",
    height: 1150,
  },
  {
    comment: "golden/protected-registry.md",
    file: "preview-comment-failing.png",
    look: "azure-devops",
    open: [],
    state: "Active",
  },
];

const style = `
  * { box-sizing: border-box; }
  body { margin: 0; padding: 20px; width: 1020px; background: #fff; }
  .card { border-radius: 6px; overflow: hidden; }
  .head { display: flex; align-items: center; gap: 10px; padding: 10px 16px; }
  .avatar { width: 28px; height: 28px; border-radius: 50%; display: grid; place-items: center; color: #fff; font-size: 12px; font-weight: 600; }
  .state { margin-left: auto; padding: 2px 10px; border-radius: 10px; font-size: 12px; }
  .body { padding: 4px 18px 16px; line-height: 1.5; }
  h3 { font-size: 1.22em; margin: 12px 0 10px; font-weight: 600; }
  p, ul, table, pre { margin: 0 0 12px; }
  ul { padding-left: 24px; }
  table { border-collapse: collapse; }
  th, td { padding: 4px 13px; border: 1px solid var(--line); }
  code { font: 85% / 1.4 "DejaVu Sans Mono", "Liberation Mono", monospace; background: var(--code); padding: 1px 5px; border-radius: 4px; }
  pre { background: var(--block); padding: 10px 0; border-radius: 6px; overflow: hidden; }
  pre code { display: block; background: none; padding: 0; font-size: 12px; line-height: 1.5; white-space: pre; }
  pre code span { display: block; padding: 0 14px; min-height: 1.5em; }
  .add { background: var(--add); color: var(--add-text); }
  .del { background: var(--del); color: var(--del-text); }
  .hunk { color: var(--hunk); }
  details { margin: 0 0 10px; }
  summary { cursor: pointer; margin-bottom: 8px; }
  .azure-devops { --line: #d6d6d6; --code: #f2f1f0; --block: #f8f8f8; --add: #dff6dd; --add-text: #0b4f0b; --del: #fde7e9; --del-text: #8b0f14; --hunk: #6b5fb5;
    font: 14px "Segoe UI", "Liberation Sans", Arial, sans-serif; color: #201f1e; }
  .azure-devops .card { border: 1px solid #eaeaea; box-shadow: 0 1px 4px rgb(0 0 0 / 12%); }
  .azure-devops .avatar { background: #0078d4; }
  .azure-devops .state { background: #eff6fc; color: #005a9e; }
  .azure-devops a { color: #005a9e; }
  .github { --line: #d1d9e0; --code: #eff1f3; --block: #f6f8fa; --add: #dafbe1; --add-text: #116329; --del: #ffebe9; --del-text: #82071e; --hunk: #6639ba;
    font: 14px -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif; color: #1f2328; }
  .github .card { border: 1px solid #d1d9e0; }
  .github .head { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; }
  .github .avatar { background: #1f2328; }
  .github .muted { color: #59636e; }
  .github a { color: #0969da; }
  .muted { color: #605e5c; font-weight: 400; }
  b.who { font-weight: 600; }
`;

/** What the services draw in colour, and fonts of a machine without a screen have not. */
const signs: Readonly<Record<string, string>> = {
  "❌": '<path d="M3 3l10 10M13 3L3 13" stroke="#d1242f" stroke-width="3" stroke-linecap="round"/>',
  "✅": '<rect x="1" y="1" width="14" height="14" rx="3" fill="#1a7f37"/><path d="M4 8l3 3 5-6" stroke="#fff" stroke-width="2" fill="none"/>',
  "⚠": '<path d="M8 1l7.5 13.5H.5z" fill="#f5c518" stroke="#8a6d00"/><path d="M8 6v4M8 11.5v1.5" stroke="#3a2e00" stroke-width="1.6"/>',
};

function drawn(html: string): string {
  return html.replace(
    /[❌✅⚠]/gu,
    (sign) => `<svg width="15" height="15" viewBox="0 0 16 16" style="vertical-align:-2px">${signs[sign] ?? ""}</svg>`,
  );
}

/** Differences with the colours that both services give them. */
const renderer = new marked.Renderer();
renderer.code = ({ text, lang }) => {
  const lines = text.split("\n").map((line) => {
    const kind =
      lang !== "diff"
        ? ""
        : line.startsWith("@@")
          ? "hunk"
          : line.startsWith("+")
            ? "add"
            : line.startsWith("-")
              ? "del"
              : "";
    return `<span class="${kind}">${line.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</span>`;
  });
  return `<pre><code>${lines.join("")}</code></pre>`;
};

function page({ comment, look, open, state }: Picture): string {
  const markdown = readFileSync(path.join(__dirname, comment), "utf8");
  const opened = open.reduce(
    (text, summary) => text.replace(`<details>\n<summary>${summary}`, `<details open>\n<summary>${summary}`),
    markdown,
  );
  const body = marked.parse(opened, { gfm: true, breaks: true, async: false, renderer });
  const who =
    look === "github"
      ? '<div class="avatar">CI</div><div><b class="who">github-actions</b> <span class="muted">bot commented 2 minutes ago · edited</span></div>'
      : '<div class="avatar">PB</div><div><b class="who">Platform Build Service (contoso)</b> <span class="muted">2 minutes ago · Edited</span></div>';
  const status = state === "" ? "" : `<div class="state">${state}</div>`;
  return `<!doctype html><meta charset="utf-8"><style>${style}</style><body class="${look}"><div class="card"><div class="head">${who}${status}</div><div class="body">${drawn(body)}</div></div>`;
}

async function main(): Promise<void> {
  const docs = path.join(__dirname, "..", "..", "..", "docs");
  const folder = mkdtempSync(path.join(tmpdir(), "wheelhouse-pictures-"));
  const browser = await new TestBrowser().start();
  try {
    for (const picture of pictures) {
      const file = path.join(folder, `${path.basename(picture.comment)}.html`);
      writeFileSync(file, page(picture));
      const shown = await browser.open(pathToFileURL(file).href, { width: 1060 });
      const target = path.join(docs, picture.file);
      if (picture.height === undefined) await shown.locator("body").screenshot({ path: target });
      else
        await shown.screenshot({
          path: target,
          fullPage: true,
          clip: { x: 0, y: 0, width: 1020, height: picture.height },
        });
      console.log(picture.file);
    }
  } finally {
    await browser.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
