/** What a `setup.cfg` of setuptools says, in the form that Python's `configparser` reads. */
import type { ProjectFacts } from "./inspection";

const FILE = "setup.cfg";

type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Sections, their keys in lower case, and values with their further lines.
 * Source: https://docs.python.org/3/library/configparser.html#supported-ini-file-structure
 */
function parseSections(text: string): Sections {
  const sections = new Map<string, Map<string, string>>();
  let values = new Map<string, string>();
  let key: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line)) continue;
    const section = /^\[([^\]]+)\]/.exec(line)?.[1]?.trim();
    if (section !== undefined) {
      values = sections.get(section) ?? new Map<string, string>();
      sections.set(section, values);
      key = undefined;
    } else if (/^\s/.test(line) || line === "") {
      if (key !== undefined) values.set(key, `${values.get(key) ?? ""}\n${line.trim()}`);
    } else {
      const at = line.search(/[=:]/);
      key = (at < 0 ? line : line.slice(0, at)).trim().toLowerCase();
      values.set(key, at < 0 ? "" : line.slice(at + 1).trim());
    }
  }
  return sections;
}

/** What the text says; a file of settings for other tools says nothing. */
export function readSetupCfg(text: string): ProjectFacts {
  const sections = parseSections(text);
  const metadata = sections.get("metadata");
  const options = sections.get("options");
  const entryPoints = sections.get("options.entry_points");
  return {
    file: FILE,
    name: plain(metadata?.get("name")),
    description: plain(metadata?.get("description") ?? metadata?.get("summary")),
    requiresPython: plain(options?.get("python_requires")?.replace(/\s*\n\s*/g, "")),
    scripts: scriptNames(entryPoints?.get("console_scripts") ?? ""),
    extras: [...(sections.get("options.extras_require")?.keys() ?? [])],
    requirements: "none",
    notes: metadata?.get("name")?.startsWith("attr:") === true ? [`${FILE}: the name is an attribute of code`] : [],
  };
}

/** A value that the file has itself: `attr:` and `file:` name another place. */
function plain(value: string | undefined): string | undefined {
  const trimmed = value?.trim() ?? "";
  return trimmed === "" || /^(?:attr|file):/.test(trimmed) ? undefined : trimmed;
}

function scriptNames(lines: string): string[] {
  return lines
    .split("\n")
    .map((line) => /^([^=\s]+)\s*=/.exec(line.trim())?.[1])
    .filter((name) => name !== undefined);
}
