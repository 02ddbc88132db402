/** The pages of a package index: read from HTML or JSON, written as HTML or JSON (PEP 503, 592, 658, 691, 714). */
import { z } from "zod";

/** One file of a package. */
export interface PackageFile {
  readonly filename: string;
  /** May be relative to the page. */
  readonly url: string;
  readonly hashes: Readonly<Record<string, string>>;
  readonly requiresPython?: string;
  /** Present when it was withdrawn; the reason, which may be empty. */
  readonly yanked?: string;
  /** Whether its metadata can be had alone, and with which hashes. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface SimplePage {
  readonly name: string;
  readonly files: readonly PackageFile[];
}

export const jsonType = "application/vnd.pypi.simple.v1+json";
export const htmlType = "application/vnd.pypi.simple.v1+html";

/** What is sent to an index that may know one of them only. */
export const acceptedTypes = `${jsonType}, ${htmlType};q=0.2, text/html;q=0.1`;

const offered = z.union([z.boolean(), z.record(z.string(), z.string())]).optional();

const jsonPage = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      hashes: z.record(z.string(), z.string()).default({}),
      "requires-python": z.string().nullish(),
      yanked: z.union([z.boolean(), z.string()]).optional(),
      "core-metadata": offered,
      "dist-info-metadata": offered,
    }),
  ),
});

const jsonList = z.object({ projects: z.array(z.object({ name: z.string() })) });

function readJson(text: string): PackageFile[] {
  return jsonPage.parse(JSON.parse(text)).files.map((file) => {
    const metadata = file["core-metadata"] ?? file["dist-info-metadata"] ?? false;
    return {
      filename: file.filename,
      url: file.url,
      hashes: file.hashes,
      ...(typeof file["requires-python"] === "string" ? { requiresPython: file["requires-python"] } : {}),
      ...(file.yanked === undefined || file.yanked === false
        ? {}
        : { yanked: file.yanked === true ? "" : file.yanked }),
      ...(metadata === false ? {} : { metadata: metadata === true ? {} : metadata }),
    };
  });
}

const entities: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi,
    (all, decimal?: string, hex?: string, name?: string) => {
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return entities.get(name?.toLowerCase() ?? "") ?? all;
    },
  );
}

function attributesOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = "", , double, single, bare] of text.matchAll(
    /([a-z][a-z0-9-]*)(\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi,
  )) {
    found.set(name.toLowerCase(), decodeEntities(double ?? single ?? bare ?? ""));
  }
  return found;
}

/** `sha256=<digits>`, as it stands in fragments and attributes. */
function readHash(text: string | undefined): Record<string, string> {
  const [, algorithm, digest] = /^([a-z0-9_]+)=([0-9a-f]+)$/i.exec(text ?? "") ?? [];
  return algorithm === undefined || digest === undefined ? {} : { [algorithm]: digest };
}

function readHtml(text: string): PackageFile[] {
  const files: PackageFile[] = [];
  for (const [, inside = "", content = ""] of text.matchAll(/<a\s([^>]*)>([^<]*)<\/a\s*>/gi)) {
    const attributes = attributesOf(inside);
    const [url = "", fragment] = (attributes.get("href") ?? "").split("#");
    const requiresPython = attributes.get("data-requires-python");
    const yanked = attributes.get("data-yanked");
    const metadata = attributes.get("data-core-metadata") ?? attributes.get("data-dist-info-metadata");
    files.push({
      filename: decodeEntities(content).trim(),
      url,
      hashes: readHash(fragment),
      ...(requiresPython === undefined ? {} : { requiresPython }),
      ...(yanked === undefined ? {} : { yanked }),
      ...(metadata === undefined || metadata === "false" ? {} : { metadata: readHash(metadata) }),
    });
  }
  return files;
}

/**
 * The files on a package's page.
 * @throws Error when it says that it is JSON and is none
 */
export function readPage(contentType: string | undefined, text: string): PackageFile[] {
  return contentType?.includes("json") === true ? readJson(text) : readHtml(text);
}

/** The names in a JSON list of packages. */
export function readList(text: string): string[] {
  return jsonList.parse(JSON.parse(text)).projects.map(({ name }) => name);
}

function encode(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function htmlLine({ filename, url, hashes, requiresPython, yanked, metadata }: PackageFile): string {
  const sha256 = hashes.sha256;
  const attributes = [`href="${encode(url)}${sha256 === undefined ? "" : `#sha256=${encode(sha256)}`}"`];
  if (requiresPython !== undefined) attributes.push(`data-requires-python="${encode(requiresPython)}"`);
  if (yanked !== undefined) attributes.push(`data-yanked="${encode(yanked)}"`);
  if (metadata !== undefined) {
    attributes.push(
      `data-core-metadata="${metadata.sha256 === undefined ? "true" : `sha256=${encode(metadata.sha256)}`}"`,
    );
  }
  return `<a ${attributes.join(" ")}>${encode(filename)}</a><br>`;
}

function jsonFile({ filename, url, hashes, requiresPython, yanked, metadata }: PackageFile): object {
  const offer = metadata === undefined ? undefined : Object.keys(metadata).length === 0 ? true : metadata;
  return {
    filename,
    url,
    hashes,
    ...(requiresPython === undefined ? {} : { "requires-python": requiresPython }),
    ...(yanked === undefined ? {} : { yanked: yanked === "" ? true : yanked }),
    ...(offer === undefined ? {} : { "core-metadata": offer, "dist-info-metadata": offer }),
  };
}

/** A page and the type that it has. */
export interface Written {
  readonly type: string;
  readonly text: string;
}

function document(title: string, lines: readonly string[]): string {
  const head = `<meta name="pypi:repository-version" content="1.0"><title>${encode(title)}</title>`;
  return `<!DOCTYPE html>\n<html><head>${head}</head><body>\n${lines.join("\n")}\n</body></html>\n`;
}

/** Whether a client's `Accept` header prefers JSON: it does when it names it and does not rank HTML above it. */
export function prefersJson(accept: string | undefined): boolean {
  const rank = (type: string): number => {
    const part = (accept ?? "").split(",").find((range) => range.trim().toLowerCase().split(";")[0]?.trim() === type);
    return part === undefined ? 0 : Number(/;\s*q=([\d.]+)/.exec(part)?.[1] ?? 1);
  };
  const json = rank(jsonType);
  return json > 0 && json >= Math.max(rank(htmlType), rank("text/html"));
}

export function writePage({ name, files }: SimplePage, accept: string | undefined): Written {
  if (!prefersJson(accept)) return { type: "text/html", text: document(`Links for ${name}`, files.map(htmlLine)) };
  const text = JSON.stringify({ meta: { "api-version": "1.0" }, name, files: files.map(jsonFile) });
  return { type: jsonType, text };
}

export function writeList(names: readonly string[], accept: string | undefined): Written {
  if (prefersJson(accept)) {
    const projects = names.map((name) => ({ name }));
    return { type: jsonType, text: JSON.stringify({ meta: { "api-version": "1.0" }, projects }) };
  }
  const lines = names.map((name) => `<a href="${encodeURIComponent(name)}/">${encode(name)}</a><br>`);
  return { type: "text/html", text: document("Simple index", lines) };
}
