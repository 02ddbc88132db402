/** Reads and writes image references as docker does: `[registry/]repository[:tag][@digest]`. */
import { UsageError } from "../errors";

/** Where an image lies. Without a tag and a digest, `latest` is meant. */
export interface Reference {
  /** Host with an optional port, such as `contoso.azurecr.io` or `127.0.0.1:5000`. */
  readonly registry: string;
  /** Path in the registry, such as `base/python-web`. */
  readonly repository: string;
  readonly tag?: string;
  /** Such as `sha256:` and 64 hex digits. */
  readonly digest?: string;
}

/** A text that is no image reference. */
export class InvalidReferenceError extends UsageError {}

/** What docker means by a name without a host; its names without a folder are in `library`. */
const defaultRegistry = "docker.io";

const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const hostPattern = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/;

/** Whether the text is a digest of a kind that can be verified: sha256, sha384 or sha512. */
export function isDigest(text: string): boolean {
  return digestPattern.test(text);
}

/**
 * The parts of an image reference; a name without a host lies in Docker Hub, as docker reads it.
 * @throws InvalidReferenceError with the part that is wrong.
 */
export function parseReference(text: string): Reference {
  const refuse = (why: string): InvalidReferenceError =>
    new InvalidReferenceError(
      `${JSON.stringify(text)} is not an image reference: ${why}`,
      "Write it as <registry>/<repository>:<tag> or <registry>/<repository>@sha256:<64 hex digits>.",
    );
  if (text === "" || /\s/.test(text)) throw refuse(text === "" ? "it is empty" : "it has a space in it");
  if (text.includes("://")) throw refuse("it is a URL; leave the scheme away");

  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) {
    throw refuse(`"${digest}" is not a digest`);
  }
  const name = at < 0 ? text : text.slice(0, at);
  const colon = name.lastIndexOf(":");
  const hasTag = colon > name.lastIndexOf("/");
  const tag = hasTag ? name.slice(colon + 1) : undefined;
  if (tag !== undefined && !tagPattern.test(tag)) throw refuse(`"${tag}" is not a tag`);

  const { registry, repository } = splitHost(hasTag ? name.slice(0, colon) : name);
  if (!hostPattern.test(registry)) throw refuse(`"${registry}" is not a host`);
  const wrong = repository.split("/").find((component) => !componentPattern.test(component));
  if (wrong !== undefined) {
    throw refuse(
      `"${wrong}" is not a part of a repository's name (lower-case letters, digits, and . _ - between them)`,
    );
  }
  if (repository.length > 255) throw refuse("the repository's name has more than 255 characters");
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The reference as text; what `parseReference` reads back to the same parts. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** What a manifest is asked for by: its digest, else its tag, else `latest`. */
export function manifestName({ tag, digest }: Reference): string {
  return digest ?? tag ?? "latest";
}

/** A first component is a host when it has a dot or a port, or is `localhost`; this is docker's rule. */
function splitHost(name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  if (first !== "" && (/[.:[]/.test(first) || first === "localhost" || first !== first.toLowerCase())) {
    const repository = name.slice(slash + 1);
    const registry = first === "index.docker.io" ? defaultRegistry : first;
    return { registry, repository: registry === defaultRegistry ? inLibrary(repository) : repository };
  }
  return { registry: defaultRegistry, repository: inLibrary(name) };
}

function inLibrary(repository: string): string {
  return repository.includes("/") ? repository : `library/${repository}`;
}
