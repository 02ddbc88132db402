/** Finds what looks like a credential in a text, so that none gets into a repository, an image or a log. */

interface CredentialPattern {
  readonly what: string;
  readonly pattern: RegExp;
}

/**
 * The forms are those that the services publish: Azure DevOps personal access tokens (52 characters of base32, or 84 with
 * `AZDO` at position 76), GitHub (`ghp_`, `github_pat_`), PyPI (`pypi-`), AWS key ids, Slack, JSON Web Tokens, PEM keys,
 * Azure Storage keys and shared access signatures, and the user part of a URL (RFC 3986, section 3.2.1).
 * Every repetition is bounded, so that a long line costs no more than its length.
 */
const PATTERNS: readonly CredentialPattern[] = [
  {
    what: "a URL with a user and a password",
    pattern: /[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/?#@:]{0,300}:[^\s/?#@]{0,1000}@/i,
  },
  { what: "a URL with a user or a token in it", pattern: /https?:\/\/[^\s/?#@]{1,1000}@/i },
  {
    what: "an Azure DevOps personal access token",
    pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])/,
  },
  { what: "an Azure DevOps personal access token", pattern: /(?<![A-Za-z0-9])[a-z2-7]{52}(?![A-Za-z0-9])/ },
  { what: "a GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/ },
  { what: "a PyPI token", pattern: /\bpypi-[A-Za-z0-9_-]{50,}/ },
  { what: "an AWS access key", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { what: "a Slack token", pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}/ },
  { what: "a JSON Web Token", pattern: /\beyJ[A-Za-z0-9_-]{10,1000}\.[A-Za-z0-9_-]{10,1000}\./ },
  { what: "a private key", pattern: /-----BEGIN [A-Z ]{0,30}PRIVATE KEY/ },
  {
    what: "an access key in a connection string",
    pattern: /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)\s{0,5}=\s{0,5}\S/i,
  },
  { what: "a password in a connection string", pattern: /\b(?:password|passwd|pwd)\s{0,5}=\s{0,5}[^\s;]/i },
];

/** What the first thing that looks like a credential is, in words; `undefined` where there is none. */
export function findCredential(text: string): string | undefined {
  return PATTERNS.find(({ pattern }) => pattern.test(text))?.what;
}

/** Where in the text it begins (an offset), with what it is; for files that are read line by line. */
export function locateCredential(text: string): { readonly what: string; readonly offset: number } | undefined {
  for (const { what, pattern } of PATTERNS) {
    const match = pattern.exec(text);
    if (match !== null) {
      return { what, offset: match.index };
    }
  }
  return undefined;
}

const SECRET_WORDS = new Set([
  "TOKEN",
  "TOKENS",
  "PAT",
  "PASS",
  "PWD",
  "PASSPHRASE",
  "CREDENTIAL",
  "CREDENTIALS",
  "APIKEY",
  "SAS",
]);
const SECRET_PAIRS = new Set([
  "API_KEY",
  "ACCESS_KEY",
  "PRIVATE_KEY",
  "ACCOUNT_KEY",
  "SIGNING_KEY",
  "ENCRYPTION_KEY",
  "CONNECTION_STRING",
]);

/**
 * Whether an environment variable's name says that its value is a secret: one of its words is `TOKEN`, `PAT` and the
 * like, or it has `PASSWORD` or `SECRET` anywhere, or a pair as `API_KEY`. `TOKENIZERS_PARALLELISM` is none.
 */
export function isSecretName(name: string): boolean {
  const upper = name.toUpperCase();
  const words = upper.split("_").filter((word) => word !== "");
  return (
    /PASSWORD|PASSWD|SECRET|TOKEN$/.test(upper) ||
    words.some((word) => SECRET_WORDS.has(word)) ||
    words.some((word, index) => SECRET_PAIRS.has(`${word}_${words[index + 1] ?? ""}`))
  );
}
