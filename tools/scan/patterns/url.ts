/** URLs with credentials: `scheme://user:password@host`, and a token in the user's place. */
import { isPlaceholder, isReservedHost } from "./placeholders";
import { type PatternHit, type Region, type StreamPattern } from "./pattern";

const marker = Buffer.from("://");

/** Characters of user information that are looked at: tokens of 3 kB are met. */
const longest = 8192;

/** Characters from which on a user name without a password is taken for a token; user names are shorter. */
const tokenLength = 20;

const at = 0x40;
const colon = 0x3a;
const comma = 0x2c;

/** Bytes at which the part of a URL that may hold credentials ends. */
const ends = new Uint8Array(256).fill(1);
for (const byte of Buffer.from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&()*+,;=:%@{}[]"))
  ends[byte] = 0;

/** A credential in a URL whose setting names it an index of packages is reported as such. */
const indexSetting =
  /(?:index[-_]?urls?|find[-_]links|extra[-_]index|PIP_\w*URL|UV_\w*INDEX\w*|\burl)["']?\s*[=:]?\s*["'[]*\s*[\w+-]*$/i;

export const urlPattern: StreamPattern = {
  kind: "url-credentials",

  search(content, from, to, end, onPlace) {
    const limit = Math.min(to + marker.length - 1, end);
    const view = content.subarray(0, limit);
    for (let place = view.indexOf(marker, from); place >= 0; place = view.indexOf(marker, place + marker.length)) {
      onPlace(place);
    }
  },

  check(content, place, region) {
    const first = place + marker.length;
    const limit = Math.min(region.to, first + longest);
    let lastAt = -1;
    let position = first;
    for (; position < limit && ends[content[position] ?? 0] === 0; position += 1) {
      if (content[position] === at) lastAt = position;
    }
    return lastAt <= first ? undefined : credentialsIn(content, place, { ...region, to: position }, lastAt);
  },
};

/** The host itself: what listens there is of the machine that the program runs on. */
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** Keys that Sentry gives to programs to report errors with; it calls them public. They come with a project's number. */
const reportingKey = /^[0-9a-f]{32}$/;

function credentialsIn(content: Buffer, place: number, region: Region, lastAt: number): PatternHit | undefined {
  // Some URLs name several hosts; the credentials are those of the last.
  const first = Math.max(place + marker.length, content.lastIndexOf(comma, lastAt) + 1);
  const split = content.indexOf(colon, first);
  const hasPassword = split >= 0 && split < lastAt;
  const user = content.toString("latin1", first, hasPassword ? split : lastAt);
  const password = hasPassword ? content.toString("latin1", split + 1, lastAt) : "";
  const host = content.toString("latin1", lastAt + 1, region.to);
  if (!/^(?:[\w.-]+|\[[\w.:]+\])(?::\d+)?[.,;:)\]}]*$/.test(host) && !isTemplate(host)) return undefined;
  if (/[()[\]]/.test(user + password)) return undefined;
  const byToken = password === "" || /^x-oauth-basic$/i.test(password);
  // A user alone, as in ssh://git@host, is no credential.
  if (byToken && !isTokenLike(user)) return undefined;
  const path = content.toString("latin1", region.to, Math.min(content.length, region.to + 16));
  const value = byToken ? user : decoded(password);
  const line = content.toString("latin1", Math.max(region.from, place - 120), place);
  const reporting = byToken && reportingKey.test(user) && /^\/\d+(?!\w)/.test(path);
  const excluded = reporting ? "error-reporting-key" : ruleFor(user, value, host, !byToken);
  return {
    start: first,
    end: lastAt,
    value,
    ...(indexSetting.test(line.slice(line.lastIndexOf("\n") + 1)) ? { kind: "index-url" as const } : {}),
    ...(excluded === undefined ? {} : { excluded }),
  };
}

function ruleFor(user: string, value: string, host: string, isPassword: boolean): string | undefined {
  if (isReservedHost(host)) return "reserved-host";
  if (isTemplate(host) || isPlaceholder(value)) return "placeholder";
  // Documentation likes guest:guest. No token is its user's name.
  if (isPassword && value === user) return "placeholder";
  // A word as the password of a service on the same machine, or one that is shorter than any password.
  const isText = /^[a-z]+$/i.test(value);
  return isText && value.length < (loopback.test(host) ? 12 : 5) ? "placeholder" : undefined;
}

function isTemplate(host: string): boolean {
  return /^[{$<%(]|^\[(?![\da-f:.]+\])|[{}$]/i.test(host);
}

/** Letters and digits mixed: a long word or a path is none. */
function isTokenLike(user: string): boolean {
  return user.length >= tokenLength && /\d/.test(user) && /[a-z]/i.test(user) && /^[\w.~+=%-]+$/.test(user);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
