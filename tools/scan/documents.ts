/** Scans the documents of an image: configuration, manifests, attestations; says where in them something lies. */
import { type Collector } from "./collector";
import { type ContentScanner } from "./content";
import { type DocumentPlace } from "./report";

/** Characters from which on a text that is base64 is also looked at decoded: provenance carries Dockerfiles so. */
const shortestEncoded = 24;

/** Levels of a document whose texts are looked at one by one. What lies deeper is searched as bytes. */
const deepest = 100;

export interface DocumentSubject {
  readonly document: DocumentPlace["document"];
  readonly digest: string;
  readonly platform?: string | undefined;
}

/** Searches every text of a JSON document, with its place; then all of its bytes, for what lies between the texts. */
export function scanDocument(
  body: Buffer,
  subject: DocumentSubject,
  scanner: ContentScanner,
  collector: Collector,
): void {
  const place = ["document", subject.document, subject.digest].join("\0");
  const parsed = parseQuietly(body);
  for (const { text, pointer, command } of parsed === undefined ? [] : textsOf(parsed, "")) {
    const where = (): DocumentPlace => ({ ...placeOf(subject), pointer, ...(command ? { command: text } : {}) });
    const key = `${place}\0${pointer}`;
    scanner.scanText(Buffer.from(text), "", (hit) => collector.add(hit, key, "", where));
    const decoded = decodedText(text);
    if (decoded === undefined) continue;
    scanner.scanText(decoded, "", (hit) => {
      // A given secret has been found in base64 already.
      if (hit.kind !== "literal") collector.add({ ...hit, encoding: "base64" }, key, "", where);
    });
  }
  scanner.scanText(body, "", (hit) => {
    if (!collector.has(place, hit)) collector.add(hit, place, "", () => placeOf(subject));
  });
}

export function placeOf({ document, digest, platform }: DocumentSubject): DocumentPlace {
  return { in: "document", document, digest, ...(platform === undefined ? {} : { platform }) };
}

interface PlacedText {
  readonly text: string;
  readonly pointer: string;
  /** Whether it is a command of the history. */
  readonly command: boolean;
}

/** Texts and names, in the way that one would write to reach them. */
function* textsOf(value: unknown, pointer: string, depth = 0): Generator<PlacedText> {
  if (depth > deepest) return;
  if (typeof value === "string") {
    yield { text: value, pointer, command: /^history\[\d+\]\.created_by$/.test(pointer) };
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* textsOf(item, `${pointer}[${index}]`, depth + 1);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      yield { text: name, pointer, command: false };
      const step = /^[\w-]+$/.test(name) ? `${pointer === "" ? "" : "."}${name}` : `[${JSON.stringify(name)}]`;
      yield* textsOf(item, `${pointer}${step}`, depth + 1);
    }
  }
}

function decodedText(text: string): Buffer | undefined {
  if (text.length < shortestEncoded || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  return Buffer.from(text.replaceAll("-", "+").replaceAll("_", "/"), "base64");
}

function parseQuietly(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch {
    // What is no JSON is searched as bytes.
    return undefined;
  }
}
