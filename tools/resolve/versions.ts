/** Compares Python versions as PEP 440 says, as far as markers and `Requires-Python` need it. */

/** A Python of which only `major.minor` is known: its last part can be any number. */
export interface PythonVersion {
  readonly major: number;
  readonly minor: number;
}

/** @throws RangeError unless the text is `major.minor`. */
export function pythonVersion(text: string): PythonVersion {
  const match = /^(\d+)\.(\d+)$/.exec(text);
  if (match === null) throw new RangeError(`${JSON.stringify(text)} is not a Python version such as 3.13`);
  return { major: Number(match[1]), minor: Number(match[2]) };
}

function compareReleases(left: readonly number[], right: readonly number[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/** `undefined` for a version with a part that is no plain number, such as `3.14.0b1`. */
function release(text: string): number[] | undefined {
  return /^\d+(\.\d+)*$/.test(text) ? text.split(".").map(Number) : undefined;
}

/** How one exact version stands to another: `undefined` where that cannot be said. */
export function compareExact(version: readonly number[], operator: string, wanted: string): boolean | undefined {
  const wildcard = wanted.endsWith(".*");
  const parts = release(wildcard ? wanted.slice(0, -2) : wanted);
  if (parts === undefined) return undefined;
  const order = wildcard ? compareReleases(padded(version, parts.length), parts) : compareReleases(version, parts);
  switch (operator) {
    case "==":
    case "===":
      return order === 0;
    case "!=":
      return order !== 0;
    case ">=":
      return order >= 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case "<":
      return order < 0;
    case "~=":
      return (
        parts.length >= 2 && order >= 0 && compareReleases(padded(version, parts.length - 1), parts.slice(0, -1)) === 0
      );
    default:
      return undefined;
  }
}

function padded(version: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, index) => version[index] ?? 0);
}

/** Higher than the last part of any Python. */
const beyond = 1_000_000;

/** How every Python `major.minor.x` stands to a version: `undefined` where it depends on x. */
export function compareAny(python: PythonVersion, operator: string, wanted: string): boolean | undefined {
  const lowest = compareExact([python.major, python.minor, 0], operator, wanted);
  const highest = compareExact([python.major, python.minor, beyond], operator, wanted);
  if (lowest !== highest) return undefined;
  // Between two that differ from it can lie the one that is meant.
  const parts = release(wanted);
  const within = parts !== undefined && parts.length > 2 && parts[0] === python.major && parts[1] === python.minor;
  return within && ["==", "===", "!=", "~="].includes(operator) ? undefined : lowest;
}

/** Whether a list such as `>=3.11,<4` takes a Python: `undefined` where it depends on its last part. */
export function specifierTakes(specifier: string, python: PythonVersion): boolean | undefined {
  let result: boolean | undefined = true;
  for (const part of specifier.split(",").map((text) => text.trim())) {
    if (part === "") continue;
    const match = /^(===|~=|==|!=|<=|>=|<|>)\s*(\S+)$/.exec(part);
    const takes = match === null ? undefined : compareAny(python, match[1] ?? "", match[2] ?? "");
    if (takes === false) return false;
    if (takes === undefined) result = undefined;
  }
  return result;
}
