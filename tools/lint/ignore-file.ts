/** .dockerignore: which files a build context leaves out. */

/**
 * The last pattern that fits decides, `!` takes a file back in, `**` stands for any folders, and a folder stands for all
 * below it. Source: https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function readIgnore(text: string): (file: string) => boolean {
  const patterns = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && line !== "!")
    .map((line) => {
      const back = line.startsWith("!");
      return { back, expression: expressionOf(cleaned(back ? line.slice(1).trim() : line)) };
    });
  return (file) => patterns.reduce((ignored, { back, expression }) => (expression.test(file) ? !back : ignored), false);
}

/** As Go's filepath.Clean leaves it, without the slash in front. */
function cleaned(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function expressionOf(pattern: string): RegExp {
  if (pattern === "") return /^/;
  let expression = "";
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern[at] ?? "";
    if (pattern.startsWith("**", at)) {
      const slash = pattern[at + 2] === "/";
      expression += slash ? "(?:.*/)?" : ".*";
      at += slash ? 2 : 1;
    } else if (sign === "*") expression += "[^/]*";
    else if (sign === "?") expression += "[^/]";
    else if (sign === "[" && pattern.includes("]", at + 1)) {
      const end = pattern.indexOf("]", at + 1);
      expression += `[${pattern.slice(at + 1, end).replace(/\\/g, "\\\\")}]`;
      at = end;
    } else if (sign === "\\" && at + 1 < pattern.length) expression += quoted(pattern[++at] ?? "");
    else expression += quoted(sign);
  }
  try {
    return new RegExp(`^${expression}(?:/.*)?$`, "s");
  } catch {
    // A class that is none, such as `[z-a]`, fits nothing.
    return /(?!)/;
  }
}

function quoted(sign: string): string {
  return sign.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
