/** Image names as the provider reads them. */

export interface ImageName {
  /** Host, with a port where it has one. */
  readonly registry: string;
  readonly repository: string;
  /** A tag, or a digest with `sha256:` before it. */
  readonly reference: string;
}

const publicRegistry = "docker.io";

/** Takes a name apart. Without a registry it is the public one's, without a tag `latest`. Throws for what is no name. */
export function parseImageName(text: string): ImageName {
  const [path = "", digest] = text.split("@", 2);
  const slash = path.indexOf("/");
  const first = path.slice(0, Math.max(slash, 0));
  const hasRegistry = /[.:]/.test(first) || first === "localhost";
  const rest = hasRegistry ? path.slice(slash + 1) : path;
  const match = /^([a-z0-9]+(?:(?:[._]|__|-+|\/)[a-z0-9]+)*)(?::([A-Za-z0-9_][\w.-]{0,127}))?$/.exec(rest);
  if (match?.[1] === undefined || (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest))) {
    throw new Error(`"${text}" is not the name of an image: write <registry>/<repository>:<tag>`);
  }
  const repository = hasRegistry || match[1].includes("/") ? match[1] : `library/${match[1]}`;
  return { registry: hasRegistry ? first : publicRegistry, repository, reference: digest ?? match[2] ?? "latest" };
}

/** The one text for all ways to write a name. */
export function fullName(text: string): string {
  const { registry, repository, reference } = parseImageName(text);
  return `${registry}/${repository}${reference.startsWith("sha256:") ? "@" : ":"}${reference}`;
}
