/** The distribution packages that a Dockerfile installs, as lines of a bindep file. */
import { startedWords } from "../lint/installers";
import { baseName, type Command } from "../lint/shell";

/** A package as a RUN names it. */
export interface WantedPackage {
  readonly name: string;
  readonly manager: "apt" | "apk";
  /** Whether it is in the image that runs, and not only in a stage before it. */
  readonly atRunTime: boolean;
}

/** What a command of a package manager wants; `undefined` where it is no such command. */
export interface ManagerCommand {
  readonly manager: "apt" | "apk";
  readonly packages: readonly string[];
  /** Why it cannot be said as a list of packages. */
  readonly refusal: string | undefined;
}

const QUIET = new Set([
  "update",
  "upgrade",
  "dist-upgrade",
  "clean",
  "autoclean",
  "autoremove",
  "remove",
  "purge",
  "del",
]);

export function managerCommand(command: Command): ManagerCommand | undefined {
  const words = startedWords(command).map(({ text }) => text);
  const program = baseName(words[0] ?? "");
  const manager = /^apt(?:-get)?$/.test(program) ? "apt" : program === "apk" ? "apk" : undefined;
  if (manager === undefined) return undefined;
  const verb = words.slice(1).find((word) => !word.startsWith("-")) ?? "";
  const none = { manager, packages: [], refusal: undefined } as const;
  if (QUIET.has(verb)) return none;
  if (verb !== (manager === "apt" ? "install" : "add")) return { ...none, refusal: `${program} ${verb}` };
  const packages: string[] = [];
  const rest = words.slice(words.indexOf(verb) + 1);
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? "";
    // `--virtual build-deps` and `-t release` take a value.
    if (/^(?:--virtual|-t|--target-release|-o|--repository|-X)$/.test(word)) at++;
    else if (!word.startsWith("-")) packages.push(word);
  }
  const odd = packages.find((name) => !/^[a-z0-9][a-z0-9+.-]*(?:[=<>~:][^\s$]*)?$/.test(name));
  return { manager, packages, refusal: odd === undefined ? undefined : `${program} ${verb} ${odd}` };
}

const COMPILERS = new Set(["gcc", "g++", "make", "build-essential", "cmake", "pkg-config", "cargo", "rustc"]);
/** Headers, and the library that a program compiled with them loads. Debian 12 and 13 have them under these names. */
const LIBRARIES: ReadonlyMap<string, string> = new Map([
  ["libpq-dev", "libpq5"],
  ["libxml2-dev", "libxml2"],
  ["libyaml-dev", "libyaml-0-2"],
  ["libsasl2-dev", "libsasl2-2"],
  ["unixodbc-dev", "unixodbc"],
  ["default-libmysqlclient-dev", "libmariadb3"],
]);
/** Headers of what Python's own images have the library of. */
const IN_PYTHON = new Set(["libffi-dev", "libssl-dev", "zlib1g-dev", "libbz2-dev", "liblzma-dev", "libsqlite3-dev"]);
/** The image has Python with its headers; the distribution's would be another one. */
const PYTHON = /^(?:python3?(?:-dev|-pip|-venv|-setuptools|-distutils)?|py3-pip|python3\.[0-9]+(?:-dev|-venv)?)$/;

/** Alpine's names, and Debian's for the same. */
const FROM_ALPINE: ReadonlyMap<string, string> = new Map([
  ["gcc", "gcc"],
  ["g++", "g++"],
  ["make", "make"],
  ["cmake", "cmake"],
  ["build-base", "build-essential"],
  ["musl-dev", "libc6-dev"],
  ["libc-dev", "libc6-dev"],
  ["linux-headers", "linux-libc-dev"],
  ["libffi-dev", "libffi-dev"],
  ["openssl-dev", "libssl-dev"],
  ["zlib-dev", "zlib1g-dev"],
  ["postgresql-dev", "libpq-dev"],
  ["libpq-dev", "libpq-dev"],
  ["postgresql-libs", "libpq5"],
  ["libpq", "libpq5"],
  ["libxml2-dev", "libxml2-dev"],
  ["libxslt-dev", "libxslt1-dev"],
  ["yaml-dev", "libyaml-dev"],
  ["curl", "curl"],
  ["git", "git"],
  ["ca-certificates", "ca-certificates"],
  ["tzdata", "tzdata"],
]);

export interface Bindep {
  /** Lines of the file; none where nothing is wanted. */
  readonly lines: readonly string[];
  /** Packages of Alpine that have no name here. */
  readonly unknown: readonly string[];
  /** Names that were written with a version. */
  readonly versions: readonly string[];
  /** Headers that only compile in a stage of their own now, with the library that stays. */
  readonly split: readonly string[];
}

export function bindepOf(wanted: readonly WantedPackage[]): Bindep {
  const profiles = new Map<string, "run" | "compile">();
  const put = (name: string, profile: "run" | "compile") => {
    if (profiles.get(name) !== "run") profiles.set(name, profile);
  };
  const [unknown, versions, split]: string[][] = [[], [], []];
  for (const { name: written, manager, atRunTime } of wanted) {
    const plain = written.replace(/[=<>~].*$/, "").replace(/:.*$/, "");
    if (PYTHON.test(plain) || plain === "build-deps") continue;
    if (/[=<>~]/.test(written)) versions?.push(plain);
    const name = manager === "apt" ? plain : FROM_ALPINE.get(plain);
    if (name === undefined) {
      unknown?.push(plain);
      continue;
    }
    const library = LIBRARIES.get(name);
    const headers = COMPILERS.has(name) || IN_PYTHON.has(name) || /^(?:libc6-dev|linux-libc-dev)$/.test(name);
    put(name, atRunTime && !headers && library === undefined ? "run" : "compile");
    if (atRunTime && library !== undefined) {
      put(library, "run");
      split?.push(`${name} (${library} stays)`);
    }
  }
  const lines = [...profiles]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, profile]) => `${name} [platform:dpkg${profile === "compile" ? " compile" : ""}]`);
  return { lines, unknown: unknown ?? [], versions: versions ?? [], split: split ?? [] };
}
