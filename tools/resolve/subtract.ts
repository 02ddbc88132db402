/** What an application adds to its base image: the pins of its lock without those that the base has already. */
import { UsageError } from "../errors";
import type { Pin } from "./lock";
import { markerHolds, type TargetEnvironment } from "./markers";

/** Pins that some target needs, without a marker where all targets need them. */
export function pinsForTargets(pins: readonly Pin[], targets: readonly TargetEnvironment[]): Pin[] {
  return pins.flatMap((pin) => {
    const results = targets.map((target) => markerHolds(pin.marker, target));
    if (results.every((holds) => holds === false)) return [];
    return [results.every((holds) => holds === true) ? { ...pin, marker: "" } : pin];
  });
}

/** A pin of an application in another version than the base image's. */
export interface Conflict {
  readonly pin: Pin;
  readonly base: Pin;
}

/** Both are wanted on one target, as far as is known, and only one version can be there. */
export function conflicts(
  pins: readonly Pin[],
  base: readonly Pin[],
  targets: readonly TargetEnvironment[],
): Conflict[] {
  return pins.flatMap((pin) =>
    base
      .filter((held) => held.name === pin.name && held.version !== pin.version)
      .filter((held) =>
        targets.some((target) => markerHolds(pin.marker, target) === true && markerHolds(held.marker, target) === true),
      )
      .map((held) => ({ pin, base: held })),
  );
}

/**
 * The pins that the base image lacks. One is taken out only where the base has the same version on every target that
 * wants it.
 */
export function withoutBase(pins: readonly Pin[], base: readonly Pin[], targets: readonly TargetEnvironment[]): Pin[] {
  const has = (pin: Pin, target: TargetEnvironment) =>
    base.some(
      (held) => held.name === pin.name && held.version === pin.version && markerHolds(held.marker, target) === true,
    );
  return pins.filter((pin) => targets.some((target) => markerHolds(pin.marker, target) !== false && !has(pin, target)));
}

/** @throws UsageError that names both requirements of each conflict, and what to do. */
export function refuseConflicts(found: readonly Conflict[], file: string, baseName: string): void {
  if (found.length === 0) return;
  const lines = found.map(
    ({ pin, base }) =>
      `${file}:${pin.line}  ${pin.name}==${pin.version}, but ${baseName} has ${base.name}==${base.version}`,
  );
  const names = [...new Set(found.map(({ pin }) => pin.name))].join(", ");
  throw new UsageError(
    lines.join("\n"),
    `make the lock with the base image's as constraints, or have ${baseName} take that version of ${names}`,
  );
}
