/** What rules look at: a Dockerfile with its variables, its RUNs with their scripts and secrets, and the files beside it. */
import type { Dockerfile, FlagPart, Instruction, Stage } from "./dockerfile";
import { parseDockerfile } from "./dockerfile";
import { indexOptions, installerOf } from "./installers";
import { scriptsOf, type Script } from "./scripts";
import type { Command, Word } from "./shell";
import { Variables } from "./variables";

export interface SecretMount {
  readonly flag: FlagPart;
  readonly id: string;
  /** Where the file is; `undefined` where the secret comes as a variable alone. */
  readonly path: string | undefined;
  readonly variable: string | undefined;
  readonly required: boolean;
}

export interface Run {
  readonly instruction: Instruction;
  readonly stage: Stage;
  readonly scripts: readonly Script[];
  readonly secrets: readonly SecretMount[];
  /** Paths that do not stay in the layer: mounts of any type. */
  readonly mounted: readonly string[];
}

/** Files that the build context gives to `COPY . .`, as relative paths with `/`; those that .dockerignore leaves out are not among them. */
export interface ContextFiles {
  readonly files: readonly string[];
  /** Content of a file of the context; `undefined` where there is none or it cannot be read. */
  read(path: string): string | undefined;
}

export interface Subject {
  readonly dockerfile: Dockerfile;
  readonly variables: Variables;
  readonly runs: readonly Run[];
  readonly context: ContextFiles | undefined;
}

export function subjectOf(text: string, context?: ContextFiles): Subject {
  const dockerfile = parseDockerfile(text);
  const runs = dockerfile.stages.flatMap((stage) =>
    stage.instructions.filter(({ keyword }) => keyword === "RUN").map((instruction) => runOf(instruction, stage)),
  );
  return { dockerfile, variables: new Variables(dockerfile), runs, context };
}

function runOf(instruction: Instruction, stage: Stage): Run {
  const mounts = instruction.flags.filter(({ name }) => name === "mount");
  const targets = mounts.map(({ options }) => target(options)).filter((path) => path !== undefined);
  const secrets = mounts.filter(({ options }) => options.get("type") === "secret").map(secretOf);
  const mounted = [...targets, ...secrets.flatMap(({ path }) => (path === undefined ? [] : [path]))];
  return { instruction, stage, scripts: scriptsOf(instruction), secrets, mounted };
}

function target(options: ReadonlyMap<string, string>): string | undefined {
  return options.get("target") ?? options.get("dst") ?? options.get("destination");
}

function secretOf(flag: FlagPart): SecretMount {
  const { options } = flag;
  const at = target(options);
  const id = options.get("id") ?? options.get("source") ?? options.get("src") ?? (at ?? "").replace(/^.*\//, "");
  const variable = options.get("env");
  const required = options.get("required");
  return {
    flag,
    id,
    path: at === undefined ? (variable === undefined ? `/run/secrets/${id}` : undefined) : absolute(at),
    variable,
    required: required !== undefined && /^(?:|1|t|true)$/i.test(required),
  };
}

/** The front end puts a relative target below /run/secrets. */
function absolute(path: string): string {
  return path.startsWith("/") ? path : `/run/secrets/${path}`;
}

export function commandsOf(run: Run): { readonly script: Script; readonly command: Command }[] {
  return run.scripts.flatMap((script) => script.commands.map((command) => ({ script, command })));
}

/** Everything of a command that the shell expands. */
export function expandedWords(command: Command): readonly Word[] {
  return [
    ...command.assignments.map(({ value }) => value),
    ...command.words,
    ...command.redirections.flatMap(({ target: word }) => (word === undefined ? [] : [word])),
  ];
}

/** Whether packages are installed: by a known tool, or by one that is told of an index. */
export function installs(run: Run): boolean {
  return commandsOf(run).some(({ command }) => installerOf(command) !== undefined || indexOptions(command).length > 0);
}

/** Whether a text reads one of a RUN's secrets: its file's path or its variable. */
export function readsSecret(run: Run, text: string): SecretMount | undefined {
  return run.secrets.find(
    ({ path, variable }) =>
      (path !== undefined && mentions(text, path)) ||
      (variable !== undefined && new RegExp(`\\$\\{?${variable.replace(/\W/g, "")}\\b`).test(text)),
  );
}

/** Whether a path stands in a text, not as the beginning of a longer one. */
export function mentions(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
    if (!/[A-Za-z0-9._/-]/.test(text[at + path.length] ?? "")) return true;
  }
  return false;
}
