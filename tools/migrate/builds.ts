/** The image builds of an old pipeline: Docker tasks, `docker build` and compose in scripts, with the arguments that they pass. */
import { leakedArgument } from "./build-arguments";
import { buildsOfCompose, composeCommand, composeFiles } from "./compose";
import { repositoryPath, resolved, type OldPipeline, type OldStep } from "./old-pipeline";
import { programOf, readShell, type Command } from "../lint/shell";

export interface BuildArgument {
  readonly name: string;
  /** As written; `undefined` where the builder takes the agent's variable of that name. */
  readonly value: string | undefined;
  /** What credential it carries, in words; `undefined`: none. */
  readonly credential: string | undefined;
}

export interface ImageBuild {
  readonly step: OldStep;
  /** Relative to the repository; `undefined` where it is not said, or found by a pattern. */
  readonly dockerfile: string | undefined;
  /** Relative to the repository, `""` for its root. */
  readonly context: string | undefined;
  readonly arguments: readonly BuildArgument[];
  readonly target: string | undefined;
  /** Names of the image without tags, as far as the file says them. */
  readonly images: readonly string[];
  /** `Docker@2` ignores arguments of `buildAndPush`: what they say never reached docker. */
  readonly ignored: boolean;
}

/** Commands of a script, with macros of Azure Pipelines as the shell's variables. */
export function scriptCommands(script: string): readonly Command[] {
  return readShell(script.replace(/\$\(([A-Za-z_][\w.]*)\)/g, "$${$1}"));
}

export function scriptOf(step: OldStep): string | undefined {
  if (["script", "bash", "powershell", "pwsh"].includes(step.kind)) return step.value;
  if (/^(?:Bash|CmdLine|PowerShell|ShellScript)@/i.test(step.kind)) return step.inputs.get("script");
  return undefined;
}

/** Reads a file of the repository, for what a build is told there; `undefined` where there is none. */
export type ReadFile = (file: string) => string | undefined;

export function imageBuilds(pipeline: OldPipeline, read: ReadFile): ImageBuild[] {
  return pipeline.steps.flatMap((step) => {
    if (/^Docker@/i.test(step.kind)) return ofTask(pipeline, step);
    if (/^DockerCompose@/i.test(step.kind)) return ofCompose(pipeline, step, composeTask(step), read);
    const script = scriptOf(step);
    if (script === undefined) return [];
    return scriptCommands(script).flatMap((command) => {
      const words = command.words.map(({ text }) => text);
      return [...ofCommand(pipeline, step, command), ...ofCompose(pipeline, step, words, read)];
    });
  });
}

/** The words that the task stands for. */
export function composeTask(step: OldStep): readonly string[] {
  const action = (step.inputs.get("action") ?? "run a docker compose command").toLowerCase();
  const file = step.inputs.get("dockercomposefile") ?? "";
  const files = file === "" || isPattern(file) ? [] : ["-f", file];
  const [, verb] = /^(build|push) services$/.exec(action) ?? [];
  const own = (step.inputs.get("dockercomposecommand") ?? "").split(/\s+/).filter((word) => word !== "");
  return ["docker-compose", ...files, ...(verb === undefined ? own : [verb])];
}

function ofCompose(pipeline: OldPipeline, step: OldStep, words: readonly string[], read: ReadFile): ImageBuild[] {
  const command = composeCommand(words);
  const builds = command !== undefined && (command.verb === "build" || words.includes("--build"));
  if (!builds) return [];
  const files = command.files.map((file) => repositoryPath(pipeline, resolved(pipeline, macros(file))));
  return composeFiles({ ...command, files }, read).flatMap((file) =>
    buildsOfCompose(file, read(file) ?? "")
      .filter(({ service }) => command.services.length === 0 || command.services.includes(service))
      .map(({ dockerfile, context, target, image, arguments: given }) => ({
        step,
        dockerfile,
        context,
        arguments: [
          ...new Map([...given, ...command.arguments].map((one) => [argumentOf(one).name, one])).values(),
        ].map(argumentOf),
        target,
        images: image === undefined ? [] : [image],
        ignored: false,
      })),
  );
}

/** `${name}` of the shell as the macro that it was. */
function macros(text: string): string {
  return text.replace(/\$\{([\w.]+)\}/g, "$$($1)");
}

function ofTask(pipeline: OldPipeline, step: OldStep): ImageBuild[] {
  const command = (step.inputs.get("command") ?? "buildAndPush").toLowerCase().replace(/\s/g, "");
  if (!["build", "buildandpush", "buildanimage"].includes(command)) return [];
  const dockerfile = repositoryPath(pipeline, step.inputs.get("dockerfile") ?? "**/Dockerfile");
  const context = repositoryPath(pipeline, step.inputs.get("buildcontext") ?? "**");
  const words = readShell((step.inputs.get("arguments") ?? "").replace(/\$\(([A-Za-z_][\w.]*)\)/g, "$${$1}"));
  const options = optionsOf(words.flatMap((one) => one.words.map(({ text }) => text)));
  return [
    {
      step,
      dockerfile: isPattern(dockerfile) ? undefined : dockerfile,
      // `**` is the folder of the Dockerfile.
      context: isPattern(context) ? (isPattern(dockerfile) ? undefined : dockerfile.replace(/\/?[^/]*$/, "")) : context,
      arguments: options.arguments,
      target: options.target,
      images: [step.inputs.get("repository") ?? ""]
        .filter((name) => name !== "")
        .map((name) => resolved(pipeline, name)),
      ignored: command === "buildandpush" && step.inputs.has("arguments"),
    },
  ];
}

function isPattern(path: string): boolean {
  return /[*?$]/.test(path);
}

function ofCommand(pipeline: OldPipeline, step: OldStep, command: Command): ImageBuild[] {
  const words = command.words.map(({ text }) => text);
  const at = words.findIndex((word) => word === "build" || word === "bake");
  if (!/^(?:docker|podman|buildx)$/.test(programOf(command)) || at < 1 || words[at] !== "build") return [];
  const options = optionsOf(words.slice(at + 1));
  const place = (word: string | undefined) => {
    if (word === undefined) return undefined;
    const path = repositoryPath(pipeline, resolved(pipeline, macros(word)));
    return isPattern(path) ? undefined : path;
  };
  const context = place(options.context) ?? "";
  const file = place(options.file);
  return [
    {
      step,
      dockerfile: file ?? (context === "" ? "Dockerfile" : `${context}/Dockerfile`),
      context,
      arguments: options.arguments,
      target: options.target,
      images: options.tags.map((tag) => resolved(pipeline, macros(tag.replace(/:[^/:]*$/, "")))),
      ignored: false,
    },
  ];
}

interface Options {
  readonly file: string | undefined;
  readonly target: string | undefined;
  readonly context: string | undefined;
  readonly arguments: readonly BuildArgument[];
  readonly tags: readonly string[];
}

/** Options of `docker build` that take no value in the next word. */
const SWITCHES = /^(?:--(?:no-cache|pull|push|load|rm|force-rm|quiet|squash|compress|debug)|-q|-D)$/;

function optionsOf(words: readonly string[]): Options {
  let [file, target, context]: (string | undefined)[] = [undefined, undefined, undefined];
  const found: BuildArgument[] = [];
  const tags: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const [, flag = word, joined] = /^(--?[A-Za-z-]+)=([\s\S]*)$/.exec(word) ?? [];
    if (!word.startsWith("-")) {
      context = word;
      continue;
    }
    if (SWITCHES.test(flag)) continue;
    const value = joined ?? words[++at] ?? "";
    if (flag === "--build-arg") found.push(argumentOf(value));
    else if (flag === "-f" || flag === "--file") file = value;
    else if (flag === "-t" || flag === "--tag") tags.push(value);
    else if (flag === "--target") target = value;
  }
  return { file, target, context, arguments: found, tags };
}

function argumentOf(text: string): BuildArgument {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  return { name, value: at < 0 ? undefined : text.slice(at + 1), credential: leakedArgument(text) };
}
