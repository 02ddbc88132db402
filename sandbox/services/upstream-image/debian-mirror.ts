/** Finds where this machine takes Debian's packages from, in apt's own settings. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One `deb` line, or one paragraph of the newer form. */
interface AptSource {
  readonly address: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

function fromLines(text: string): AptSource[] {
  const found: AptSource[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    const [, address = "", suite = "", components = ""] = match ?? [];
    if (match !== null) found.push({ address, suites: [suite], components: components.trim().split(/\s+/) });
  }
  return found;
}

/** Paragraphs of `Name: values`, as Debian 12 has them (sources.list(5), "DEB822-STYLE FORMAT"). */
function fromParagraphs(text: string): AptSource[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const values = (name: string): string[] => {
      const lines = paragraph.split("\n").filter((line) => !line.startsWith("#"));
      const start = lines.findIndex((line) => line.toLowerCase().startsWith(`${name}:`));
      if (start < 0) return [];
      const rest = lines.slice(start + 1);
      const end = rest.findIndex((line) => !/^\s/.test(line));
      const all = [lines[start]?.slice(name.length + 1) ?? "", ...rest.slice(0, end < 0 ? undefined : end)];
      return all
        .join(" ")
        .trim()
        .split(/\s+/)
        .filter((value) => value !== "");
    };
    if (!values("types").includes("deb") || values("enabled")[0]?.toLowerCase() === "no") return [];
    return values("uris").map((address) => ({ address, suites: values("suites"), components: values("components") }));
  });
}

/** Debian's own releases: other systems, and makers of single programs, have other suites. */
const debianSuite = /^(bookworm|trixie|forky|sid|testing|stable|unstable|oldstable)$/;

/**
 * The mirror that apt takes Debian's packages from, without a slash at its end; nothing where apt has none, as on Ubuntu.
 * @param folder Default: `/etc/apt`.
 */
export function debianMirror(folder = "/etc/apt"): string | undefined {
  const read = (file: string): string => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return "";
    }
  };
  let names: string[] = [];
  try {
    names = readdirSync(join(folder, "sources.list.d")).sort();
  } catch {
    // No such folder: all that there is is in the one file.
  }
  const further = names.flatMap((name) => {
    const text = read(join(folder, "sources.list.d", name));
    if (name.endsWith(".sources")) return fromParagraphs(text);
    return name.endsWith(".list") ? fromLines(text) : [];
  });
  const sources = [...fromLines(read(join(folder, "sources.list"))), ...further];
  const found = sources.find(
    ({ address, suites, components }) =>
      /^https?:/.test(address) && components.includes("main") && suites.some((suite) => debianSuite.test(suite)),
  );
  return found?.address.replace(/\/+$/, "");
}
