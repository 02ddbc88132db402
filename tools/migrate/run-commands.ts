/** What the commands of a Dockerfile's RUNs are for, where a rendered recipe does the same; all others keep the Dockerfile. */
import { pipSetting } from "../lint/assignments";
import { installerOf, startedWords } from "../lint/installers";
import { credentialFile } from "../lint/names";
import { baseName, programOf, type Command } from "../lint/shell";
import { managerCommand } from "./system-packages";

/** What one command means for the recipe. */
export type Meaning =
  | { readonly kind: "nothing" }
  | { readonly kind: "system packages"; readonly manager: "apt" | "apk"; readonly packages: readonly string[] }
  | { readonly kind: "requirements"; readonly file: string }
  | { readonly kind: "project"; readonly extras: readonly string[]; readonly withPackages: boolean }
  | { readonly kind: "other"; readonly why: string };

const NOTHING: readonly Meaning[] = [{ kind: "nothing" }];
const ACCOUNTS = new Set(["useradd", "adduser", "groupadd", "addgroup", "usermod"]);
/** Installed to install with, and no part of the application. */
const TOOLS =
  /^(?:pip|setuptools|wheel|build|virtualenv|poetry|poetry-core|pdm|uv|pipenv|keyring|artifacts-keyring|twine)(?:[=<>~!].*|\[.*)?$/;
const TIDY =
  /^(?:\/var\/(?:lib\/apt|cache|tmp|log)|\/tmp\/|\/root\/\.cache|~\/\.cache|\$HOME\/\.cache|\/usr\/share\/(?:doc|man))/;

/** @param folder where the application's files are, such as `/app`. */
export function meaningsOf(command: Command, folder: string): readonly Meaning[] {
  const words = startedWords(command).map(({ text }) => text);
  const program = baseName(words[0] ?? "");
  const manager = managerCommand(command);
  if (manager !== undefined) {
    return manager.refusal === undefined
      ? [{ kind: "system packages", ...manager }]
      : [{ kind: "other", why: manager.refusal }];
  }
  if (writesIndexSettings(command) || aboutCredentialFiles(command)) return NOTHING;
  const installs = installMeanings(command, words);
  if (installs !== undefined) return installs;
  return isTidying(command, program, words, folder) ? NOTHING : [{ kind: "other", why: words.slice(0, 6).join(" ") }];
}

/** Commands that only tell an installer of an index or its credentials. */
export function writesIndexSettings(command: Command): boolean {
  if (command.redirections.some(({ target }) => isIndexFile(target?.text ?? ""))) return true;
  const words = command.words.map(({ text }) => text);
  if (programOf(command) === "tee") return words.slice(1).some(isIndexFile);
  if (pipSetting(command) !== undefined) return /index|trusted-host/.test(words.join(" "));
  return (
    ["poetry", "pdm"].includes(programOf(command)) &&
    words[1] === "config" &&
    /^(?:http-basic|repositories|repository|pypi)[.]|^pypi-token/.test(
      words.slice(2).find((word) => !word.startsWith("-")) ?? "",
    )
  );
}

/** A file that tells installers of indexes or credentials, going by its name. */
export function isIndexFile(path: string): boolean {
  return (
    /(?:^|\/)(?:[._]?netrc|pip\.(?:conf|ini)|\.pypirc|auth\.toml)$/.test(path) ||
    /(?:^|\/)\.?(?:config\/)?uv\/uv\.toml$/.test(path)
  );
}

/** `rm ~/.netrc`, `chmod 600 ~/.netrc`, `mkdir -p ~/.pip`: of such files and their folders alone. */
export function aboutCredentialFiles(command: Command): boolean {
  if (!["rm", "chmod", "chown", "mkdir", "shred", "unlink", "touch"].includes(programOf(command))) return false;
  const operands = command.words
    .slice(1)
    .map(({ text }) => text)
    .filter((word) => !/^-|^[0-7]{3,4}$|^[a-z]+:[a-z]+$/.test(word));
  return (
    operands.length > 0 &&
    operands.every(
      (word) => isIndexFile(word) || credentialFile(word) !== undefined || /\/\.?(?:pip|config\/pip)\/?$/.test(word),
    )
  );
}

function installMeanings(command: Command, words: readonly string[]): readonly Meaning[] | undefined {
  const tool = installerOf(command);
  const program = baseName(words[0] ?? "");
  const verb = words[1] ?? "";
  if (tool === "pip" || (tool === "uv" && words.includes("pip"))) return pipInstall(words);
  if (tool === "poetry" || tool === "pdm") {
    if (words.includes("add")) return [{ kind: "other", why: words.slice(0, 6).join(" ") }];
    return [{ kind: "project", extras: valuesOf(words, /^(?:-E|--extras)$/), withPackages: true }];
  }
  if (tool === "uv") {
    return words.includes("sync")
      ? [{ kind: "project", extras: valuesOf(words, /^--extra$/), withPackages: true }]
      : [{ kind: "other", why: words.slice(0, 6).join(" ") }];
  }
  if (
    ["poetry", "pdm", "uv"].includes(program) &&
    ["config", "build", "export", "venv", "lock", "cache", "env"].includes(verb)
  )
    return NOTHING;
  const module = words.indexOf("-m");
  const isPython = /^python[0-9.]*$/.test(program);
  if (
    isPython &&
    ["venv", "virtualenv", "build", "compileall", "ensurepip"].includes(words[module + 1] ?? "") &&
    module > 0
  )
    return NOTHING;
  return program === "virtualenv" ? NOTHING : undefined;
}

function valuesOf(words: readonly string[], flag: RegExp): string[] {
  return words.flatMap((word, index) => {
    const [, name = word, joined] = /^(--[a-z-]+)=(.*)$/.exec(word) ?? [];
    const value = joined ?? words[index + 1];
    return flag.test(name) && value !== undefined ? value.split(/[\s,]+/).filter((one) => one !== "") : [];
  });
}

/** Options of pip that take a value in the next word. */
const WITH_VALUE =
  /^(?:-i|--index-url|--extra-index-url|--trusted-host|--default-index|-f|--find-links|--prefix|--root|-t|--target|--timeout|--retries|--python|--cache-dir|-w|--wheel-dir|--progress-bar|--upgrade-strategy|--config-settings)$/;

function pipInstall(words: readonly string[]): readonly Meaning[] {
  const found: Meaning[] = [];
  const verb = words.findIndex((word) => word === "install" || word === "wheel" || word === "download");
  const rest = words.slice(verb + 1);
  const withPackages = !rest.includes("--no-deps");
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? "";
    const [, flag = word, joined] = /^(--?[A-Za-z-]+)=(.*)$/.exec(word) ?? [];
    const file = /^(?:-r|--requirement)$/.test(flag) ? (joined ?? rest[++at]) : /^-r(.+)$/.exec(word)?.[1];
    if (file !== undefined) found.push({ kind: "requirements", file });
    else if (/^(?:-c|--constraint)$/.test(flag))
      return [{ kind: "other", why: `pip's constraints ${joined ?? rest[at + 1] ?? ""}` }];
    else if (WITH_VALUE.test(flag)) at += joined === undefined ? 1 : 0;
    else if (!word.startsWith("-")) found.push(installed(word, withPackages));
  }
  return found.length === 0 ? NOTHING : found;
}

function installed(word: string, withPackages: boolean): Meaning {
  const project = /^(?:\.|\.\/|\/app|\/src|\/code|\/usr\/src\/app)(?:\[([^\]]*)\])?$/.exec(word);
  if (project !== null) {
    const extras = (project[1] ?? "").split(",").map((extra) => extra.trim());
    return { kind: "project", extras: extras.filter((extra) => extra !== ""), withPackages };
  }
  // Wheels that a stage before has made of the same packages.
  if (TOOLS.test(word) || /(?:\.whl|\/\*)$/.test(word)) return { kind: "nothing" };
  return { kind: "other", why: `pip install ${word}: a package that no file of requirements lists` };
}

function isTidying(command: Command, program: string, words: readonly string[], folder: string): boolean {
  if (ACCOUNTS.has(program)) return true;
  const operands = words.slice(1).filter((word) => !word.startsWith("-"));
  switch (program) {
    case "":
    case "set":
    case "export":
    case "true":
    case ":":
    case "cd":
    case "source":
    case ".":
      return true;
    case "echo":
    case "printf":
    case "ls":
      return command.redirections.length === 0;
    case "chown":
    case "chmod":
      return operands.slice(1).every((word) => word === folder || word === "." || word.startsWith("/opt/"));
    case "mkdir":
      return operands.every((word) => word === folder);
    case "rm":
      return operands.every(
        (word) => TIDY.test(word) || isIndexFile(word) || /requirements[^/]*\.txt$|\/wheels\/?$/.test(word),
      );
    case "find":
      return words.includes("-delete") || words.includes("rm");
    default:
      return false;
  }
}
