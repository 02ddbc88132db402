/** Locks: requirements files with nothing but pins and hashes, read, checked and written in one form. */
import { UsageError } from "../errors";

/** One package in one version, with the hashes of its files. */
export interface Pin {
  /** As PEP 503 normalises it. */
  readonly name: string;
  readonly version: string;
  /** Environments that it is for; "" for all. */
  readonly marker: string;
  /** Such as `sha256:<hex>`, sorted, each once. */
  readonly hashes: readonly string[];
  /** First line of it in its file, from 1. */
  readonly line: number;
}

/** PEP 503: lower case, and runs of `-`, `_` and `.` are one `-`. PEP 685 has the same for extras. */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

const pinned =
  /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*==\s*([A-Za-z0-9][A-Za-z0-9.!+_-]*)\s*(?:;(.*))?$/;

const hashOption = /\s--hash[=\s]\s*(\S+)/g;

/**
 * The pins of a lock.
 * @param file as the user knows it, for errors.
 * @throws UsageError for a line that is not a pin with hashes, such as another index, a URL or a range of versions.
 */
export function parseLock(text: string, file: string): Pin[] {
  return logicalLines(text).map(({ content, line }) => {
    const refuse = (what: string, mend: string) => new UsageError(`${file}:${line}  ${what}`, mend);
    if (content.startsWith("-")) {
      throw refuse(
        `${content.split(/[\s=]/)[0] ?? ""} is no pin: a lock may hold pins and hashes only`,
        "take the line out: the platform's feed is the only index",
      );
    }
    const hashes = [...` ${content}`.matchAll(hashOption)].map((match) => match[1] ?? "");
    const match = pinned.exec(` ${content}`.replace(hashOption, "").trim());
    if (match === null || (match[2] ?? "").endsWith("*")) {
      throw refuse(
        `${JSON.stringify(content.split(/\s/)[0])} is not pinned to one version`,
        "make the lock with: uv pip compile --universal --generate-hashes",
      );
    }
    const bad = hashes.find((hash) => !/^sha(256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$/.test(hash));
    if (hashes.length === 0 || bad !== undefined) {
      throw refuse(
        bad === undefined ? `${match[1] ?? ""} has no hash` : `${JSON.stringify(bad)} is not a SHA-2 hash`,
        "make the lock with: uv pip compile --universal --generate-hashes",
      );
    }
    return {
      name: normalizeName(match[1] ?? ""),
      version: match[2] ?? "",
      marker: (match[3] ?? "").trim(),
      hashes: [...new Set(hashes)].sort(),
      line,
    };
  });
}

/** Lines without comments, joined where one ends with a backslash. */
export function logicalLines(text: string): { readonly content: string; readonly line: number }[] {
  const found: { content: string; line: number }[] = [];
  let pending: { content: string; line: number } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const goesOn = raw.endsWith("\\") && !/(?:^|\s)#/.test(raw);
    const bare = (goesOn ? raw.slice(0, -1) : raw.replace(/(?:^|\s)#.*$/, "")).trim();
    const line: { content: string; line: number } = pending ?? { content: "", line: index + 1 };
    line.content = `${line.content} ${bare}`.trim();
    pending = goesOn ? line : undefined;
    if (!goesOn && line.content !== "") found.push(line);
  }
  if (pending !== undefined && pending.content !== "") found.push(pending);
  return found;
}

/**
 * The one form of a lock: the same pins always give the same text, whatever order they came in.
 * @param header comment lines, without `#`.
 */
export function formatLock(pins: readonly Pin[], header: readonly string[]): string {
  const entries = pins.map((pin) =>
    [`${pin.name}==${pin.version}${pin.marker === "" ? "" : ` ; ${pin.marker}`}`]
      .concat(pin.hashes.map((hash) => `    --hash=${hash}`))
      .join(" \\\n"),
  );
  return [...header.map((line) => `# ${line}`), ...[...new Set(entries)].sort(byCodeUnit)]
    .map((line) => `${line}\n`)
    .join("");
}

function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
