/** What a run published: the files of one artifact, and how each is sent. */
import { extname } from "node:path";

import type { RunRecord } from "../model";
import { html, type Html } from "./html";
import type { FoundFile } from "./run-files";
import { runName } from "./runs-page";
import { count, describeSize } from "./words";

/** Read in the browser as plain text, whatever is in them; all other files are downloaded. */
const textEndings = new Set([
  ".txt",
  ".log",
  ".md",
  ".json",
  ".yml",
  ".yaml",
  ".toml",
  ".lock",
  ".csv",
  ".cfg",
  ".ini",
]);

function link(run: number, name: string, path: string): string {
  return `/artifacts/${run}/${[name, ...path.split("/")].map(encodeURIComponent).join("/")}`;
}

export function artifactPage(run: RunRecord, name: string, files: readonly FoundFile[], isCut: boolean): Html {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const rows = files.map(
    ({ path, size }) =>
      html`<tr>
        <td><a href="${link(run.id, name, path)}">${path}</a></td>
        <td class="right">${describeSize(size)}</td>
      </tr>`,
  );
  const table = html`<table class="files">
    <thead>
      <tr>
        <th scope="col">File</th>
        <th scope="col" class="right">Size</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
  return html`<p class="trail">
      <a href="/">Runs</a> <span aria-hidden="true">›</span> <a href="/runs/${run.id}">${runName(run)}</a>
    </p>
    <header class="head">
      <h1>${name}</h1>
      <p class="verdict">
        Artifact with ${count(files.length, "file")},
        ${describeSize(total)}${isCut ? "; only the first ones are listed" : ""}
      </p>
    </header>
    ${files.length === 0 ? html`<p class="quiet">It is empty.</p>` : table}`;
}

/**
 * Headers for a file that a run made. It may be anything, a page with a script too: it is never run, and has no origin.
 * @param path Its name is only used to tell text from other files.
 */
export function artifactHeaders(path: string): Readonly<Record<string, string>> {
  const isText = textEndings.has(extname(path).toLowerCase());
  const name = path.split("/").at(-1) ?? "file";
  return {
    "content-type": isText ? "text/plain; charset=utf-8" : "application/octet-stream",
    "content-disposition": `${isText ? "inline" : "attachment"}; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)}`,
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
  };
}
