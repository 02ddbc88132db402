/** Names and ids that are computed from other names, as pure string functions. */
import { createHash } from "node:crypto";

/** The Azure role that may pull from a registry (built-in role `AcrPull`, the same id in every tenant). */
export const ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d";
/** The Azure role that may pull from and push to a registry (built-in role `AcrPush`, the same id in every tenant). */
export const ACR_PUSH = "8311e382-0749-4cb8-b61a-304f252e45ec";

/** Namespace of the GUIDs made here; a constant drawn once, so that the same names always give the same GUID. */
const GUID_NAMESPACE = "5f3d2c5e-6f0b-4c63-9a53-2b8f4a1f7c10";

/**
 * A GUID that depends on nothing but the given parts: RFC 9562 version 5, over the parts joined by `/`.
 * A role assignment is named by one, and a name that changes would make Azure hand out the role a second time.
 */
export function stableGuid(...parts: readonly string[]): string {
  const digest = createHash("sha1")
    .update(Buffer.from(GUID_NAMESPACE.replaceAll("-", ""), "hex"))
    .update(parts.join("/"))
    .digest()
    .subarray(0, 16);
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * A part of a resource name made from a free text such as a group's name: lower case letters, digits and dashes.
 * Two texts never give the same part: what the letters lose, eight digits of the text's hash keep.
 */
export function nameFrom(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  if (plain === text) {
    return plain;
  }
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
  return plain === "" ? hash : `${plain}-${hash}`;
}

/** The last part of a path in a repository, by which the file's resource is named. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * The subscription's GUID out of an Azure resource id (`/subscriptions/<guid>/resourceGroups/…`).
 * @throws Error when the id does not start so.
 */
export function subscriptionOf(resourceId: string): string {
  const subscription = /^\/subscriptions\/([^/]+)\//i.exec(resourceId)?.[1];
  if (subscription === undefined) {
    throw new Error(`"${resourceId}" is no id of an Azure resource: it should start with /subscriptions/<guid>/`);
  }
  return subscription;
}

/** The full id of a built-in role in a subscription. */
export function roleDefinitionId(subscriptionId: string, role: string): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
}

/** The full name of a branch: `main` is `refs/heads/main`. */
export function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}

/**
 * The Graph descriptor of a project's build identity, «<project> Build Service (<organization>)»: `svc.` and, in
 * base64url, `<organization's GUID>:Build:<project's GUID>`. The identity is no group, so no look-up of groups finds it.
 */
export function buildServiceDescriptor(organizationId: string, projectId: string): string {
  return `svc.${Buffer.from(`${organizationId}:Build:${projectId}`).toString("base64url")}`;
}
