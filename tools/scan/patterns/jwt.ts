/** JSON Web Tokens, signed or encrypted (RFC 7519): what pipelines, clouds and registries give as access tokens. */
import { type AnchoredPattern } from "./pattern";

/** Characters of a token that are looked at. */
const longest = 16_384;

/** Parameters with which a header may begin (RFC 7515, RFC 7516, and what is met besides). */
const parameters =
  "alg typ kid x5t x5c x5u cty enc zip jku jwk crit epk apu apv p2s p2c tag iv nonce iss b64 ver ppt svt sub aud";

/** Headers are JSON: without white space as most write it, or with. */
const openings = parameters
  .split(" ")
  .flatMap((name) => [`{"${name}"`, `{ "${name}"`, `{\n  "${name}"`, `{\r\n  "${name}"`]);

/** The first 6 characters of base64 are decided by 4.5 bytes: the opening alone. */
const anchors = [...new Set(openings.map((opening) => Buffer.from(opening).toString("base64url").slice(0, 6)))];

/** Seconds after its end from which on a token counts as an example: a year. One that leaked lately is still shown. */
const forgottenSeconds = 365 * 24 * 3600;

export const jwtPattern: AnchoredPattern = {
  kind: "jwt",
  anchors,
  check(content, at, region) {
    if (at > region.from && /[\w-]/.test(String.fromCharCode(content[at - 1] ?? 0)) && content[at - 2] !== 0x5c)
      return undefined;
    const limit = Math.min(region.to, at + longest);
    const parsed = headerAt(content, at, limit);
    if (typeof parsed?.alg !== "string") return undefined;
    const match = /^([\w-]{10,})\.([\w-]*)\.([\w-]*)(?:\.([\w-]+)\.([\w-]+))?/.exec(
      content.toString("latin1", at, limit),
    );
    if (match === null) return undefined;
    const [value, header = "", second = "", third = "", , fifth] = match;
    // Encrypted: five parts, of which only the header can be read.
    if (fifth !== undefined && typeof parsed.enc === "string") return { start: at, end: at + value.length, value };
    const claims = parse(second);
    // One that is not signed opens nothing.
    if (claims === undefined || third.length < 16) return undefined;
    const excluded = ruleFor(claims);
    const token = `${header}.${second}.${third}`;
    return { start: at, end: at + token.length, value: token, ...(excluded === undefined ? {} : { excluded }) };
  },
};

/** Most of what begins as a header has no dot behind it, or is none. */
function headerAt(content: Buffer, at: number, limit: number): Record<string, unknown> | undefined {
  const length = content.subarray(at, limit).indexOf(0x2e);
  if (length < 10) return undefined;
  const header = content.toString("latin1", at, at + length);
  return /[^\w-]/.test(header) ? undefined : parse(header);
}

function parse(part: string): Record<string, unknown> | undefined {
  const text = Buffer.from(part, "base64url").toString("utf8");
  // Errors take long to make, and there may be many.
  if (!/^\s*\{/.test(text) || !/\}\s*$/.test(text)) return undefined;
  try {
    const parsed = JSON.parse(text) as unknown;
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function ruleFor(claims: Record<string, unknown>): string | undefined {
  // The examples of jwt.io and of RFC 7519.
  if (claims.sub === "1234567890" || (claims.iss === "joe" && claims["http://example.com/is_root"] === true))
    return "placeholder";
  if (claims.some === "payload") return "placeholder";
  if (typeof claims.exp === "number" && claims.exp + forgottenSeconds < Date.now() / 1000) return "expired-long-ago";
  return undefined;
}
