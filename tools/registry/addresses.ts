/** Where a registry answers, where its answers lead, and what its tokens are asked for. */
import { RegistryError, type Subject } from "./errors";
import { type Call } from "./exchange";
import { type Reference } from "./reference";

/** Plain HTTP is for registries on this machine only, as docker has it. */
export function rootOf(registry: string): string {
  if (registry === "docker.io") return "https://registry-1.docker.io";
  const secure = `https://${registry}`;
  return isLoopback(new URL(secure).hostname) ? `http://${registry}` : secure;
}

/** What a call of this method needs to be allowed in a repository. */
export function scopeOf({ repository }: Reference, method: Call["method"]): string {
  const actions = method === "GET" || method === "HEAD" ? "pull" : method === "DELETE" ? "delete" : "pull,push";
  return `repository:${repository}:${actions}`;
}

/** Where an upload that was begun goes on: on the registry itself, as the credential goes there. */
export function sessionOf(location: string | undefined, { registry }: Reference, subject: Subject): URL {
  const root = new URL(rootOf(registry));
  const session = location !== undefined && URL.canParse(location, root.href) ? new URL(location, root) : undefined;
  if (session?.origin === root.origin) return session;
  throw new RegistryError(
    `cannot ${subject.deed} ${subject.what}: ${subject.host} names no place on itself for the upload`,
    "Is this host the registry that you mean?",
  );
}

export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

export function redirectTarget(location: string, from: URL, subject: Subject): URL {
  const refuse = (why: string): RegistryError =>
    new RegistryError(
      `cannot ${subject.deed} ${subject.what}: ${subject.host} redirects ${why}`,
      "Is this host the registry that you mean?",
    );
  let url: URL;
  try {
    url = new URL(location, from);
  } catch {
    throw refuse("to something that is no address");
  }
  const plainAllowed = from.protocol === "http:" && isLoopback(url.hostname);
  if (url.protocol === "https:" || (url.protocol === "http:" && plainAllowed)) return url;
  throw refuse(`to ${url.protocol}//${url.host}, which is not protected by TLS`);
}
