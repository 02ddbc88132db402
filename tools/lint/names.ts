/** What the name of a variable, and what the name of a file, says about holding a credential. */
import { isSecretName } from "../../spec/credentials";

/** Variables that hold an index's address, which on agents carries the job's token. */
const INDEX_NAME =
  /^(?:PIP_INDEX_URL|(?:[A-Z0-9]+_)*EXTRA_(?:INDEX_)?URL|UV_(?:DEFAULT_INDEX|INDEX|INDEX_URL)|PIPENV_PYPI_MIRROR)$/;
const EXTRA_INDEX_NAME = /^(?:[A-Z0-9]+_)*EXTRA_(?:INDEX_)?URL$/;
/** Names that spec's rule does not know: endpoints with their passwords, whole files of credentials. */
const OTHER_SECRETS =
  /^(?:VSS_NUGET_EXTERNAL_FEED_ENDPOINTS|ARTIFACTS_CREDENTIALPROVIDER_\w*FEED_ENDPOINTS|DOCKER_AUTH_CONFIG|NETRC_CONTENTS?|SSH_KEY|PIP_AUTH|UV_INDEX_\w+_AUTH)$/;

/** A variable so named says something about a secret, and is none: where it lies, how long it is, how many there are. */
const HARMLESS_LAST = new Set(
  (
    "FILE PATH DIR DIRECTORY FOLDER NAME LENGTH LEN LIMIT TTL SECONDS MINUTES HOURS DAYS TIMEOUT EXPIRY EXPIRES COUNT SIZE " +
    "ENABLED DISABLED REQUIRED PARALLELISM URL URI ENDPOINT HOST PORT ALGORITHM TYPE VERSION POLICY HEADER PREFIX MOUNT " +
    "STORE BACKEND PROVIDER ISSUER AUDIENCE MODEL FORMAT"
  ).split(" "),
);
const HARMLESS_FIRST = new Set(["MAX", "MIN", "NUM", "USE", "ENABLE", "DISABLE", "REQUIRE", "HAS", "NO"]);

/** `PIP_INDEX_URL`, `UV_EXTRA_INDEX_URL` and the like. */
export function isIndexName(name: string): boolean {
  return INDEX_NAME.test(name.toUpperCase());
}

/** `PIP_EXTRA_INDEX_URL` and the like: an index beside another one. */
export function isExtraIndexName(name: string): boolean {
  return EXTRA_INDEX_NAME.test(name.toUpperCase());
}

/** Whether the value is a token, a password or a key, going by the name; not so `TOKENIZERS_PARALLELISM` or `PASSWORD_FILE`. */
export function isCredentialName(name: string): boolean {
  const upper = name.toUpperCase();
  if (OTHER_SECRETS.test(upper)) return true;
  const words = upper.split("_").filter((word) => word !== "");
  if (HARMLESS_LAST.has(words.at(-1) ?? "") || HARMLESS_FIRST.has(words[0] ?? "")) return false;
  return isSecretName(upper);
}

/** A switch, a number, a path or nothing: no credential, whatever the variable is named. */
export function isHarmlessValue(value: string): boolean {
  return /^(?:|true|false|yes|no|on|off|none|null|[0-9]{1,6}|\.{0,2}\/[A-Za-z0-9._/-]*)$/i.test(value.trim());
}

/** A kind of file that holds credentials, and what is to be done in place of copying it. */
export interface CredentialFile {
  readonly what: string;
  /** The secret that Wheelhouse offers in its place; `undefined` where there is none. */
  readonly secret: "netrc" | "pip.conf" | undefined;
}

const FILES: readonly (readonly [RegExp, CredentialFile])[] = [
  [/^[._]netrc$|^netrc$/, { what: "a netrc with its passwords", secret: "netrc" }],
  [/^pip\.(?:conf|ini)$/, { what: "pip's configuration, which can hold an index's token", secret: "pip.conf" }],
  [/^\.pypirc$/, { what: "the passwords for publishing packages", secret: undefined }],
  [/^\.git-credentials$/, { what: "git's stored passwords", secret: undefined }],
  [/^id_(?:rsa|dsa|ecdsa|ed25519)$/, { what: "a private SSH key", secret: undefined }],
  [
    /^\.env(?:\.(?:local|prod|production|dev|development|staging|secret|secrets))?$/,
    { what: "an environment file with its secrets", secret: undefined },
  ],
  [/^\.npmrc$/, { what: "npm's configuration with its token", secret: undefined }],
  [/^\.dockercfg$/, { what: "the passwords of registries", secret: undefined }],
];

/** What a file of this path holds, going by its name; `undefined` for one that holds no credential as far as the name says. */
export function credentialFile(path: string): CredentialFile | undefined {
  const parts = path
    .replace(/[*?]+$/, "")
    .split(/[\\/]/)
    .filter((part) => part !== "");
  const name = (parts.at(-1) ?? "").toLowerCase();
  const folder = (parts.at(-2) ?? "").toLowerCase();
  if (folder === ".docker" && name === "config.json") return { what: "the passwords of registries", secret: undefined };
  if (folder === "pypoetry" && name === "auth.toml") return { what: "poetry's passwords", secret: undefined };
  if (name === ".ssh" || name === ".docker") return { what: "a folder of keys and passwords", secret: undefined };
  return FILES.find(([pattern]) => pattern.test(name))?.[1];
}
