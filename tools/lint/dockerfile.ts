/** A Dockerfile as the rules see it: stages and instructions with their flags, properties and here-documents, all with offsets. */
import {
  DockerfileParser,
  type Dockerfile as ParsedDockerfile,
  type Flag,
  type Heredoc,
  type Instruction as ParsedInstruction,
  type Onbuild,
  type Property,
  type Run,
} from "dockerfile-ast";
import { Joined } from "./joined";
import { jsonWords, type JsonWord } from "./json-form";
import { SourceText } from "./source";

export interface FlagPart {
  readonly name: string;
  readonly value: string | undefined;
  /** For `--mount`: its options in lower case; one without a value has `""`. */
  readonly options: ReadonlyMap<string, string>;
  readonly start: number;
  readonly end: number;
}

/** `NAME=value` of an ARG, ENV or LABEL. */
export interface PropertyPart {
  readonly name: string;
  /** Without its quotes; `undefined` where there is none, as in `ARG NAME`. */
  readonly value: string | undefined;
  readonly start: number;
  readonly end: number;
  /** Where the value lies, with its quotes. */
  readonly valueStart: number;
  readonly valueEnd: number;
}

export interface Document {
  readonly name: string;
  readonly content: Joined;
  /** Whether its last line is there. */
  readonly closed: boolean;
}

export interface Instruction {
  /** In capitals; that of the trigger for ONBUILD. */
  readonly keyword: string;
  readonly onbuild: boolean;
  readonly start: number;
  readonly end: number;
  readonly keywordEnd: number;
  readonly flags: readonly FlagPart[];
  readonly properties: readonly PropertyPart[];
  /** What follows keyword and flags, without here-documents' contents. */
  readonly arguments: Joined;
  readonly documents: readonly Document[];
  /** Arguments with the here-documents behind them, as a shell gets them. */
  readonly whole: Joined;
  /** `false` where the parser failed on it: then parts of it are missing here. */
  readonly readable: boolean;
  /** The strings of the JSON form; `undefined` for the shell form. */
  readonly json: readonly JsonWord[] | undefined;
}

export interface Stage {
  readonly from: Instruction;
  /** Image or stage name as written. */
  readonly image: string;
  readonly name: string | undefined;
  /** The stage that this one is built on, where it is one of this file. */
  readonly parent: Stage | undefined;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  readonly source: SourceText;
  readonly escape: string;
  readonly directives: readonly {
    readonly name: string;
    readonly value: string;
    readonly start: number;
    readonly end: number;
  }[];
  readonly comments: readonly { readonly text: string; readonly start: number; readonly end: number }[];
  /** Those before the first FROM. */
  readonly global: readonly Instruction[];
  readonly stages: readonly Stage[];
  readonly instructions: readonly Instruction[];
}

/** Reads any text; what is no Dockerfile gives a model with few or no stages. */
export function parseDockerfile(text: string): Dockerfile {
  const source = new SourceText(text);
  // A byte order mark is skipped by the front end; a space keeps the offsets.
  const parsed = attempt(() => DockerfileParser.parse(text.replace(/^\uFEFF/, " ")));
  if (parsed === undefined) {
    const none: never[] = [];
    return { source, escape: "\\", directives: none, comments: none, global: none, stages: none, instructions: none };
  }
  const escape = parsed.getEscapeCharacter();
  const instructions = parsed.getInstructions().map((instruction) => instructionOf(instruction, source, escape));
  const global: Instruction[] = [];
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const instruction of instructions) {
    if (instruction.keyword === "FROM" && !instruction.onbuild) stages.push(stageOf(instruction, stages));
    else (stages.at(-1)?.instructions ?? global).push(instruction);
  }
  return {
    source,
    escape,
    directives: directives(parsed, source),
    comments: comments(parsed, source),
    global,
    stages,
    instructions,
  };
}

/** The parser fails on some texts that are no Dockerfiles; what it then leaves out is said by the rule `no-dockerfile`. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function stageOf(from: Instruction, before: readonly Stage[]): Stage & { instructions: Instruction[] } {
  const [image = "", , name] = from.arguments.text.trim().split(/\s+/);
  const parent = before.findLast((stage) => stage.name?.toLowerCase() === image.toLowerCase());
  return { from, image, name, parent, instructions: [] };
}

interface RangeLike {
  readonly start: { line: number; character: number };
  readonly end: { line: number; character: number };
}

function span(range: RangeLike, source: SourceText): { start: number; end: number } {
  return { start: source.offset(range.start), end: source.offset(range.end) };
}

function directives(parsed: ParsedDockerfile, source: SourceText): Dockerfile["directives"] {
  return parsed.getDirectives().map((directive) => ({
    name: directive.getName().toLowerCase(),
    value: directive.getValue(),
    ...span(directive.getValueRange(), source),
  }));
}

function comments(parsed: ParsedDockerfile, source: SourceText): Dockerfile["comments"] {
  return parsed.getComments().map((comment) => ({ text: comment.getContent(), ...span(comment.getRange(), source) }));
}

function instructionOf(parsed: ParsedInstruction, source: SourceText, escape: string): Instruction {
  const trigger = triggerOf(parsed);
  const inner = trigger ?? parsed;
  const { start, end } = span(parsed.getRange(), source);
  const keywordEnd = source.offset(inner.getInstructionRange().end);
  const flags = attempt(() => flagsOf(inner, source));
  const properties = attempt(() => propertiesOf(inner, source));
  // Asked for where there can be one only: the parser fails on some comments within instructions.
  const found = source.text.slice(start, end).includes("<<") ? attempt(() => heredocsOf(inner)) : [];
  const bodyStart = documentsStart(found ?? [], source, end);
  const joined = Joined.continued(source.text, flags?.at(-1)?.end ?? keywordEnd, bodyStart, escape);
  const arguments_ = joined.slice(joined.text.length - joined.text.trimStart().length);
  return {
    keyword: inner.getKeyword(),
    onbuild: trigger !== null,
    start,
    end,
    keywordEnd,
    flags: flags ?? [],
    properties: properties ?? [],
    arguments: arguments_,
    documents: (found ?? []).map((heredoc) => documentOf(heredoc, source, end)),
    whole: bodyStart < end ? Joined.concat(arguments_, Joined.plain(source.text, bodyStart, end)) : arguments_,
    readable: flags !== undefined && properties !== undefined && found !== undefined,
    json: jsonWords(arguments_),
  };
}

/** The instruction of an ONBUILD. */
function triggerOf(parsed: ParsedInstruction): ParsedInstruction | null {
  if (parsed.getKeyword() !== "ONBUILD" || !("getTriggerInstruction" in parsed)) return null;
  return (parsed.getTriggerInstruction as Onbuild["getTriggerInstruction"]).call(parsed);
}

function flagsOf(parsed: ParsedInstruction, source: SourceText): FlagPart[] {
  const flags = "getFlags" in parsed ? (parsed.getFlags as () => Flag[]).call(parsed) : [];
  return flags.map((flag) => ({
    name: flag.getName().toLowerCase(),
    value: flag.getValue() ?? undefined,
    options: mountOptions(flag.getValue() ?? ""),
    ...span(flag.getRange(), source),
  }));
}

/** The options of a mount are a line of CSV; quotes around one are dropped. */
function mountOptions(value: string): ReadonlyMap<string, string> {
  return new Map(
    value
      .split(",")
      .map((option) => option.trim().replace(/^"(.*)"$/, "$1"))
      .filter((option) => option !== "")
      .map((option) => {
        const at = option.indexOf("=");
        return at < 0 ? [option.toLowerCase(), ""] : [option.slice(0, at).toLowerCase(), option.slice(at + 1)];
      }),
  );
}

function propertiesOf(parsed: ParsedInstruction, source: SourceText): PropertyPart[] {
  if (!["ARG", "ENV", "LABEL"].includes(parsed.getKeyword())) return [];
  // The parser's ARG gives its first property alone, though BuildKit takes several.
  const properties = "getProperties" in parsed ? (parsed.getProperties as () => Property[]).call(parsed) : [];
  return properties.map((property) => {
    const whole = span(property.getRange(), source);
    const valueRange = property.getValueRange();
    const value = valueRange === null ? { start: whole.end, end: whole.end } : span(valueRange, source);
    return {
      name: property.getName(),
      value: property.getValue() ?? undefined,
      ...whole,
      valueStart: value.start,
      valueEnd: value.end,
    };
  });
}

function heredocsOf(parsed: ParsedInstruction): Heredoc[] {
  // ADD has them too, though the parser's types say so of RUN and COPY only.
  return ["RUN", "COPY", "ADD"].includes(parsed.getKeyword()) ? (parsed as unknown as Run).getHeredocs() : [];
}

/** Offset of the first line of the first here-document. */
function documentsStart(found: readonly Heredoc[], source: SourceText, end: number): number {
  const first = found[0];
  const range = first?.getContentRange() ?? first?.getDelimiterRange();
  return range === null || range === undefined ? end : source.offset({ line: range.start.line, character: 0 });
}

function documentOf(heredoc: Heredoc, source: SourceText, end: number): Document {
  const range = heredoc.getContentRange();
  const content = range === null ? { start: end, end } : span(range, source);
  return {
    name: heredoc.getName(),
    content: Joined.plain(source.text, content.start, content.end),
    closed: heredoc.getDelimiterRange() !== null,
  };
}
