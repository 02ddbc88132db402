/** What COPY and ADD bring into an image: sources, and where each comes to lie. */
import type { Instruction, Stage } from "./dockerfile";

export interface CopySource {
  /** As it is written; `<<NAME` for a here-document. */
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

export interface Copy {
  readonly instruction: Instruction;
  readonly stage: Stage;
  readonly sources: readonly CopySource[];
  /** As it is written. */
  readonly destination: string;
  /** The value of `--from`; `undefined` for the build context. */
  readonly from: string | undefined;
}

export function copiesOf(stages: readonly Stage[]): Copy[] {
  return stages.flatMap((stage) =>
    stage.instructions
      .filter(({ keyword }) => keyword === "COPY" || keyword === "ADD")
      .flatMap((instruction) => {
        const words = wordsOf(instruction);
        const destination = words.at(-1);
        if (destination === undefined || words.length < 2) return [];
        const from = instruction.flags.find(({ name }) => name === "from")?.value;
        return [{ instruction, stage, sources: words.slice(0, -1), destination: destination.path, from }];
      }),
  );
}

function wordsOf({ json, arguments: joined }: Instruction): CopySource[] {
  if (json !== undefined)
    return json.map(({ value, content }) => ({ path: value, start: content.toFile(0), end: content.end }));
  return Array.from(joined.text.matchAll(/"[^"]*"|'[^']*'|\S+/g), (match) => ({
    path: match[0].replace(/^(["'])(.*)\1$/s, "$2"),
    start: joined.toFile(match.index),
    end: joined.toFileEnd(match.index + match[0].length),
  }));
}

/** Absolute path of a source in the image; `undefined` where it cannot be told. */
export function landingPlace(copy: Copy, source: CopySource): string | undefined {
  const { destination } = copy;
  if (destination.includes("$")) return undefined;
  const base = destination.startsWith("/") ? "" : workingFolder(copy.stage, copy.instruction.start);
  if (base === undefined) return undefined;
  const name = source.path.replace(/\/+$/, "").replace(/^.*\//, "");
  const folder = destination.endsWith("/") || destination === "." || destination === ".." || copy.sources.length > 1;
  return normal(`${base}/${destination}${folder ? `/${name}` : ""}`);
}

/** The folder that WORKDIR set before an offset, where it is written as an absolute path. */
function workingFolder(from: Stage, offset: number): string | undefined {
  let before = offset;
  let rest = "";
  for (let stage: Stage | undefined = from; stage !== undefined; stage = stage.parent) {
    for (const { keyword, start, arguments: argument } of [...stage.instructions].reverse()) {
      if (keyword !== "WORKDIR" || start >= before) continue;
      const folder = argument.text.trim().replace(/^(["'])(.*)\1$/, "$2");
      if (folder.includes("$")) return undefined;
      rest = `${folder}/${rest}`;
      if (folder.startsWith("/")) return normal(rest);
    }
    before = Number.POSITIVE_INFINITY;
  }
  return undefined;
}

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
