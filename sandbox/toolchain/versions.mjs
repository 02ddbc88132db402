/** Compares version numbers of the programs that the sandbox uses. */
// @ts-check

/**
 * Versions that fit: `from` and everything later, up to but without `below`.
 * @typedef {{ readonly from: string, readonly below?: string }} VersionRange
 */

/** @param {string} version @returns {number[]} */
function numbers(version) {
  return version.split(".").map((part) => Number.parseInt(part, 10) || 0);
}

/**
 * @param {string} left Numbers between dots; what follows a number, such as `-beta`, does not count.
 * @param {string} right
 * @returns {number} below 0 when `left` is the earlier one, 0 when they are the same
 */
export function compareVersions(left, right) {
  const [a, b] = [numbers(left), numbers(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** @param {string} version @param {VersionRange} range */
export function isWithin(version, range) {
  return (
    compareVersions(version, range.from) >= 0 &&
    (range.below === undefined || compareVersions(version, range.below) < 0)
  );
}

/** @param {VersionRange} range */
export function describeRange(range) {
  return range.below === undefined ? `${range.from} or later` : `${range.from} or later, below ${range.below}`;
}
