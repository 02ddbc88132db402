/** Makes the name of a resource whose program gives none. */
import { createHash, randomBytes } from "node:crypto";
import type { Autonaming } from "./rules";

/** A name from the resource's own and the engine's seed: the same seed gives the same name; without one it is random. */
export function automaticName(autonaming: Autonaming, resourceName: string, seed: Uint8Array): string {
  const bytes = seed.length > 0 ? createHash("sha256").update(seed).update(resourceName).digest() : randomBytes(32);
  const hex = bytes.toString("hex");
  switch (autonaming.kind) {
    case "dash":
      return `${resourceName}-${hex.slice(0, autonaming.digits ?? 7)}`;
    case "plain":
      return `${resourceName}${hex.slice(0, autonaming.digits ?? 8)}`;
    case "copy":
      return resourceName;
    case "uuid":
      return [
        hex.slice(0, 8),
        hex.slice(8, 12),
        `4${hex.slice(13, 16)}`,
        `8${hex.slice(17, 20)}`,
        hex.slice(20, 32),
      ].join("-");
  }
}

/** Whether a name is one that {@link automaticName} makes: a replacement then gets another one. */
export function isAutomatic(autonaming: Autonaming, resourceName: string, name: string): boolean {
  const rest = name.startsWith(resourceName) ? name.slice(resourceName.length) : undefined;
  switch (autonaming.kind) {
    case "dash":
      return rest !== undefined && new RegExp(`^-[0-9a-f]{${autonaming.digits ?? 7}}$`).test(rest);
    case "plain":
      return rest !== undefined && new RegExp(`^[0-9a-f]{${autonaming.digits ?? 8}}$`).test(rest);
    case "copy":
      return false;
    case "uuid":
      return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(name);
  }
}
