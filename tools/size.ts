/** Tells sizes to people. */

/** Bytes in decimal units, as registries show them: `12 kB`, `3.4 MB`, `61 MB`. */
export function describeSize(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
