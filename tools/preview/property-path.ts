/** Reads and writes the paths of properties as Pulumi does: `settings.scopes[0]["a.b"]`. */

export type PathPart = string | number;

/** A text that is no path is one key. Grammar: pulumi/pulumi, sdk/go/common/resource/property_path.go. */
export function parsePath(text: string): readonly PathPart[] {
  const parts: PathPart[] = [];
  const token = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/gy;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null) return [text];
    const [, name, index, quoted] = match;
    if (name !== undefined && at > 0 && !match[0].startsWith(".")) return [text];
    if (index !== undefined) parts.push(Number(index));
    else parts.push(name ?? (quoted ?? "").replace(/\\(.)/g, "$1"));
  }
  return parts;
}

export function formatPath(parts: readonly PathPart[]): string {
  return parts
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^[^.[\]"\s]+$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join("");
}

/**
 * `undefined` where the value has no such part. Where the way leads into something that `isWhole` takes for one thing (a
 * secret, an unknown value), that is what is found.
 */
export function valueAt(value: unknown, path: readonly PathPart[], isWhole: (value: unknown) => boolean): unknown {
  let at = value;
  for (const part of path) {
    if (isWhole(at)) return at;
    if (typeof at !== "object" || at === null) return undefined;
    at = Object.hasOwn(at, part) ? (at as Readonly<Record<PathPart, unknown>>)[part] : undefined;
  }
  return at;
}
