/** The forms in which a secret may lie in an image: raw, base64 at every alignment, URL-encoded, UTF-16 and others. */
import { anchorLength } from "./anchors";
import { type LiteralSecret } from "./secrets";

/** One form of one secret. */
export interface Needle {
  readonly secret: LiteralSecret;
  /** Such as `raw`, `base64`, `URL-encoded`. */
  readonly encoding: string;
  readonly bytes: Buffer;
  /**
   * How it is compared: as it is; over line breaks, as programs put them into long base64; or with any of its bytes,
   * and at least one, written as `%XX`.
   */
  readonly form: "exact" | "wrapped" | "percent";
  /** For base64: bits of the first character's byte group that belong to what comes before the secret. */
  readonly alignment?: 0 | 1 | 2;
}

/** Every form of a secret, each byte sequence once. */
export function needlesOf(secret: LiteralSecret): readonly Needle[] {
  const { value } = secret;
  const raw = Buffer.from(value, "utf8");
  const wide = Buffer.from(value, "utf16le");
  const forms: Omit<Needle, "secret">[] = [{ encoding: "raw", bytes: raw, form: "exact" }];
  const add = (encoding: string, text: string): void => {
    forms.push({ encoding, bytes: Buffer.from(text, "utf8"), form: "exact" });
  };
  forms.push(...base64Forms(raw, "base64"));
  for (const text of urlForms(value)) add("URL-encoded", text);
  // Which bytes are written as %XX is each library's own choice.
  if (literalRun(raw) !== undefined) forms.push({ encoding: "URL-encoded", bytes: raw, form: "percent" });
  forms.push(
    { encoding: "UTF-16 LE", bytes: wide, form: "exact" },
    { encoding: "UTF-16 BE", bytes: Buffer.from(wide).swap16(), form: "exact" },
    // What PowerShell calls an encoded command.
    ...base64Forms(wide, "base64 of UTF-16"),
    { encoding: "hex", bytes: Buffer.from(raw.toString("hex")), form: "wrapped" },
    { encoding: "hex", bytes: Buffer.from(raw.toString("hex").toUpperCase()), form: "wrapped" },
  );
  for (const text of escapedForms(value)) add("escaped", text);
  const known = new Set<string>();
  return forms
    .filter(({ bytes, form }) => {
      const key = `${form === "percent" ? form : ""}:${bytes.toString("latin1")}`;
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
    forms.push({ encoding, bytes: Buffer.from(core), form: "wrapped", alignment });
    forms.push(...brokenForms(core, encoding));
    const urlSafe = core.replaceAll("+", "-").replaceAll("/", "_");
    if (urlSafe !== core) {
      forms.push({ encoding: `${encoding} (URL-safe)`, bytes: Buffer.from(urlSafe), form: "wrapped", alignment });
      forms.push(...brokenForms(urlSafe, encoding));
      // Base64 in a URL.
      for (const text of hexCases(core.replace(/[+/]/g, percent))) {
        forms.push({ encoding: `${encoding}, URL-encoded`, bytes: Buffer.from(text), form: "exact" });
      }
    }
  }
  return forms;
}

/** A short text has no room for two anchors: with a line break in the only one, it is looked for as it then is. */
function brokenForms(text: string, encoding: string): Omit<Needle, "secret">[] {
  if (text.length >= 2 * anchorLength) return [];
  const forms: Omit<Needle, "secret">[] = [];
  for (let place = 1; place < anchorLength; place += 1) {
    for (const end of ["\n", "\r\n", "\\n"]) {
      forms.push({ encoding, bytes: Buffer.from(text.slice(0, place) + end + text.slice(place)), form: "exact" });
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
    strict.replaceAll("%20", "+").replaceAll("%2A", "*").replaceAll("~", "%7E"),
    strict.replaceAll("~", "%7E"),
    [...Buffer.from(value, "utf8")].map((byte) => `%${byte.toString(16).padStart(2, "0").toUpperCase()}`).join(""),
    encodeURIComponent(component),
  ];
  return forms.flatMap(hexCases);
}

/** Where letters and digits begin that no library encodes, as many as an anchor has; `undefined` where there are not. */
export function literalRun(bytes: Buffer): number | undefined {
  const run = new RegExp(`[A-Za-z0-9]{${anchorLength}}`).exec(bytes.toString("latin1"));
  return run?.index;
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
