/** Reads a wheel, as https://packaging.python.org/specifications/binary-distribution-format/ has it, and checks it. */
import { createHash } from "node:crypto";
import { specifierTakes, pythonVersion } from "../resolve/versions";
import { UsageError } from "../errors";
import type { ArchiveFile } from "./archive";
import { parseEntryPoints, type EntryPoint } from "./entry-points";

export interface Wheel {
  /** Distribution and version, as in the names of its folders: `orders-1.2.0`. */
  readonly stem: string;
  readonly distribution: string;
  readonly version: string;
  /** Whether it holds nothing that is made for one platform or one interpreter. */
  readonly pure: boolean;
  readonly files: readonly ArchiveFile[];
  readonly consoleScripts: readonly EntryPoint[];
  readonly graphicalScripts: readonly EntryPoint[];
}

/**
 * @param name of the wheel's file, for errors.
 * @param python `major.minor` that it is to run on.
 * @throws UsageError for a wheel that is broken, not for that Python, or has a file that would leave its folder.
 */
export function readWheel(files: readonly ArchiveFile[], name: string, python: string): Wheel {
  const refuse = (what: string) =>
    new UsageError(`${name}: ${what}`, "look at the settings of the project's build backend");
  const stem = /^([^-]+-[^-]+)-/.exec(name)?.[1];
  if (stem === undefined) throw refuse("its name is not that of a wheel");
  for (const { path } of files) {
    if (!staysInside(path)) throw refuse(`the file ${JSON.stringify(path)} would leave its folder`);
  }
  const information = files.find(({ path }) => /^[^/]+\.dist-info\/WHEEL$/.test(path))?.path.split("/")[0];
  const text = (file: string) => {
    const found = files.find(({ path }) => path === `${information ?? ""}/${file}`);
    return found === undefined ? undefined : Buffer.from(found.content).toString("utf8");
  };
  const [wheel, metadata, record] = ["WHEEL", "METADATA", "RECORD"].map(text);
  if (information === undefined || wheel === undefined || metadata === undefined || record === undefined) {
    throw refuse("it lacks WHEEL, METADATA or RECORD");
  }
  if (information.toLowerCase() !== `${stem}.dist-info`.toLowerCase()) throw refuse(`${information} is not its own`);
  checkRecord(files, record, information, refuse);
  const requires = header(metadata, "Requires-Python")[0];
  if (requires !== undefined && specifierTakes(requires, pythonVersion(python)) === false) {
    throw new UsageError(
      `${header(metadata, "Name")[0] ?? stem} wants Python ${requires}, and its base image has ${python}`,
      "correct requires-python in pyproject.toml, or choose another base image",
    );
  }
  const tags = header(wheel, "Tag");
  const entries = parseEntryPoints(text("entry_points.txt") ?? "", refuse);
  return {
    stem: information.slice(0, -".dist-info".length),
    distribution: header(metadata, "Name")[0] ?? stem,
    version: header(metadata, "Version")[0] ?? "",
    pure:
      tags.length > 0 &&
      tags.every((tag) => tag.endsWith("-none-any")) &&
      header(wheel, "Root-Is-Purelib")[0] === "true",
    files,
    consoleScripts: entries.get("console_scripts") ?? [],
    graphicalScripts: entries.get("gui_scripts") ?? [],
  };
}

/** Whether a name in an archive lies below the folder that the archive is put into. */
export function staysInside(path: string): boolean {
  return (
    path !== "" &&
    !/[\\\u0000-\u001f]|^[A-Za-z]:/.test(path) &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}

/** Values of a header, in the form of e-mail headers, up to the first empty line. */
function header(text: string, name: string): string[] {
  const [head = ""] = text.split(/\r?\n\r?\n/);
  return head
    .split(/\r?\n/)
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(name.length + 1).trim());
}

/** Every file must be what RECORD says of it. */
function checkRecord(
  files: readonly ArchiveFile[],
  record: string,
  information: string,
  refuse: (what: string) => Error,
): void {
  const hashes = new Map(
    record.split(/\r?\n/).flatMap((line) => {
      const match = /^("(?:[^"]|"")*"|[^,]*),([^,]*),([^,]*)$/.exec(line);
      if (match === null) return [];
      const path = match[1] ?? "";
      return [[path.startsWith('"') ? path.slice(1, -1).replaceAll('""', '"') : path, match[2] ?? ""] as const];
    }),
  );
  for (const { path, content } of files) {
    if (new RegExp(`^${escaped(information)}/RECORD(\\.jws|\\.p7s)?$`).test(path)) continue;
    const said = hashes.get(path);
    if (said === undefined) throw refuse(`RECORD does not list ${path}`);
    if (said.startsWith("sha256=") && said !== `sha256=${recordHash(content)}`) {
      throw refuse(`${path} is not what RECORD says`);
    }
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A hash in the form of RECORD. */
export function recordHash(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("base64url");
}
