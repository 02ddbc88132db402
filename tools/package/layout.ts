/** Lays a wheel out as it will lie in an image: what an installer does, as a plan that touches no disk. */
import { scriptText } from "./entry-points";
import { recordHash, type Wheel } from "./wheel";

/** A file of an image. */
export interface PlacedFile {
  /** Below the image's root, without a leading `/`. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** Environment of all packages of an image, as recipes make it. */
const environmentFolder = "opt/venv";

/** As the image's Python says who installed a package. */
const installer = "wheelhouse\n";

/**
 * The files of a pure wheel in the environment of an image, sorted by path; the same wheel always gives the same.
 * @param python `major.minor` of the image.
 */
export function layOut(wheel: Wheel, python: string): PlacedFile[] {
  const site = `${environmentFolder}/lib/python${python}/site-packages`;
  const information = `${site}/${wheel.stem}.dist-info`;
  const placed = new Map<string, PlacedFile>();
  const put = (path: string, content: Uint8Array, executable: boolean) =>
    placed.set(path, { path, content, executable });
  for (const { path, content, executable } of wheel.files) {
    const target = placeOf(path, wheel, site, python);
    if (target === undefined) continue;
    const isScript = target.startsWith(`${environmentFolder}/bin/`);
    put(target, isScript ? withInterpreter(content) : content, isScript || executable);
  }
  for (const entry of [...wheel.consoleScripts, ...wheel.graphicalScripts]) {
    put(`${environmentFolder}/bin/${entry.name}`, Buffer.from(scriptText(entry, interpreter)), true);
  }
  put(`${information}/INSTALLER`, Buffer.from(installer), false);
  const record = `${information}/RECORD`;
  put(record, Buffer.from(recordText([...placed.values()], record, site)), false);
  return [...placed.values()].sort((left, right) => (left.path < right.path ? -1 : 1));
}

const interpreter = `/${environmentFolder}/bin/python`;

/** Where a file of the wheel goes; `undefined` for what is made anew. */
function placeOf(path: string, wheel: Wheel, site: string, python: string): string | undefined {
  if (new RegExp("^[^/]+\\.dist-info/(RECORD(\\.jws|\\.p7s)?|INSTALLER|REQUESTED|direct_url\\.json)$").test(path)) {
    return undefined;
  }
  const [top = "", scheme = "", ...rest] = path.split("/");
  if (top !== `${wheel.stem}.data` || rest.length === 0) return `${site}/${path}`;
  const inside = rest.join("/");
  switch (scheme) {
    case "purelib":
    case "platlib":
      return `${site}/${inside}`;
    case "scripts":
      return `${environmentFolder}/bin/${inside}`;
    case "headers":
      return `${environmentFolder}/include/site/python${python}/${wheel.distribution}/${inside}`;
    case "data":
      return `${environmentFolder}/${inside}`;
    default:
      return `${site}/${path}`;
  }
}

/** A script that begins with `#!python` is to run with the environment's Python. */
function withInterpreter(content: Uint8Array): Uint8Array {
  const bytes = Buffer.from(content);
  const line = /^#!pythonw?([^\n]*)\n/.exec(bytes.toString("latin1", 0, 256));
  if (line === null) return content;
  return Buffer.concat([Buffer.from(`#!${interpreter}${line[1] ?? ""}\n`, "latin1"), bytes.subarray(line[0].length)]);
}

/** Every file with hash and size, with paths from the site folder; RECORD itself has neither. */
function recordText(files: readonly PlacedFile[], record: string, site: string): string {
  const depth = site.split("/").length;
  const fromSite = (path: string) => {
    if (path.startsWith(`${site}/`)) return path.slice(site.length + 1);
    const below = path.slice(environmentFolder.length + 1);
    return `${"../".repeat(depth - environmentFolder.split("/").length)}${below}`;
  };
  return [
    ...files.map(({ path, content }) => [fromSite(path), `sha256=${recordHash(content)}`, String(content.length)]),
    [fromSite(record), "", ""],
  ]
    .map(([path = "", ...rest]) => [/[",]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path, ...rest].join(","))
    .sort()
    .map((line) => `${line}\n`)
    .join("");
}
