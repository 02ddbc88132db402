/** Finds the credentials in the files that tools keep them in: netrc, pip.conf, .pypirc, docker's config.json, URLs. */

/** A credential, and what it is of: "" where the text is the credential alone. */
export interface Credential {
  readonly value: string;
  readonly of: string;
}

export type FoundCredentials =
  | { readonly kind: "found"; readonly credentials: readonly Credential[] }
  | { readonly kind: "nothing"; readonly what: string; readonly mend: string };

/** Characters from which on a URL's user name without a password counts as a token. */
const tokenLength = 16;

/** Reads a text in the form of netrc, or in whichever form it has. */
export function findCredentials(text: string, form: "netrc" | "any"): FoundCredentials {
  if (form === "netrc" || looksLikeNetrc(text)) {
    return result(
      netrcPasswords(text),
      "netrc entries",
      "Each entry needs a password: machine HOST login USER password TOKEN.",
    );
  }
  if (text.trimStart().startsWith("{")) {
    const auths = dockerAuths(text);
    if (auths !== undefined) return result(auths, "docker's configuration", "Sign in first: docker login REGISTRY.");
  }
  const urls = urlCredentials(text);
  const passwords = pypircPasswords(text);
  if (urls.length > 0 || passwords.length > 0) return { kind: "found", credentials: [...urls, ...passwords] };
  if (/^\s*[[#;]|^\s*[\w-]+\s*=\s*\S*:\/\//m.test(text) || /^\s*[a-z][a-z0-9+.-]*:\/\/\S+\s*$/i.test(text)) {
    return {
      kind: "nothing",
      what: "a URL or settings",
      mend: "Name the file or variable that holds the credential, such as the netrc file.",
    };
  }
  return { kind: "found", credentials: [{ value: text.trim(), of: "" }] };
}

function result(credentials: readonly Credential[], what: string, mend: string): FoundCredentials {
  return credentials.length > 0 ? { kind: "found", credentials } : { kind: "nothing", what, mend };
}

function looksLikeNetrc(text: string): boolean {
  return /^\s*(?:machine\s+\S+|default)\s+(?:login|password|account)\s+\S/m.test(text);
}

/** As Python's and curl's readers take it: words apart by white space, quotes around words, comments from `#` on. */
function netrcPasswords(text: string): Credential[] {
  const words = [...text.replace(/^\s*#.*$/gm, "").matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "",
  );
  const found: Credential[] = [];
  let machine = "any host";
  for (let index = 0; index < words.length; index += 1) {
    const next = words[index + 1] ?? "";
    if (words[index] === "machine") machine = next;
    else if (words[index] === "default") machine = "any host";
    else if ((words[index] === "password" || words[index] === "account") && next !== "") {
      found.push({ value: next, of: `${words[index] ?? ""} of ${machine}` });
    } else continue;
    index += words[index] === "default" ? 0 : 1;
  }
  return found;
}

/** The credentials of every URL in a text, with their percent-encoding undone. */
function urlCredentials(text: string): Credential[] {
  const found: Credential[] = [];
  for (const [, userInfo = "", host = ""] of text.matchAll(
    /[a-z][a-z0-9+.-]*:\/\/([^\s/?#"'<>]+)@([^\s/?#"'<>@]+)/gi,
  )) {
    const colon = userInfo.indexOf(":");
    const user = decoded(colon < 0 ? userInfo : userInfo.slice(0, colon));
    const password = colon < 0 ? "" : decoded(userInfo.slice(colon + 1));
    if (password !== "") found.push({ value: password, of: `password for ${host}` });
    if (password === "" || password === "x-oauth-basic") {
      if (user.length >= tokenLength) found.push({ value: user, of: `token for ${host}` });
    }
  }
  return found;
}

function pypircPasswords(text: string): Credential[] {
  const found: Credential[] = [];
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    section = /^\[([^\]]+)\]/.exec(line)?.[1] ?? section;
    const password = section === "" ? undefined : /^password\s*[=:]\s*(\S.*?)\s*$/.exec(line)?.[1];
    if (password !== undefined) found.push({ value: password, of: `password of ${section}` });
  }
  return found;
}

/** `undefined` when it is JSON of another kind, or none. */
function dockerAuths(text: string): Credential[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || !("auths" in parsed)) return undefined;
  const found: Credential[] = [];
  for (const [host, entry] of Object.entries(parsed.auths as Record<string, unknown>)) {
    if (typeof entry !== "object" || entry === null) continue;
    if ("auth" in entry && typeof entry.auth === "string") {
      const pair = Buffer.from(entry.auth, "base64").toString("utf8");
      const password = pair.slice(pair.indexOf(":") + 1);
      if (password !== "") found.push({ value: password, of: `password for ${host}` });
    }
    if ("identitytoken" in entry && typeof entry.identitytoken === "string" && entry.identitytoken !== "") {
      found.push({ value: entry.identitytoken, of: `token for ${host}` });
    }
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
