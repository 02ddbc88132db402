/** Tokens of the public package index for uploads, which begin with `pypi-`. */
import { type AnchoredPattern } from "./pattern";

/** What follows is base64 of a macaroon, which begins with its version and its place. */
const token = /^pypi-AgE[A-Za-z0-9_-]{50,1000}/;

export const pypiTokenPattern: AnchoredPattern = {
  kind: "pypi-token",
  anchors: ["pypi-A"],
  check(content, at, region) {
    const value = token.exec(content.toString("latin1", at, Math.min(region.to, at + 1100)))?.[0];
    return value === undefined ? undefined : { start: at, end: at + value.length, value };
  },
};
