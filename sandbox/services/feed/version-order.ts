/** The order of package versions (PEP 440): which of two is the later one. */

const form =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d+)?)?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d+)?)?(?:[-_.]?(dev)[-_.]?(\d+)?)?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i;

const phases: Readonly<Record<string, number>> = { a: 0, alpha: 0, b: 1, beta: 1, c: 2, rc: 2, pre: 2, preview: 2 };

/** Numbers and texts that are compared place by place; a text is less than any number, and what is missing less than all. */
interface Key {
  readonly numbers: readonly number[];
  readonly release: readonly number[];
  readonly local: readonly (number | string)[];
}

function keyOf(version: string): Key | undefined {
  const match = form.exec(version.trim());
  if (match === null) return undefined;
  const [, epoch = "0", release = "", phase, phaseNumber = "0", dashed, post, postNumber = "0", dev, devNumber = "0"] =
    match;
  const postRank = post === undefined ? (dashed === undefined ? -1 : Number(dashed)) : Number(postNumber);
  // A development release of nothing else comes before the first alpha; of a final release, after every candidate.
  const onlyDev = phase === undefined && postRank < 0 && dev !== undefined;
  const phaseRank = onlyDev ? -1 : phase === undefined ? 3 : (phases[phase.toLowerCase()] ?? 0);
  const devRank = dev === undefined ? Number.POSITIVE_INFINITY : Number(devNumber);
  const local = (match[10] ?? "").split(/[-_.]/).filter((part) => part !== "");
  return {
    release: [Number(epoch), ...release.split(".").map(Number)],
    numbers: [phaseRank, phase === undefined ? 0 : Number(phaseNumber), postRank, devRank],
    local: local.map((part) => (/^\d+$/.test(part) ? Number(part) : part.toLowerCase())),
  };
}

function compareNumbers(one: readonly number[], other: readonly number[]): number {
  for (let place = 0; place < Math.max(one.length, other.length); place++) {
    const [a, b] = [one[place] ?? 0, other[place] ?? 0];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}

function compareLocal(one: Key["local"], other: Key["local"]): number {
  for (let place = 0; place < Math.max(one.length, other.length); place++) {
    const [a, b] = [one[place], other[place]];
    if (a === b) continue;
    if (a === undefined) return -1;
    if (b === undefined) return 1;
    if (typeof a !== typeof b) return typeof a === "string" ? -1 : 1;
    return a < b ? -1 : 1;
  }
  return 0;
}

/** Whether a text is a version at all. */
export function isVersion(text: string): boolean {
  return keyOf(text) !== undefined;
}

/** Below 0 when the first one is the earlier one, 0 when they are the same version. What is no version comes before all. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [keyOf(one), keyOf(other)];
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return compareNumbers(a.release, b.release) || compareNumbers(a.numbers, b.numbers) || compareLocal(a.local, b.local);
}
