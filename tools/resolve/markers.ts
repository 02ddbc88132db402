/** Environment markers, as https://packaging.python.org/specifications/dependency-specifiers/ has them: read and judged. */
import { compareAny, compareExact, pythonVersion } from "./versions";

/** Where packages are to run: CPython on Linux, of which the last part of the version is not known. */
export interface TargetEnvironment {
  /** `major.minor`. */
  readonly python: string;
  /** As images name it: `linux/amd64` or `linux/arm64`. */
  readonly platform: string;
}

type Marker =
  | { readonly kind: "and" | "or"; readonly parts: readonly Marker[] }
  | { readonly kind: "comparison"; readonly left: Operand; readonly operator: string; readonly right: Operand };

type Operand = { readonly variable: string } | { readonly text: string };

const token = /\s*(\(|\)|===|~=|==|!=|<=|>=|<|>|"[^"]*"|'[^']*'|[A-Za-z_][A-Za-z0-9_.]*)/y;

/** @throws SyntaxError for a text that is no marker. */
function parse(text: string): Marker {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.trimEnd().length) {
    const start = token.lastIndex;
    const match = token.exec(text);
    if (match === null) throw new SyntaxError(`${JSON.stringify(text.slice(start))} is no part of a marker`);
    tokens.push(match[1] ?? "");
  }
  let position = 0;
  const list = (kind: "and" | "or", part: () => Marker): Marker => {
    const parts = [part()];
    while (tokens[position] === kind) {
      position++;
      parts.push(part());
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind, parts };
  };
  const operand = (): Operand => {
    const word = tokens[position++];
    if (word === undefined || /^[()<>=!~]/.test(word)) throw new SyntaxError(`${JSON.stringify(text)} is no marker`);
    return /^["']/.test(word) ? { text: word.slice(1, -1) } : { variable: word };
  };
  const single = (): Marker => {
    if (tokens[position] === "(") {
      position++;
      const inner = any();
      if (tokens[position++] !== ")") throw new SyntaxError(`${JSON.stringify(text)} lacks a )`);
      return inner;
    }
    const left = operand();
    let operator = tokens[position++] ?? "";
    if (operator === "not" && tokens[position] === "in") operator = `not ${tokens[position++] ?? ""}`;
    return { kind: "comparison", left, operator, right: operand() };
  };
  const any = (): Marker => list("or", () => list("and", single));
  const marker = any();
  if (position !== tokens.length) throw new SyntaxError(`${JSON.stringify(text)} is no marker`);
  return marker;
}

/**
 * Whether a marker holds on a target: `undefined` where it depends on what is not known of it.
 * @param text "" holds everywhere.
 * @throws SyntaxError for a text that is no marker.
 */
export function markerHolds(text: string, target: TargetEnvironment): boolean | undefined {
  return text.trim() === "" ? true : judge(parse(text), target);
}

function judge(marker: Marker, target: TargetEnvironment): boolean | undefined {
  if (marker.kind === "comparison") return compare(marker.left, marker.operator, marker.right, target);
  const results = marker.parts.map((part) => judge(part, target));
  const decisive = marker.kind === "or";
  if (results.includes(decisive)) return decisive;
  return results.includes(undefined) ? undefined : !decisive;
}

const mirrored: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

function compare(left: Operand, operator: string, right: Operand, target: TargetEnvironment): boolean | undefined {
  if ("text" in left && "variable" in right) {
    return operator === "in" || operator === "not in"
      ? contains(known(right.variable, target), operator, left.text)
      : compare(right, mirrored[operator] ?? operator, left, target);
  }
  if (!("variable" in left) || !("text" in right)) return undefined;
  if (left.variable === "python_full_version" || left.variable === "implementation_version") {
    return compareAny(pythonVersion(target.python), operator, right.text);
  }
  const value = known(left.variable, target);
  if (value === undefined) return undefined;
  if (operator === "in" || operator === "not in") return contains(right.text, operator, value);
  if (left.variable === "python_version") {
    return compareExact(value.split(".").map(Number), operator, right.text);
  }
  if (operator === "==" || operator === "===") return value === right.text;
  return operator === "!=" ? value !== right.text : undefined;
}

function contains(text: string | undefined, operator: string, part: string): boolean | undefined {
  return text === undefined ? undefined : text.includes(part) === (operator === "in");
}

/** What is known of the target: `undefined` for a variable such as the kernel's version. */
function known(variable: string, target: TargetEnvironment): string | undefined {
  switch (variable) {
    case "os_name":
    case "os.name":
      return "posix";
    case "sys_platform":
    case "sys.platform":
      return "linux";
    case "platform_system":
      return "Linux";
    case "platform_machine":
    case "platform.machine":
      return target.platform === "linux/amd64" ? "x86_64" : target.platform === "linux/arm64" ? "aarch64" : undefined;
    case "implementation_name":
      return "cpython";
    case "platform_python_implementation":
    case "python_implementation":
      return "CPython";
    case "python_version":
      return target.python;
    // An extra that was asked for has been taken into account by the resolution.
    case "extra":
      return "";
    default:
      return undefined;
  }
}
