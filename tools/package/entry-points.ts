/** Entry points of a wheel, and the console scripts that are made of them. */

export interface EntryPoint {
  /** Name of the script. */
  readonly name: string;
  readonly module: string;
  /** What is called in it, such as `main` or `Application.run`. */
  readonly attribute: string;
}

const identifier = "[\\p{ID_Start}_][\\p{ID_Continue}]*";
const dotted = `${identifier}(?:\\.${identifier})*`;
const reference = new RegExp(`^(${dotted})\\s*:\\s*(${dotted})(?:\\s*\\[[^\\]]*\\])?$`, "u");

/**
 * Entry points by group, of the groups that become scripts.
 * @param refuse makes the error for a line that cannot become a script.
 */
export function parseEntryPoints(
  text: string,
  refuse: (what: string) => Error,
): ReadonlyMap<string, readonly EntryPoint[]> {
  const groups = new Map<string, EntryPoint[]>();
  let group = "";
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === "" || /^[#;]/.test(line)) continue;
    const section = /^\[([^\]]+)\]$/.exec(line)?.[1]?.trim();
    if (section !== undefined) {
      group = section;
    } else if (group === "console_scripts" || group === "gui_scripts") {
      const at = line.indexOf("=");
      const name = line.slice(0, Math.max(at, 0)).trim();
      const match = reference.exec(line.slice(at + 1).trim());
      if (!/^[A-Za-z0-9_.-]+$/.test(name) || /^\.{0,2}$/.test(name) || match === null) {
        throw refuse(
          `the entry point ${JSON.stringify(line)} cannot become a script: write it as name = module:function`,
        );
      }
      const entries = groups.get(group) ?? [];
      entries.push({ name, module: match[1] ?? "", attribute: match[2] ?? "" });
      groups.set(group, entries);
    }
  }
  return groups;
}

/** A Python program that calls the entry point and ends with what it gives back. */
export function scriptText({ module, attribute }: EntryPoint, interpreter: string): string {
  const [imported = ""] = attribute.split(".");
  return [
    `#!${interpreter}`,
    "import sys",
    "",
    `from ${module} import ${imported}`,
    "",
    'if __name__ == "__main__":',
    `    sys.exit(${attribute}())`,
    "",
  ].join("\n");
}
