/** What a `pyproject.toml` says, be it by the standard's tables or by those of Poetry. */
import { parse, TomlError } from "smol-toml";
import type { ProjectFacts } from "./inspection";

const FILE = "pyproject.toml";

/** What the text says; broken TOML says nothing but a note. */
export function readPyproject(text: string): ProjectFacts {
  let document: Readonly<Record<string, unknown>>;
  try {
    document = parse(text);
  } catch (error) {
    const where = error instanceof TomlError ? `:${error.line}:${error.column}` : "";
    return { file: FILE, scripts: [], extras: [], requirements: "none", notes: [`${FILE}${where} is not TOML`] };
  }
  const project = table(document.project);
  const poetry = table(table(document.tool).poetry);
  const dynamic = Array.isArray(project.dynamic) ? project.dynamic : [];
  const late = ["scripts", "entry-points"].filter((field) => dynamic.includes(field));
  const poetryPython = table(poetry.dependencies).python;
  return {
    file: FILE,
    name: textOf(project.name) ?? textOf(poetry.name),
    description: textOf(project.description) ?? textOf(poetry.description),
    requiresPython: textOf(project["requires-python"]) ?? fromPoetry(textOf(poetryPython)),
    scripts: [...new Set([...Object.keys(table(project.scripts)), ...Object.keys(table(poetry.scripts))])],
    extras: [
      ...new Set([...Object.keys(table(project["optional-dependencies"])), ...Object.keys(table(poetry.extras))]),
    ],
    // Settings of formatters and the like alone make no project.
    requirements:
      "dependencies" in project || dynamic.includes("dependencies") || "dependencies" in poetry
        ? "listed"
        : "project" in document || "build-system" in document
          ? "perhaps"
          : "none",
    notes: late.map((field) => `${FILE}: ${field} are dynamic, and known to the build alone`),
  };
}

function table(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/**
 * Poetry's `^3.11` and `~3.11` in the form of `Requires-Python`.
 * Source: https://python-poetry.org/docs/dependency-specification/#version-constraints
 */
function fromPoetry(versions: string | undefined): string | undefined {
  if (versions === undefined) return undefined;
  const parts = versions.split(",").map((part) => part.trim());
  const said = parts.map((part) => {
    const [, sign, version = "", rest = ""] = /^([~^]?)\s*([0-9]+(?:\.[0-9]+)?)((?:\.[0-9]+)*)$/.exec(part) ?? [];
    if (sign === undefined) return /^[0-9]+(?:\.[0-9]+)*\.\*$/.test(part) ? `==${part}` : part;
    const [major = 3, minor] = version.split(".").map(Number);
    const whole = `${version}${rest}`;
    if (sign === "^" || minor === undefined) return `>=${whole},<${major + 1}`;
    return sign === "~" ? `>=${whole},<${major}.${minor + 1}` : `==${whole}`;
  });
  return said.join(",");
}
