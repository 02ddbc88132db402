/** Checks a team's requirements before they are resolved: nothing in them may name another place for packages. */
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { UsageError } from "../errors";
import { logicalLines } from "./lock";

const feedOnly = "take it out: the platform's feed, with its upstream, is the only index";

/** Options that name another place for packages, and the ones that go along with them. */
const otherSources =
  /^(?:-i|--index-url|--extra-index-url|-f|--find-links|--no-index|--trusted-host|--pypi-url|--process-dependency-links)(?:[\s=]|$)/;
const included = /^(?:-r|--requirement|-c|--constraint)(?:\s+|=)(\S+)$/;
const allowed = /^(?:--pre|--prefer-binary|--only-binary|--no-binary|--require-hashes|--use-pep517)(?:[\s=]|$)/;

/**
 * Checks a requirements file and those that it includes.
 * @param source folder of the application: nothing outside of it is read.
 * @param file relative to it.
 * @throws UsageError with file and line.
 */
export function checkRequirementsFile(source: string, file: string, seen = new Set<string>()): void {
  const absolute = path.resolve(source, file);
  if (seen.has(absolute)) return;
  seen.add(absolute);
  if (!existsSync(absolute)) {
    throw new UsageError(
      `${file} is not in the source`,
      "correct `requirements` in the application's spec, or add the file",
    );
  }
  for (const { content, line } of logicalLines(readFileSync(absolute, "utf8"))) {
    const refuse = (what: string, mend: string) => new UsageError(`${file}:${line}  ${what}`, mend);
    const include = included.exec(content);
    if (include !== null) {
      const target = path.relative(source, path.resolve(path.dirname(absolute), include[1] ?? ""));
      if (target.startsWith("..") || path.isAbsolute(target)) {
        throw refuse(`${JSON.stringify(include[1])} lies outside of the source`, "keep requirements in the repository");
      }
      checkRequirementsFile(source, target, seen);
    } else if (otherSources.test(content)) {
      throw refuse(`${firstWord(content)} would change where packages come from`, feedOnly);
    } else if (content.startsWith("-") && !allowed.test(content)) {
      throw refuse(
        `${firstWord(content)} is not an option that can be used here`,
        "name each package and its versions",
      );
    } else if (isDirect(content)) {
      throw refuse("it is a URL or a path", `name the package and its versions: ${fromFeed}`);
    }
  }
}

const fromFeed = "every package comes from the platform's feed; publish it there first";

function firstWord(content: string): string {
  return content.split(/[\s=]/)[0] ?? "";
}

/** A direct reference (`name @ https://…`), a URL or a path, none of which goes through the feed. */
function isDirect(requirement: string): boolean {
  const bare = requirement.replace(/;.*$/, "");
  return (
    bare.includes("@") ||
    bare.includes("://") ||
    /^[./~\\]|^[^\s<>=!~[]*\//.test(bare) ||
    /\.(whl|zip|tar\.gz)$/.test(bare)
  );
}

/**
 * Checks the requirements that a `pyproject.toml` lists.
 * @throws UsageError with file and, as far as it can be found, the line.
 */
export function checkListedRequirements(requirements: readonly string[], text: string, file: string): void {
  for (const requirement of requirements) {
    if (!isDirect(requirement)) continue;
    const line = text.split("\n").findIndex((content) => content.includes(requirement)) + 1;
    throw new UsageError(
      `${file}${line > 0 ? `:${line}` : ""}  ${JSON.stringify(requirement.split("@")[0]?.trim())} is required from a URL or a path`,
      `name the package and its versions: ${fromFeed}`,
    );
  }
}
