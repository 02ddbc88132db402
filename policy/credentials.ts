/** Tells what in a text looks like a credential, and which variables are named as those that hold one. */

interface CredentialForm {
  readonly what: string;
  readonly pattern: RegExp;
}

/** Not of a token that stands for another: a variable, a template's parameter, a format's place, a pattern's star, `<token>`. */
const PLACE = "[^\\s/?#@:\"'`${}<>*%\\\\|()\\[\\]]";

/**
 * Forms that services publish. Every repetition has an end, so that a long line costs no more than its length.
 * Sources: learn.microsoft.com (Azure DevOps tokens of 84 characters, client secrets, connection strings), docs.github.com,
 * npm's pages on access tokens, docs.aws.amazon.com, api.slack.com; RFC 3986 (users in URLs), RFC 7519 (JSON Web Tokens), RFC 7468 (PEM).
 */
const FORMS: readonly CredentialForm[] = [
  {
    what: "a URL with a password",
    pattern: new RegExp(`[a-z][a-z0-9+.-]{0,30}://${PLACE}{0,300}:${PLACE}{1,2000}@`, "gi"),
  },
  { what: "a URL with a token", pattern: new RegExp(`https?://${PLACE}{8,2000}@`, "gi") },
  {
    what: "an Azure DevOps personal access token",
    pattern:
      /(?<![A-Za-z0-9])(?:[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}|(?=[a-z2-7]{0,51}[2-7])[a-z2-7]{52})(?![A-Za-z0-9])/g,
  },
  { what: "a client secret of Microsoft Entra", pattern: /(?<![\w~.-])[\w~.-]{3}[0-9]Q~[\w~.-]{31,34}(?![\w~.-])/g },
  {
    what: "an access key in a connection string",
    pattern: /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)\s{0,5}=\s{0,5}[A-Za-z0-9%+/]{16}/gi,
  },
  { what: "a shared access signature", pattern: /[?&]sig=[A-Za-z0-9%+/]{20}/g },
  { what: "a GitHub token", pattern: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20}|github_pat_\w{20})/g },
  { what: "a PyPI token", pattern: /(?<![A-Za-z0-9])pypi-[\w-]{50}/g },
  { what: "an npm token", pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}/g },
  { what: "an AWS access key", pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])/g },
  { what: "a Slack token", pattern: /(?<![A-Za-z0-9])xox[abprs]-[A-Za-z0-9-]{10}/g },
  { what: "a JSON Web Token", pattern: /(?<![\w-])eyJ[\w-]{10,4000}\.eyJ[\w-]{10,8000}\.[\w-]{10}/g },
  { what: "a private key", pattern: /-----BEGIN [A-Z ]{0,30}PRIVATE KEY/g },
  {
    what: "a netrc entry",
    pattern: new RegExp(
      `\\bmachine\\s{1,20}${PLACE}{1,300}\\s{1,20}login\\s{1,20}${PLACE}{1,300}\\s{1,20}password\\s{1,20}${PLACE}{4}`,
      "g",
    ),
  },
  { what: "a docker login", pattern: /"(?:auth|identitytoken)"\s{0,20}:\s{0,20}"[A-Za-z0-9+/_.=-]{16}/g },
];

/** Something in a text, on a line counted from 1. */
export interface TextFinding {
  readonly what: string;
  readonly line: number;
}

/** What looks like a credential, by lines. What it is stays unsaid. */
export function findCredentials(text: string): TextFinding[] {
  const lines = new LineNumbers(text);
  return FORMS.flatMap(({ what, pattern }) =>
    Array.from(text.matchAll(pattern), ({ index }) => ({ what, line: lines.at(index) })),
  ).toSorted((left, right) => left.line - right.line);
}

/** Lines of offsets in a text, without counting from the start each time. */
export class LineNumbers {
  private readonly starts: readonly number[];

  public constructor(text: string) {
    this.starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  }

  /** Line of an offset, from 1. */
  public at(offset: number): number {
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}

const SECRET_WORDS = /^(?:TOKENS?|PAT|PASS|PASSWORD|PASSWD|PWD|PASSPHRASE|CREDENTIALS?|APIKEY|SECRETS?|SAS)$/;
const SECRET_PAIRS = /(?:^|_)(?:API|ACCESS|PRIVATE|ACCOUNT|SIGNING|ENCRYPTION|SSH)_KEY(?:_|$)|CONNECTION_STRING/;
/** A variable so named says something of a secret, and is none: where it lies, how long it lasts, whether there is one. */
const ABOUT_SECRETS =
  /_(?:FILE|PATH|DIR|FOLDER|NAME|ID|LENGTH|LIMIT|TTL|SECONDS|TIMEOUT|COUNT|SIZE|ENABLED|REQUIRED|URL|URI|HOST|TYPE|ISSUER|AUDIENCE)$/;

/** Whether a variable's name says that its value is a secret: `NPM_TOKEN`, `dbPassword`; not so `TOKENIZERS_PARALLELISM`, `TOKEN_FILE`. */
export function isSecretName(name: string): boolean {
  const upper = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[.-]/g, "_")
    .toUpperCase();
  if (ABOUT_SECRETS.test(upper)) return false;
  return (
    SECRET_PAIRS.test(upper) ||
    upper.split("_").some((word) => SECRET_WORDS.test(word) || /(?:PASSWORD|SECRET|TOKEN)$/.test(word))
  );
}
