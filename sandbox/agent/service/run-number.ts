/** Makes the numbers of runs from the pipelines' `name:` (the service's documentation, "Configure run or build numbers"). */

/** What a number is made of. */
export interface NumberContext {
  /** On the sandbox's clock; the service takes UTC, too. */
  readonly now: Date;
  /** Names in any case. */
  readonly variables: ReadonlyMap<string, string>;
  /** Numbers that other runs of the pipeline have. */
  readonly taken: readonly string[];
}

/** A format that makes no number. */
export class NumberFormatError extends Error {
  public constructor(format: string, why: string) {
    super(`name: "${format}" makes no number of a run: ${why}`);
    this.name = "NumberFormatError";
  }
}

const mostCharacters = 255;

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** .NET's custom date formats, as far as numbers of runs have them. */
function formatDate(format: string, now: Date): string {
  const parts: ReadonlyMap<string, string> = new Map([
    ["yyyy", String(now.getUTCFullYear())],
    ["yy", two(now.getUTCFullYear() % 100)],
    ["MM", two(now.getUTCMonth() + 1)],
    ["M", String(now.getUTCMonth() + 1)],
    ["dd", two(now.getUTCDate())],
    ["d", String(now.getUTCDate())],
    ["HH", two(now.getUTCHours())],
    ["H", String(now.getUTCHours())],
    ["mm", two(now.getUTCMinutes())],
    ["m", String(now.getUTCMinutes())],
    ["ss", two(now.getUTCSeconds())],
    ["s", String(now.getUTCSeconds())],
  ]);
  return format.replace(/[a-z]+/gi, (letters) => {
    const value = parts.get(letters) ?? splitLetters(letters, parts);
    if (value === undefined) throw new NumberFormatError(`$(Date:${format})`, `"${letters}" is no part of a date here`);
    return value;
  });
}

/** `yyyyMMdd` is several parts in a row. */
function splitLetters(letters: string, parts: ReadonlyMap<string, string>): string | undefined {
  const runs = letters.match(/(.)\1*/g) ?? [];
  const values = runs.map((run) => parts.get(run));
  return values.includes(undefined) ? undefined : values.join("");
}

function dayOfYear(now: Date): number {
  return Math.floor((now.getTime() - Date.UTC(now.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
}

function tokenValue(token: string, format: string, { now, variables }: NumberContext): string {
  const [name = "", ...rest] = token.split(":");
  const argument = rest.join(":");
  switch (name.toLowerCase()) {
    case "date":
      return formatDate(argument === "" ? "yyyyMMdd" : argument, now);
    case "year":
      return formatDate(argument === "" ? "yyyy" : argument, now);
    case "month":
      return String(now.getUTCMonth() + 1);
    case "dayofmonth":
      return String(now.getUTCDate());
    case "dayofyear":
      return String(dayOfYear(now));
    case "hours":
      return String(now.getUTCHours());
    case "minutes":
      return String(now.getUTCMinutes());
    case "seconds":
      return String(now.getUTCSeconds());
    default: {
      const found = [...variables].find(([key]) => key.toLowerCase() === token.toLowerCase())?.[1];
      if (found === undefined)
        throw new NumberFormatError(format, `there is no variable ${token} when the run is made`);
      return found;
    }
  }
}

/** Where the counter stands: `$(Rev:.r)` brings its own dot, `$(Rev:rr)` at least two digits. */
const counter = /\$\(Rev:(\.?)(r+)\)/i;

/**
 * The number of the next run. `$(Rev:r)` is one more than the highest that a run has with the same text around it.
 * @throws NumberFormatError
 */
export function runNumber(format: string, context: NumberContext): string {
  const found = counter.exec(format);
  const [whole = "", dot = "", digits = ""] = found ?? [];
  const rest = found === null ? "" : format.slice(found.index + whole.length);
  if (counter.test(rest)) throw new NumberFormatError(format, "it has $(Rev:r) more than once");
  const fill = (text: string): string =>
    text.replace(/\$\(([^()]+)\)/g, (_, token: string) => tokenValue(token, format, context));
  const before = fill(found === null ? format : format.slice(0, found.index));
  const after = found === null ? undefined : fill(rest);
  const number =
    after === undefined
      ? before
      : `${before}${dot}${String(nextRevision(before + dot, after, context.taken)).padStart(digits.length, "0")}${after}`;
  if (number === "" || number.length > mostCharacters || /["/:<>\\|?@*]/.test(number) || number.endsWith(".")) {
    throw new NumberFormatError(
      format,
      `"${number}" is empty, has more than ${mostCharacters} characters, ends with a dot, or has one of " / : < > \\ | ? @ *`,
    );
  }
  return number;
}

function nextRevision(before: string, after: string, taken: readonly string[]): number {
  const revisions = taken
    .filter((number) => number.startsWith(before) && number.endsWith(after))
    .map((number) => number.slice(before.length, number.length - after.length))
    .filter((revision) => /^\d+$/.test(revision))
    .map(Number);
  return Math.max(0, ...revisions) + 1;
}
