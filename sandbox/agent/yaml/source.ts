/** Reads the YAML of a pipeline into nodes with places, and refuses what the service refuses or what would cost too much. */
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  parseDocument,
  type Node as YamlNode,
  type YAMLError,
} from "yaml";
import { quote } from "../../../spec/rule";
import { PipelineFileError, type Place } from "./error";
import {
  DEEPEST,
  kindOf,
  mapping,
  scalar,
  sequence,
  tooDeep,
  type MappingEntry,
  type MappingNode,
  type Node,
  type ScalarNode,
} from "./node";

/** Largest file, in characters. The service allows some 2 MB of text, in practice; a real pipeline has under 100 kB. */
export const LARGEST_FILE = 1024 * 1024;

/**
 * The file's content.
 * @param file the name that errors carry
 * @throws PipelineFileError for YAML that is broken, too large or too deep, and for anchors, aliases, tags, directives,
 * keys that stand twice, and more than one document.
 */
export function readNodes(text: string, file: string): Node {
  const source = new Source(text, file);
  if (text.length > LARGEST_FILE) {
    throw source.error(
      0,
      `the file has ${text.length} characters`,
      `keep it under ${LARGEST_FILE}: split it into templates`,
    );
  }
  checkShape(source);
  let document;
  try {
    // Every scalar is a text, as in the service. The check for equal keys is made here: the parser's takes quadratic time.
    document = parseDocument(text, {
      schema: "failsafe",
      uniqueKeys: false,
      merge: false,
      prettyErrors: false,
      logLevel: "error",
    });
  } catch (error) {
    throw source.error(0, "it cannot be read as YAML", "write plain keys and values, one a line", error);
  }
  const [broken] = document.errors;
  if (broken !== undefined) throw source.error(broken.pos[0], ...syntax(broken));
  if (document.contents === null)
    throw source.error(0, "the file is empty", "write the pipeline, or name another file");
  return convert(document.contents, source, 1);
}

class Source {
  readonly text: string;
  private readonly file: string;
  private readonly starts: number[] = [0];

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) this.starts.push(at + 1);
  }

  place(offset: number): Place {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.file, line: low + 1, column: offset - (this.starts[low] ?? 0) + 1 };
  }

  error(offset: number, what: string, mend: string, cause?: unknown): PipelineFileError {
    return new PipelineFileError(this.place(offset), what, mend, cause === undefined ? undefined : { cause });
  }
}

/** Blanks of one level of indentation. */
const WIDEST_INDENT = 8;

/** Marks and texts of a file, blanks among them; a real pipeline has some thousand. More would take seconds to read. */
const MOST_TOKENS = 100_000;

/** Reading nested YAML takes the square of its depth, so depth is counted before: by brackets, and by dashes on one line. */
function checkShape(source: Source): void {
  let offset = 0;
  let brackets = 0;
  let dashes = 0;
  let inScalar = false;
  let count = 0;
  for (const token of new Lexer().lex(source.text)) {
    if (inScalar) inScalar = false;
    else if (token === SCALAR) inScalar = true;
    else if (token === "[" || token === "{") brackets++;
    else if (token === "]" || token === "}") brackets--;
    else if (token === "-") dashes++;
    else if (token.startsWith("\n") || token.startsWith("\r")) dashes = 0;
    else if (token === "?") throw source.error(offset, "keys with ? are not supported", "write key: value");
    else if (token.startsWith("%")) throw source.error(offset, "directives (%) are not supported", "take the line out");
    const indented = token.length > DEEPEST * WIDEST_INDENT && /^ +$/.test(token) && !inScalar;
    if (brackets > DEEPEST || dashes > DEEPEST || indented) throw tooDeep(source.place(offset));
    if (++count > MOST_TOKENS) {
      throw source.error(offset, "the file has too many keys and values", "split it into templates");
    }
    if (!MARKS.has(token)) offset += token.length;
  }
}

/** What the lexer says before a scalar, and its other marks: none of them is part of the text. */
const SCALAR = "\u001f";
const MARKS = new Set(["\u0002", "\u0018", SCALAR]);

const SYNTAX: Readonly<Partial<Record<YAMLError["code"], readonly [string, string]>>> = {
  MULTIPLE_DOCS: ["the file has more than one document", "take out the --- and what follows it"],
  RESOURCE_EXHAUSTION: ["it is nested too deeply", "write it flatter: a pipeline needs some ten levels"],
  TAB_AS_INDENT: ["it is indented with a tab", "indent with spaces"],
};

/** Words for a mistake of YAML. The parser's own show parts of the file, which may be a credential. */
function syntax(error: YAMLError): readonly [string, string] {
  return (
    SYNTAX[error.code] ?? [
      `it is not valid YAML (${error.code.toLowerCase().replaceAll("_", " ")})`,
      "mend the line; quote a text that has : # { } [ ] , & * ! | > ' \" % @ or ` in it",
    ]
  );
}

function convert(node: unknown, source: Source, depth: number): Node {
  if (!isScalar(node) && !isCollection(node) && !isAlias(node)) return scalar("", source.place(0));
  const offset = node.range?.[0] ?? 0;
  checkForm(node, offset, source);
  const place = source.place(offset);
  if (isScalar(node)) return text(node.value, node.range ?? [offset, offset, offset], source);
  if (depth > DEEPEST) throw tooDeep(place);
  if (isSeq(node))
    return sequence(
      node.items.map((item) => convert(item, source, depth + 1)),
      place,
    );
  if (!isMap(node)) return scalar("", place);
  const entries: MappingEntry[] = [];
  const seen = new Set<string>();
  for (const pair of node.items) {
    const key = keyOf(pair.key, offset, source);
    const name = String(key.value).toLowerCase();
    if (key.expressions === undefined && seen.has(name)) {
      const mend = "keep one of the two; upper and lower case count as the same";
      throw new PipelineFileError(key.place, `${quote(String(key.value))} stands twice in its map`, mend);
    }
    seen.add(name);
    entries.push({ key, value: pair.value === null ? scalar("", key.place) : convert(pair.value, source, depth + 1) });
  }
  return mapping(entries, place);
}

function checkForm(node: YamlNode, offset: number, source: Source): void {
  if (isAlias(node)) {
    throw source.error(offset, "aliases (*) are not supported", "write the value out; quote a text that begins with *");
  }
  if ("anchor" in node && node.anchor !== undefined) {
    throw source.error(
      offset,
      `anchors are not supported: ${quote(node.anchor)}`,
      "take the & out, and write out what refers to it",
    );
  }
  if (node.tag !== undefined) {
    throw source.error(
      offset,
      "tags (!) are not supported",
      "write the value without it; quote a text that begins with !",
    );
  }
}

function keyOf(key: unknown, offset: number, source: Source): ScalarNode {
  if (!isScalar(key)) {
    const at = isCollection(key) || isAlias(key) ? (key.range?.[0] ?? offset) : offset;
    throw source.error(at, "a key must be a text", "write key: value; an expression as a key needs ${{ and }}");
  }
  checkForm(key, key.range?.[0] ?? offset, source);
  return text(key.value, key.range ?? [offset, offset, offset], source);
}

/** A text with the places of its expressions, found in the file again, where they stand as they are. */
function text(value: unknown, range: readonly [number, number, number], source: Source): ScalarNode {
  const node = scalar(typeof value === "string" ? value : "", source.place(range[0]));
  if (typeof value !== "string" || !value.includes("${{")) return node;
  const expressions: Place[] = [];
  for (
    let at = source.text.indexOf("${{", range[0]);
    at !== -1 && at < range[1];
    at = source.text.indexOf("${{", at + 3)
  ) {
    expressions.push(source.place(at));
  }
  return { ...node, expressions };
}

/** Reads a file that is one map. @throws PipelineFileError as {@link readNodes}, and for anything but a map. */
export function readMapping(text: string, file: string): MappingNode {
  const root = readNodes(text, file);
  if (root.kind === "mapping") return root;
  throw new PipelineFileError(
    root.place,
    `the file is ${kindOf(root)}, not a map`,
    "write key: value, one a line, such as steps:",
  );
}
