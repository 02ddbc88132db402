/** Compatibility mode: package indexes beside the feed, each with credentials of its own that no layer and no log gets. */
import { indexSecret, type App, type PackageIndex, type Settings } from "../spec";
import { shellWord } from "./dockerfile";
import { RecipeError } from "./errors";

/** What recipes take from the platform's settings. */
export type RecipeSettings = Pick<Settings, "indexes" | "sbomGenerator" | "upstreamRegistry">;

/** A platform that offers nothing beside the feed. */
export const feedOnly: RecipeSettings = { indexes: [], sbomGenerator: undefined, upstreamRegistry: undefined };

/** An index that one application takes packages from. */
export interface FurtherIndex {
  readonly name: string;
  readonly url: string;
  /** Id of its secret, and name of the file that holds it; absent where the index wants no credentials. */
  readonly secret: string | undefined;
}

/** Where a RUN puts what it makes of secrets: memory that is no part of a layer. */
export const memory = "/run/wheelhouse";

/** File of options for pip that names the further indexes, credentials included. */
export const indexOptions = `${memory}/indexes.txt`;

/**
 * The indexes that an application names, in its order.
 * @throws RecipeError for one that the platform does not have, and for an address that could be more than one.
 */
export function furtherIndexes(app: Pick<App, "indexes">, settings: Pick<Settings, "indexes">): FurtherIndex[] {
  return app.indexes.map((name, position) => {
    const index = settings.indexes.find((candidate) => candidate.name === name);
    if (index === undefined) {
      throw new RecipeError(`indexes[${position}]`, name, "Declare it in wheelhouse:indexes, or take it out.");
    }
    return furtherIndex(index);
  });
}

function furtherIndex(index: PackageIndex): FurtherIndex {
  const { name, url } = index;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new RecipeError(
      "indexes",
      name,
      "Name it with lower-case letters and digits, and single hyphens between them.",
    );
  }
  if (!/^https?:\/\/[A-Za-z0-9:/._~%[\]-]+$/.test(url)) {
    throw new RecipeError(`indexes.${name}.url`, url, "Write a URL without user, query and fragment.");
  }
  return { name, url, secret: indexSecret(index) };
}

/** Mounts of a RUN that installs from these indexes. */
export function indexMounts(indexes: readonly FurtherIndex[]): string[] {
  if (indexes.length === 0) return [];
  const secrets = indexes.flatMap(({ secret }) => secret ?? []);
  return [
    ...secrets.map((secret) => `type=secret,id=${secret},target=${secretFile(secret)},required=true`),
    `type=tmpfs,target=${memory}`,
  ];
}

/** The secrets of these indexes in a bake file; bake stops where a file is missing. */
export function indexSecrets(indexes: readonly FurtherIndex[]): string[] {
  return indexes.flatMap(({ secret }) => (secret === undefined ? [] : [`id=${secret},src=\${SECRETS}/${secret}`]));
}

function secretFile(secret: string): string {
  return `/run/secrets/${secret}`;
}

/** What a reader of the Dockerfile must know: what this mode costs, and the way out of it. */
export function compatibilityComment(app: Pick<App, "name">, indexes: readonly FurtherIndex[]): string[] {
  if (indexes.length === 0) return [];
  return [
    `# Compatibility mode: packages may come from ${indexes.map(({ name }) => name).join(", ")} beside the feed. Where a name is in two indexes, whoever can`,
    "# publish it to either decides what the next lock holds; the lock's hashes only keep it as it was resolved. The way",
    `# out: make the index an upstream source of the feed, and take it out of indexes in apps/${app.name}.yaml.`,
  ];
}

/**
 * Shell that writes {@link indexOptions}: the secret of each index must be its configured address with credentials, so
 * that a mistaken one goes to no other host. The file is a file of requirements: credentials in an argument or a
 * variable could be read by other processes, and pip hides those that it logs.
 */
export function readIndexes(indexes: readonly FurtherIndex[]): string[] {
  if (indexes.length === 0) return [];
  const plain = indexes.filter(({ secret }) => secret === undefined);
  return [
    furtherIndexFunction,
    ": > " + indexOptions,
    ...plain.map(({ url }) => `echo ${shellWord("indexes", `--extra-index-url ${url}`)} >> ${indexOptions}`),
    ...indexes.flatMap(({ secret, url }) =>
      secret === undefined ? [] : [`further_index ${secret} ${shellWord("indexes", url)}`],
    ),
  ];
}

const furtherIndexFunction = `
further_index() {
  test -s "/run/secrets/$1" || { echo "wheelhouse: the secret $1 is empty: the pipeline did not authenticate to $2" >&2; exit 1; }
  address="$(cat "/run/secrets/$1")"
  user="\${address#*://}"
  user="\${user%%@*}"
  case "$user" in
    "" | *[/?#[:space:]]*) echo "wheelhouse: the secret $1 has no credentials: it must be the address $2 with user and token" >&2; exit 1 ;;
  esac
  expected="\${2%%://*}://$user@\${2#*://}"
  if [ "\${address%/}" != "\${expected%/}" ]; then
    echo "wheelhouse: the secret $1 is for another address than $2" >&2; exit 1
  fi
  printf -- '--extra-index-url %s\\n' "$address" >> ${indexOptions}
}`.trim();
