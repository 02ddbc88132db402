/** The values of Azure Pipelines' expressions that are no list and no map, with their casts and comparisons. */

/** A version of two to four numbers, such as `1.2.3`. */
export class Version {
  readonly parts: readonly number[];

  constructor(parts: readonly number[]) {
    this.parts = parts;
  }

  toString(): string {
    return this.parts.join(".");
  }

  /** Below 0, 0 or above 0. A missing part comes before 0, as in .NET's `Version`. */
  compareTo(other: Version): number {
    for (let index = 0; index < 4; index++) {
      const difference = (this.parts[index] ?? -1) - (other.parts[index] ?? -1);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** As .NET's `Version.TryParse`. */
  static parse(text: string): Version | undefined {
    const parts = text.trim().split(".");
    if (parts.length < 2 || parts.length > 4) return undefined;
    const numbers = parts.map((part) => (/^\s*\+?[0-9]{1,15}\s*$/.test(part) ? Number(part) : Number.NaN));
    return numbers.every((part) => part <= 2 ** 31 - 1) ? new Version(numbers) : undefined;
  }
}

export type Primitive = string | number | boolean | null | Version;

/**
 * Letters folded one by one as .NET's ordinal comparison that ignores case does: no folding that changes the length,
 * and none that takes another script's letter for an ASCII one.
 */
export function fold(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toUpperCase();
  let folded = "";
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    const upper = character.toUpperCase();
    const keeps = upper.length !== 1 || (character > "\u007f" && upper <= "\u007f");
    folded += keeps ? character : upper;
  }
  return folded;
}

/** Text of a value: `True` and `False` as the service writes them, numbers without an exponent, null as nothing. */
export function toText(value: Primitive): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return numberText(value);
  return value === null ? "" : value.toString();
}

/** Seven decimals at most, fifteen digits in all: the service's `0.#######`. */
function numberText(value: number): string {
  const rounded = Number(value.toPrecision(15));
  if (Math.abs(rounded) >= 1e15) {
    const [digits = "", exponent = ""] = value.toExponential(14).split("e+");
    const [sign, whole] = digits.startsWith("-") ? ["-", digits.slice(1)] : ["", digits];
    return sign + whole.replace(".", "").padEnd(Number(exponent) + 1, "0");
  }
  const text = rounded.toFixed(7).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
}

const NUMBER = /^[\t-\r ]*[+-]?(?:[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)[\t-\r ]*$/;

/** The number of a value; `undefined` where it cannot be one. Texts may have thousands separators, but no exponent. */
export function toNumber(value: Primitive): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === null || value === "") return 0;
  if (typeof value !== "string" || value.length > 400 || !NUMBER.test(value)) return undefined;
  const number = Number(value.replaceAll(",", ""));
  return Number.isFinite(number) ? number : undefined;
}

export function toBoolean(value: Primitive): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  return value !== null && value !== "";
}

/** The version of a value; `undefined` where it cannot be one. */
export function toVersion(value: Primitive): Version | undefined {
  if (value instanceof Version) return value;
  if (typeof value === "string") return Version.parse(value);
  return typeof value === "number" ? Version.parse(toText(value)) : undefined;
}

/** Whether two values are equal: the right one is cast to the kind of the left one, and is unequal where it cannot be. */
export function areEqual(left: Primitive, right: Primitive): boolean {
  if (typeof left === "boolean") return left === toBoolean(right);
  if (typeof left === "number") return left === toNumber(right);
  if (typeof left === "string") return fold(left) === fold(toText(right));
  if (left === null) return right === null || right === "";
  const version = toVersion(right);
  return version !== undefined && left.compareTo(version) === 0;
}

/** Below 0, 0 or above 0, the right value cast to the kind of the left one; `undefined` where it cannot be cast. */
export function compare(left: Primitive, right: Primitive): number | undefined {
  if (typeof left === "boolean") return Number(left) - Number(toBoolean(right));
  if (typeof left === "string") return order(fold(left), fold(toText(right)));
  if (left instanceof Version) {
    const version = toVersion(right);
    return version === undefined ? undefined : left.compareTo(version);
  }
  const number = toNumber(right);
  return number === undefined ? undefined : order(left ?? 0, number);
}

function order<T extends string | number>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
