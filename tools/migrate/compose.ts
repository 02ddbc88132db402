/** The image builds of compose files: what `docker compose build` of an old pipeline builds, and with which arguments. */
import { posix } from "node:path";
import { parse } from "yaml";

/** One service that is built. Paths are relative to the repository, `""` its root. */
export interface ComposeBuild {
  readonly service: string;
  readonly context: string;
  readonly dockerfile: string;
  /** `NAME=value` or `NAME`, as `--build-arg` takes them. */
  readonly arguments: readonly string[];
  readonly target: string | undefined;
  /** Without its tag. */
  readonly image: string | undefined;
}

/** A command of compose: `docker compose -f FILE build --build-arg A=B SERVICE`. */
export interface ComposeCommand {
  readonly verb: string;
  readonly files: readonly string[];
  readonly services: readonly string[];
  readonly arguments: readonly string[];
}

const FILES = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
const WITH_VALUE =
  /^(?:-f|--file|-p|--project-name|--profile|--env-file|--project-directory|--progress|--ansi|--parallel|--build-arg|--builder|--ssh|-m|--memory)$/;

/** @returns `undefined` for any other program's command. */
export function composeCommand(words: readonly string[]): ComposeCommand | undefined {
  const program = posix.basename(words[0] ?? "");
  const isPlugin = program === "docker" && words[1] === "compose";
  if (program !== "docker-compose" && !isPlugin) return undefined;
  const found: { files: string[]; plain: string[]; arguments: string[] } = { files: [], plain: [], arguments: [] };
  const rest = words.slice(isPlugin ? 2 : 1);
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? "";
    if (!word.startsWith("-")) {
      found.plain.push(word);
      continue;
    }
    const [, flag = word, joined] = /^(--?[A-Za-z-]+)=([\s\S]*)$/.exec(word) ?? [];
    if (!WITH_VALUE.test(flag)) continue;
    const value = joined ?? rest[++at] ?? "";
    if (flag === "-f" || flag === "--file") found.files.push(value);
    if (flag === "--build-arg") found.arguments.push(value);
  }
  const [verb = "", ...services] = found.plain;
  return { verb, files: found.files, services, arguments: found.arguments };
}

/** The files that a command reads: those that it names, or the first of the usual ones that is there. */
export function composeFiles({ files }: ComposeCommand, read: (file: string) => string | undefined): readonly string[] {
  if (files.length > 0) return files.map((file) => posix.normalize(file)).filter((file) => read(file) !== undefined);
  return FILES.filter((file) => read(file) !== undefined).slice(0, 1);
}

/** What a compose file builds; nothing of a text that is none. Later files of a command would add to it: each is read for itself. */
export function buildsOfCompose(file: string, text: string): ComposeBuild[] {
  const services = entries(at(read(text), "services"));
  return services.flatMap(([service, value]) => {
    const build = at(value, "build");
    if (build === undefined || build === null) return [];
    const context = place(posix.dirname(file), typeof build === "string" ? build : textOf(at(build, "context")) || ".");
    if (context === undefined) return [];
    const dockerfile = place(context === "" ? "." : context, textOf(at(build, "dockerfile")) || "Dockerfile");
    if (dockerfile === undefined) return [];
    const image = textOf(at(value, "image")).replace(/:[^/:]*$/, "");
    const target = textOf(at(build, "target"));
    return [
      {
        service,
        context,
        dockerfile,
        arguments: argumentsOf(at(build, "args")),
        target: target === "" ? undefined : target,
        image: image === "" ? undefined : image,
      },
    ];
  });
}

function read(text: string): unknown {
  try {
    return parse(text, { logLevel: "silent", uniqueKeys: false });
  } catch {
    return undefined;
  }
}

/** A path below another one; `undefined` where it leads out of the repository, or is an address. */
function place(folder: string, path: string): string | undefined {
  if (/^[a-z+]+:|^git@|^\/|\$/.test(path)) return undefined;
  const joined = posix.join(folder, path).replace(/\/+$/, "");
  return joined.startsWith("..") ? undefined : joined === "." ? "" : joined;
}

function argumentsOf(args: unknown): string[] {
  if (Array.isArray(args)) return args.map(textOf);
  return entries(args).map(([name, value]) => (textOf(value) === "" ? name : `${name}=${textOf(value)}`));
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function textOf(value: unknown): string {
  return ["string", "number", "boolean"].includes(typeof value) ? String(value) : "";
}
