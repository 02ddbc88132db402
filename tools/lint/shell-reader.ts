/** The scanner behind readShell: quotes, substitutions, redirections and here-documents of POSIX shells and bash. */
import type { Assignment, Command, Redirection, Variable, Word } from "./shell";

/** Words after which a command begins. */
const RESERVED = new Set([
  "if",
  "then",
  "else",
  "elif",
  "fi",
  "do",
  "done",
  "while",
  "until",
  "!",
  "{",
  "}",
  "time",
  "esac",
]);
/** Deeper nesting than any script has; beyond it a substitution is plain text. */
const DEEPEST = 30;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

interface Draft {
  assignments: Assignment[];
  words: Word[];
  redirections: { operator: string; target: Word | undefined; document: Redirection["document"] }[];
  start: number;
  end: number;
}

export class ShellReader {
  private at = 0;
  private level = 0;
  private readonly commands: Command[] = [];
  private pending: { redirection: Draft["redirections"][number]; delimiter: string; strip: boolean }[] = [];

  constructor(private readonly text: string) {}

  read(): readonly Command[] {
    while (this.at < this.text.length) {
      this.readList(0, "");
      // A closing sign that nothing opened.
      this.at++;
    }
    return this.commands;
  }

  /** Reads commands up to `close`, which is left unread, or the end. */
  private readList(depth: number, close: string): void {
    let draft = this.draft();
    while (this.at < this.text.length) {
      this.skipBlanks();
      const sign = this.text[this.at] ?? "";
      if (sign === close && close !== "") break;
      const operator = /(?:&&|\|\||;;|\|&|[;&|\n])/y;
      operator.lastIndex = this.at;
      const separator = this.text.startsWith("&>", this.at) ? undefined : operator.exec(this.text)?.[0];
      if (separator !== undefined) {
        this.at += separator.length;
        this.finish(draft, separator, depth);
        if (separator === "\n") this.readDocuments();
        draft = this.draft();
      } else if (sign === "(" || sign === ")") {
        this.at++;
        this.finish(draft, ";", depth);
        if (sign === "(") this.readSubshell(depth);
        draft = this.draft();
      } else if (sign === "#") {
        this.skipComment();
      } else if (!this.readRedirection(draft, depth)) {
        this.addWord(draft, this.readWord(depth, close));
      }
    }
    this.finish(draft, "", depth);
  }

  private readSubshell(depth: number): void {
    if (this.level >= DEEPEST) return;
    this.level++;
    this.readList(depth, ")");
    this.level--;
    if (this.text[this.at] === ")") this.at++;
  }

  private draft(): Draft {
    return { assignments: [], words: [], redirections: [], start: this.at, end: this.at };
  }

  private finish(draft: Draft, separator: string, depth: number): void {
    if (draft.words.length + draft.assignments.length + draft.redirections.length === 0) return;
    this.commands.push({ ...draft, separator: separator.startsWith(";") ? ";" : separator, nested: depth > 0 });
  }

  private addWord(draft: Draft, word: Word): void {
    if (word.end === word.start) {
      this.at++;
      return;
    }
    const empty = draft.words.length === 0;
    if (empty && draft.assignments.length === 0 && draft.redirections.length === 0) {
      if (RESERVED.has(word.text)) return;
      draft.start = word.start;
    }
    draft.end = word.end;
    const raw = this.text.slice(word.start, word.end);
    const name = /^([A-Za-z_][A-Za-z0-9_]*)\+?=/.exec(raw);
    if (empty && name !== null) {
      const { 0: head, 1: variable = "" } = name;
      const value = { ...word, text: word.text.slice(head.length), start: word.start + head.length };
      draft.assignments.push({ name: variable, value, start: word.start, end: word.end });
    } else draft.words.push(word);
  }

  private skipBlanks(): void {
    for (;;) {
      const sign = this.text[this.at];
      if (sign === " " || sign === "\t" || sign === "\r") this.at++;
      else if (sign === "\\" && /^\\\r?\n/.test(this.text.slice(this.at, this.at + 3))) {
        this.at = this.text.indexOf("\n", this.at) + 1;
      } else return;
    }
  }

  private skipComment(): void {
    const feed = this.text.indexOf("\n", this.at);
    this.at = feed < 0 ? this.text.length : feed;
  }

  private readRedirection(draft: Draft, depth: number): boolean {
    const pattern = /(?:[0-9]{0,2}(?:<<<|<<-|<<|>>|<>|<&|>&|>\||<|>)|&>>|&>)/y;
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined || /^[<>]\($/.test(this.text.slice(this.at, this.at + 2))) return false;
    if (draft.words.length + draft.assignments.length + draft.redirections.length === 0) draft.start = this.at;
    this.at += found.length;
    this.skipBlanks();
    const target = this.readWord(depth, "");
    const operator = found.replace(/^[0-9]+/, "");
    const redirection = { operator, target: target.end > target.start ? target : undefined, document: undefined };
    draft.redirections.push(redirection);
    draft.end = this.at;
    if (operator === "<<" || operator === "<<-") {
      this.pending.push({ redirection, delimiter: target.text, strip: operator === "<<-" });
    }
    return true;
  }

  private readDocuments(): void {
    const pending = this.pending;
    this.pending = [];
    for (const { redirection, delimiter, strip } of pending) {
      const start = this.at;
      let end = this.text.length;
      while (this.at < this.text.length) {
        const feed = this.text.indexOf("\n", this.at);
        const stop = feed < 0 ? this.text.length : feed;
        const line = this.text.slice(this.at, stop).replace(/\r$/, "");
        const begin = this.at;
        this.at = feed < 0 ? stop : feed + 1;
        if ((strip ? line.replace(/^\t+/, "") : line) === delimiter) {
          end = begin;
          break;
        }
      }
      redirection.document = { start, end, text: this.text.slice(start, end) };
    }
  }

  /** Reads up to what ends a word; an empty word where that comes at once. */
  private readWord(depth: number, close: string): Word {
    const start = this.at;
    const variables: Variable[] = [];
    let value = "";
    while (this.at < this.text.length) {
      const sign = this.text[this.at] ?? "";
      if (/[\s;&|()<>]/.test(sign) || (close !== "" && sign === close)) {
        if (!(/[<>]/.test(sign) && this.at === start && this.text[this.at + 1] === "(")) break;
      }
      if (sign === "'") value += this.readSingleQuotes();
      else if (sign === '"') value += this.readDoubleQuotes(depth, variables);
      else if (sign === "$" || sign === "`") value += this.readExpansion(depth, variables);
      else if (sign === "\\") {
        if (/^\\\r?\n/.test(this.text.slice(this.at, this.at + 3))) this.at = this.text.indexOf("\n", this.at) + 1;
        else {
          value += this.text[this.at + 1] ?? "";
          this.at += 2;
        }
      } else {
        value += sign;
        this.at++;
        // `<(…)`: the bracket belongs to the word.
        if ((sign === "<" || sign === ">") && this.text[this.at] === "(") this.at++;
      }
    }
    this.at = Math.min(this.at, this.text.length);
    return { text: value, start, end: this.at, variables };
  }

  private readSingleQuotes(): string {
    const stop = this.text.indexOf("'", this.at + 1);
    const end = stop < 0 ? this.text.length : stop;
    const value = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    return value;
  }

  private readDoubleQuotes(depth: number, variables: Variable[]): string {
    let value = "";
    this.at++;
    while (this.at < this.text.length && this.text[this.at] !== '"') {
      const sign = this.text[this.at] ?? "";
      if (sign === "$" || sign === "`") value += this.readExpansion(depth, variables);
      else if (sign === "\\" && /["\\$`\n]/.test(this.text[this.at + 1] ?? "")) {
        if (this.text[this.at + 1] !== "\n") value += this.text[this.at + 1] ?? "";
        this.at += 2;
      } else {
        value += sign;
        this.at++;
      }
    }
    this.at++;
    return value;
  }

  /** `$NAME`, `${NAME…}`, `$(…)`, `$((…))` or backticks; gives it as it is written. */
  private readExpansion(depth: number, variables: Variable[]): string {
    const start = this.at;
    const backtick = this.text[this.at] === "`";
    const next = this.text[this.at + 1];
    this.at++;
    if (backtick || next === "(") {
      const close = backtick ? "`" : ")";
      if (!backtick) this.at++;
      if (depth < DEEPEST) this.readList(depth + 1, close);
      if (this.text[this.at] === close) this.at++;
    } else if (next === "{") {
      this.at++;
      const name = this.readName();
      if (name !== undefined) variables.push({ name, start, end: 0 });
      const last = variables.length - 1;
      this.skipBraces(depth, variables);
      const variable = variables[last];
      if (name !== undefined && variable !== undefined) variables[last] = { ...variable, end: this.at };
    } else {
      const name = this.readName();
      if (name !== undefined) variables.push({ name, start, end: this.at });
    }
    return this.text.slice(start, this.at);
  }

  private readName(): string | undefined {
    NAME.lastIndex = this.at;
    const name = NAME.exec(this.text)?.[0];
    if (name !== undefined) this.at += name.length;
    return name;
  }

  /** The rest of `${NAME…}` with its bracket; what it may fall back to can have expansions of its own. */
  private skipBraces(depth: number, variables: Variable[]): void {
    while (this.at < this.text.length) {
      const sign = this.text[this.at] ?? "";
      if (sign === "}") {
        this.at++;
        return;
      }
      if (sign === "\\") this.at += 2;
      else if ((sign === "$" || sign === "`") && depth < DEEPEST) {
        const before = this.at;
        this.readNested(depth, variables);
        if (this.at === before) this.at++;
      } else if (sign === "\n") return;
      else this.at++;
    }
  }

  private readNested(depth: number, variables: Variable[]): void {
    this.readExpansion(depth + 1, variables);
  }
}
