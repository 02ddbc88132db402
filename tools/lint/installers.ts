/** Commands that install packages, and the options by which they are told of indexes. */
import { baseName, type Command, type Word } from "./shell";

export type Installer = "pip" | "uv" | "poetry" | "pipenv" | "pdm";

const VERBS: Readonly<Record<Installer, ReadonlySet<string>>> = {
  pip: new Set(["install", "download", "wheel"]),
  uv: new Set(["install", "sync", "add", "lock", "compile", "build", "export"]),
  poetry: new Set(["install", "add", "update", "sync"]),
  pipenv: new Set(["install", "sync", "update"]),
  pdm: new Set(["install", "sync", "add", "update"]),
};

/** Programs that start the one named behind them. */
const WRAPPERS = new Set(["sudo", "env", "exec", "command", "nice", "nohup", "time", "xargs", "doas"]);

/** The tool that a command installs packages with; `undefined` where it does not. */
export function installerOf(command: Command): Installer | undefined {
  const words = startedWords(command).map((word) => word.text);
  const tool = toolOf(words);
  if (tool === undefined) return undefined;
  return words.slice(1, 12).some((word) => VERBS[tool].has(word)) ? tool : undefined;
}

/** The words from the program that is really started. */
export function startedWords(command: Command): readonly Word[] {
  let at = 0;
  while (WRAPPERS.has(baseName(command.words[at]?.text ?? ""))) {
    at++;
    while (/^(?:-|[A-Za-z_][A-Za-z0-9_]*=)/.test(command.words[at]?.text ?? "")) at++;
  }
  return command.words.slice(at);
}

function toolOf(words: readonly string[]): Installer | undefined {
  const program = baseName(words[0] ?? "");
  const module = words.indexOf("-m");
  const named = module > 0 && module < 6 && /python|^\$/.test(words[0] ?? "") ? (words[module + 1] ?? "") : program;
  if (/^pipx?[0-9.]*$/.test(named)) return "pip";
  return named === "uv" || named === "poetry" || named === "pipenv" || named === "pdm" ? named : undefined;
}

export type IndexOptionKind = "index" | "extra" | "trusted-host";

/** `--index-url X` or `--index-url=X`; offsets are into the script. */
export interface IndexOption {
  readonly kind: IndexOptionKind;
  /** As it is written, such as `--extra-index-url`. */
  readonly flag: string;
  readonly flagStart: number;
  readonly flagEnd: number;
  readonly value: Word;
  /** Behind the value. */
  readonly end: number;
}

const OPTIONS: ReadonlyMap<string, IndexOptionKind> = new Map([
  ["--index-url", "index"],
  ["--default-index", "index"],
  ["--pypi-mirror", "index"],
  ["--extra-index-url", "extra"],
  ["--trusted-host", "trusted-host"],
  ["--allow-insecure-host", "trusted-host"],
]);

/** The index options of a command, whatever program it starts: a team may have wrapped pip in a function. */
export function indexOptions(command: Command): IndexOption[] {
  const short = installerOf(command) === undefined ? undefined : "-i";
  return command.words.flatMap((word, index): IndexOption[] => {
    const equals = word.text.indexOf("=");
    const flag = equals < 0 ? word.text : word.text.slice(0, equals);
    const kind = flag === short ? "index" : OPTIONS.get(flag);
    if (kind === undefined) return [];
    if (equals < 0) {
      const value = command.words[index + 1];
      if (value === undefined) return [];
      return [{ kind, flag, flagStart: word.start, flagEnd: word.end, value, end: value.end }];
    }
    const start = word.start + equals + 1;
    const value = { ...word, text: word.text.slice(equals + 1), start };
    return [{ kind, flag, flagStart: word.start, flagEnd: start - 1, value, end: word.end }];
  });
}
