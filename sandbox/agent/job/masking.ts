/** Replaces secrets in text, in each form in which a log could show them. */

const mask = "***";

/** So many letters of an encoded secret, or of a token, are known again without the rest, as in output that was wrapped. */
const pieceLength = 12;

const candidates = new RegExp(`[A-Za-z0-9+/=_.~%-]{${pieceLength},}`, "g");

export interface Span {
  readonly start: number;
  readonly end: number;
}

function base64Url(text: string): string {
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The letters that base64 has for a text wherever it begins among others: those that its neighbours change are left out. */
function base64Cores(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const first = before === 0 ? 0 : before + 1;
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    return encoded.slice(first, whole);
  });
}

function percentEncoded(text: string): string[] {
  try {
    const encoded = encodeURIComponent(text);
    const lower = encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
    return [encoded, lower, encoded.replaceAll("%20", "+"), encodeURI(text)];
  } catch {
    return []; // Half of a surrogate pair has no such form.
  }
}

/** How the agent writes a value within a logging command. */
function commandEncoded(text: string): string {
  return text
    .replaceAll("%", "%AZP25")
    .replaceAll(";", "%3B")
    .replaceAll("\r", "%0D")
    .replaceAll("\n", "%0A")
    .replaceAll("]", "%5D");
}

function exactForms(value: string): string[] {
  const lines = value.split(/\r\n|\r|\n/);
  const inLine = value.replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  const encoded = Buffer.from(value).toString("base64");
  return [
    value,
    ...lines,
    inLine,
    value.replace(/^(["'])(.*)\1$/s, "$2"),
    commandEncoded(value),
    JSON.stringify(value).slice(1, -1),
    value.replaceAll("\\", "\\\\").replaceAll('"', '\\"'),
    ...percentEncoded(value),
    encoded,
    base64Url(encoded),
    encodeURIComponent(encoded),
  ].flatMap((form) => [form, form.trim()]);
}

/** Knows a job's secrets. What is added counts from then on. */
export class SecretMasker {
  private readonly forms = new Set<string>();
  private readonly pieces = new Set<string>();
  private longestForm = 0;

  /** Length of the longest form: so much of a text has to be seen at once. */
  public get longest(): number {
    return this.longestForm;
  }

  /**
   * @param token Whether the secret is random letters, so that a part of it alone is worth hiding: text of a person's making would hide
   * words that it shares with others.
   */
  public add(value: string, { token = false }: { readonly token?: boolean } = {}): void {
    if (value.trim() === "") return;
    for (const form of exactForms(value)) {
      if (form.trim() === "") continue;
      this.forms.add(form);
      this.longestForm = Math.max(this.longestForm, form.length);
    }
    for (const core of base64Cores(value)) {
      this.addPieces(core);
      this.addPieces(base64Url(core));
    }
    if (token) this.addPieces(value);
  }

  public mask(text: string): string {
    let masked = "";
    let at = 0;
    for (const { start, end } of this.find(text)) {
      masked += text.slice(at, start) + mask;
      at = end;
    }
    return at === 0 ? text : masked + text.slice(at);
  }

  /** Where secrets are: in order, none touches another. */
  public find(text: string): Span[] {
    const found: Span[] = [];
    for (const form of this.forms) {
      for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
        found.push({ start: at, end: at + form.length });
      }
    }
    if (this.pieces.size > 0) found.push(...this.findPieces(text));
    return joined(found);
  }

  private addPieces(text: string): void {
    for (let at = 0; at + pieceLength <= text.length; at += 1) this.pieces.add(text.slice(at, at + pieceLength));
    if (text.length >= pieceLength) this.longestForm = Math.max(this.longestForm, text.length);
  }

  /** The runs of letters in which a piece of a secret is, whole: their ends are more of it. */
  private *findPieces(text: string): Generator<Span> {
    for (const match of text.matchAll(candidates)) {
      const [run] = match;
      for (let at = 0; at + pieceLength <= run.length; at += 1) {
        if (!this.pieces.has(run.slice(at, at + pieceLength))) continue;
        yield { start: match.index, end: match.index + run.length };
        break;
      }
    }
  }
}

function joined(spans: Span[]): Span[] {
  spans.sort((one, other) => one.start - other.start);
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of spans) {
    const last = result.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else result.push({ start, end });
  }
  return result;
}
