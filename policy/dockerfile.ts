/** Reads of a Dockerfile what rules look at: which images it names, and which variables it has. */
import { DockerfileParser, type Flag, type Instruction, type Property } from "dockerfile-ast";

/** An image, stage or named context that a line refers to. */
export interface ImageReference {
  /** As in the file, variables with a default in the file filled in. */
  readonly name: string;
  /** `FROM`, `COPY --from`, `RUN --mount` or `# syntax`. */
  readonly place: string;
  /** From 1. */
  readonly line: number;
}

export interface DeclaredVariable {
  readonly keyword: "ARG" | "ENV";
  readonly name: string;
  /** From 1. */
  readonly line: number;
}

export interface ReadDockerfile {
  readonly references: readonly ImageReference[];
  /** Names that stages have, in lower case. */
  readonly stages: readonly string[];
  readonly variables: readonly DeclaredVariable[];
}

/** Never throws: what the parser cannot read is left out. */
export function readDockerfile(text: string): ReadDockerfile {
  const file = DockerfileParser.parse(text);
  const defaults = new Map<string, string>();
  const references: ImageReference[] = [];
  const stages: string[] = [];
  const variables: DeclaredVariable[] = [];
  for (const directive of file.getDirectives()) {
    if (directive.getName().toLowerCase() === "syntax") {
      references.push({ name: directive.getValue(), place: "# syntax", line: directive.getRange().start.line + 1 });
    }
  }
  for (const instruction of file.getInstructions()) {
    const line = instruction.getRange().start.line + 1;
    const add = (place: string, name: string | null | undefined): void => {
      if (name !== null && name !== undefined && name !== "")
        references.push({ name: filled(name, defaults), place, line });
    };
    const keyword = instruction.getKeyword();
    if (keyword === "FROM") {
      const [image, as, stage] = instruction.getArguments().map((argument) => argument.getValue());
      add("FROM", image);
      if (as?.toUpperCase() === "AS" && stage !== undefined) stages.push(stage.toLowerCase());
    } else if (keyword === "COPY" || keyword === "ADD") {
      add(`${keyword} --from`, flagsOf(instruction).find(({ name }) => name === "from")?.value);
    } else if (keyword === "RUN") {
      for (const { name, value } of flagsOf(instruction)) {
        if (name === "mount") add("RUN --mount", /(?:^|,)from=([^,]+)/.exec(value)?.[1]);
      }
    } else if (keyword === "ARG" || keyword === "ENV") {
      for (const property of propertiesOf(instruction)) {
        variables.push({ keyword, name: property.getName(), line: property.getRange().start.line + 1 });
        if (keyword === "ARG") defaults.set(property.getName(), property.getValue() ?? "");
      }
    }
  }
  return { references, stages, variables };
}

/** Of ARG and ENV; the parser's own type says only that it is an instruction. */
function propertiesOf(instruction: Instruction): readonly Property[] {
  return "getProperties" in instruction ? (instruction as { getProperties(): Property[] }).getProperties() : [];
}

/** Of COPY, ADD and RUN, in the same way. */
function flagsOf(instruction: Instruction): { readonly name: string; readonly value: string }[] {
  const flags = "getFlags" in instruction ? (instruction as { getFlags(): Flag[] }).getFlags() : [];
  return flags.map((flag) => ({ name: flag.getName(), value: flag.getValue() ?? "" }));
}

/** Variables replaced by what the file itself gives them; those that a build gives stay. */
function filled(name: string, defaults: ReadonlyMap<string, string>): string {
  return name.replace(
    /\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g,
    (whole, braced?: string, otherwise?: string, plain?: string) => {
      const value = defaults.get(braced ?? plain ?? "");
      return value === undefined || value === "" ? (otherwise ?? whole) : value;
    },
  );
}
