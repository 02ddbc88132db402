/** The forms in which a secret may lie in an image: raw, base64 at every alignment, URL-encoded, UTF-16 and others. */
import { type LiteralSecret } from "./secrets";

/** One form of one secret. */
export interface Needle {
  readonly secret: LiteralSecret;
  /** Such as `raw`, `base64`, `URL-encoded`. */
  readonly encoding: string;
  readonly bytes: Buffer;
  /** Whether line breaks may lie within, as programs put them into long base64. */
  readonly wrapped: boolean;
  /** For base64: bits of the first character's byte group that belong to what comes before the secret. */
  readonly alignment?: 0 | 1 | 2;
}

/** Every form of a secret, each byte sequence once. */
export function needlesOf(secret: LiteralSecret): readonly Needle[] {
  const { value } = secret;
  const raw = Buffer.from(value, "utf8");
  const wide = Buffer.from(value, "utf16le");
  const forms: Omit<Needle, "secret">[] = [{ encoding: "raw", bytes: raw, wrapped: false }];
  const add = (encoding: string, text: string): void => {
    forms.push({ encoding, bytes: Buffer.from(text, "utf8"), wrapped: false });
  };
  forms.push(...base64Forms(raw, "base64"));
  for (const text of urlForms(value)) add("URL-encoded", text);
  forms.push(
    { encoding: "UTF-16 LE", bytes: wide, wrapped: false },
    { encoding: "UTF-16 BE", bytes: Buffer.from(wide).swap16(), wrapped: false },
    // What PowerShell calls an encoded command.
    ...base64Forms(wide, "base64 of UTF-16"),
    { encoding: "hex", bytes: Buffer.from(raw.toString("hex")), wrapped: true },
    { encoding: "hex", bytes: Buffer.from(raw.toString("hex").toUpperCase()), wrapped: true },
  );
  for (const text of escapedForms(value)) add("escaped", text);
  const known = new Set<string>();
  return forms
    .filter(({ bytes }) => {
      const key = bytes.toString("latin1");
      return known.has(key) ? false : known.add(key);
    })
    .map((form) => ({ secret, ...form }));
}

/**
 * The characters of base64 that the secret alone decides, for each place that it can have in a group of three bytes;
 * whatever lies before or after it, such as `user:`, they are the same.
 */
function base64Forms(bytes: Buffer, encoding: string): Omit<Needle, "secret">[] {
  const forms: Omit<Needle, "secret">[] = [];
  for (const alignment of [0, 1, 2] as const) {
    const text = Buffer.concat([Buffer.alloc(alignment), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const first = Math.ceil((alignment * 8) / 6);
    const end = Math.floor(((alignment + bytes.length) * 8) / 6);
    const core = text.slice(first, end);
    forms.push({ encoding, bytes: Buffer.from(core), wrapped: true, alignment });
    const urlSafe = core.replaceAll("+", "-").replaceAll("/", "_");
    if (urlSafe !== core) {
      forms.push({ encoding: `${encoding} (URL-safe)`, bytes: Buffer.from(urlSafe), wrapped: true, alignment });
      // Base64 in a URL.
      for (const text of hexCases(core.replace(/[+/]/g, percent))) {
        forms.push({ encoding: `${encoding}, URL-encoded`, bytes: Buffer.from(text), wrapped: false });
      }
    }
  }
  return forms;
}

/** From the least that must be encoded, over what languages' libraries do, to everything; and twice. */
function urlForms(value: string): string[] {
  const component = encodeURIComponent(value);
  const strict = component.replace(/[!'()*]/g, percent);
  const forms = [
    component,
    strict,
    // Only what would end the user information of a URL.
    value.replace(/[%:/?#[\]@\s"<>\\^`{|}]/gu, encodeURIComponent),
    value.replace(/[%/?#@\s]/gu, encodeURIComponent),
    // Python's quote leaves slashes, forms write spaces as plus signs.
    strict.replaceAll("%2F", "/"),
    strict.replaceAll("%20", "+"),
    strict.replaceAll("~", "%7E"),
    [...Buffer.from(value, "utf8")].map((byte) => `%${byte.toString(16).padStart(2, "0").toUpperCase()}`).join(""),
    encodeURIComponent(component),
  ];
  return forms.flatMap(hexCases);
}

/** As strings in JSON, in HTML and XML, and in a shell's single quotes. */
function escapedForms(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  return [
    json,
    json.replaceAll("/", "\\/"),
    json.replace(/[<>&]/g, unicodeEscape),
    json.replace(/[<>&'"+]/g, unicodeEscape),
    json.replace(/[^\x20-\x7e]/g, unicodeEscape),
    value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
    value
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;"),
    value.replaceAll("'", "'\\''"),
    value.replaceAll("$", () => "$$"),
  ];
}

function hexCases(text: string): string[] {
  return [text, text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())];
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
