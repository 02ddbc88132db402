/** Checks the files beside a base image: `requirements.in`, where every package must come from the feed, and `bindep.txt`. */
import { locateCredential } from "./credentials";
import type { Problem } from "./problem";
import { quote, type Refusal } from "./rule";

const FEED_ONLY = "take it out: the platform's feed is the only index";

/** Options of a requirements file that name another place for packages. */
const OTHER_SOURCES = /^(?:-i|--index-url|--extra-index-url|-f|--find-links|--no-index|--trusted-host)(?:[\s=]|$)/;
const ALLOWED_OPTIONS =
  /^(?:--pre|--prefer-binary|--only-binary[\s=][A-Za-z0-9:,._ -]+|--no-binary[\s=][A-Za-z0-9:,._ -]+)$/;

const NAME = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
const VERSIONS = "(?:===?|~=|!=|<=?|>=?)\\s*[A-Za-z0-9._+!*-]+";
/** A requirement by name, as https://packaging.python.org/specifications/dependency-specifiers/ has it, without direct references. */
const REQUIREMENT = new RegExp(
  `^${NAME}\\s*(?:\\[\\s*(?:${NAME}\\s*(?:,\\s*${NAME}\\s*)*)?\\])?\\s*\\(?\\s*(?:${VERSIONS}(?:\\s*,\\s*${VERSIONS})*)?\\s*\\)?\\s*(?:;[A-Za-z0-9 _.'"<>=!~()-]+)?$`,
);

/** Every line of `requirements.in` that cannot be used. */
export function checkRequirements(file: string, text: string): Problem[] {
  return checkLines(file, text, requirementLine);
}

/** Every line of `bindep.txt` that cannot be used. Source: https://docs.opendev.org/opendev/bindep/latest/readme.html */
export function checkSystemPackages(file: string, text: string): Problem[] {
  return checkLines(file, text, systemPackageLine);
}

function checkLines(file: string, text: string, check: (line: string) => Refusal | undefined): Problem[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const found = locateCredential(line);
    if (found !== undefined) {
      const mend = "take it out and revoke it: everyone who can read the repository has it";
      return [{ file, line: index + 1, column: found.offset + 1, path: "", message: `looks like ${found.what}`, mend }];
    }
    const control = line.search(/[^\P{C}\t]|[\u2028\u2029]/u);
    const refusal =
      control >= 0 ? INVISIBLE : line.length > LONGEST_LINE ? TOO_LONG : checkBare(withoutComment(line), check);
    const column = control >= 0 ? control + 1 : line.length - line.trimStart().length + 1;
    return refusal === undefined ? [] : [{ file, line: index + 1, column, path: "", ...refusal }];
  });
}

const INVISIBLE: Refusal = { message: "it has a character that cannot be seen", mend: "take it out" };
const LONGEST_LINE = 500;
const TOO_LONG: Refusal = { message: `the line is longer than ${LONGEST_LINE} characters`, mend: "write it shorter" };

/** With single spaces, so that no pattern has to try several ways to share out a run of them. */
function withoutComment(line: string): string {
  return line
    .replace(/\s+/g, " ")
    .replace(/(?:^| )#.*$/, "")
    .trim();
}

function checkBare(line: string, check: (line: string) => Refusal | undefined): Refusal | undefined {
  return line === "" ? undefined : check(line);
}

function requirementLine(line: string): Refusal | undefined {
  if (OTHER_SOURCES.test(line)) {
    return { message: `${line.split(/[\s=]/)[0] ?? ""} would change where packages come from`, mend: FEED_ONLY };
  }
  if (line.startsWith("-")) {
    return ALLOWED_OPTIONS.test(line)
      ? undefined
      : {
          message: `${quote(line.split(/[\s=]/)[0] ?? "")} is not an option that can be used here`,
          mend: "use --pre, --prefer-binary, --only-binary or --no-binary; write all packages into this one file",
        };
  }
  if (line.endsWith("\\")) {
    return { message: "it goes on in the next line", mend: "write each requirement on one line" };
  }
  if (/[/\\@]|\$\{/.test(line)) {
    return {
      message: "it is a URL, a path or a variable",
      mend: "name the package and its versions: every package comes from the platform's feed",
    };
  }
  return REQUIREMENT.test(line)
    ? undefined
    : { message: `${quote(line)} is not a requirement`, mend: "write it like httpx>=0.27,<1" };
}

const SYSTEM_PACKAGE =
  /^[A-Za-z0-9][A-Za-z0-9+._-]*(?::[a-z0-9]+)?(?:\s+\[[A-Za-z0-9 !:._()-]*\])?(?:\s+(?:<=?|>=?|==?|!=)[A-Za-z0-9.+:~-]+(?:,(?:<=?|>=?|==?|!=)[A-Za-z0-9.+:~-]+)*)?$/;

function systemPackageLine(line: string): Refusal | undefined {
  return SYSTEM_PACKAGE.test(line)
    ? undefined
    : { message: `${quote(line)} is not a line of bindep`, mend: "write it like libpq-dev [platform:dpkg compile]" };
}
