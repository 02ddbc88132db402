/** Runs uv: against the feed alone, with the credentials of one netrc file, and none of the machine's own settings. */
import { mkdirSync } from "node:fs";
import * as path from "node:path";
import type { CommandContext } from "./context";
import { OutsideError } from "./errors";
import { findProgram, run, type RunResult } from "./process";

/** An index beside the feed (compatibility mode). */
export interface ExtraIndex {
  readonly name: string;
  /** Without credentials. */
  readonly url: string;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

/** Where packages come from. */
export interface PackageSource {
  readonly indexUrl: string;
  /** Absolute. */
  readonly netrcFile: string;
  readonly extraIndexes: readonly ExtraIndex[];
}

/** Settings of uv that say nothing about where packages come from, and are the machine's to choose. */
const keptSettings = new Set([
  "UV_CACHE_DIR",
  "UV_CONCURRENT_BUILDS",
  "UV_CONCURRENT_DOWNLOADS",
  "UV_HTTP_TIMEOUT",
  "UV_HTTP_RETRIES",
  "UV_LINK_MODE",
  "UV_NATIVE_TLS",
  "UV_PYTHON_INSTALL_DIR",
  "UV_SYSTEM_CERTS",
]);

/** @throws OutsideError that says how to get uv. */
export function findUv(environment: NodeJS.ProcessEnv): string {
  const named = environment.WHEELHOUSE_UV ?? "";
  const found = findProgram("uv", environment) ?? (named === "" ? undefined : findProgram(named, environment));
  if (found !== undefined) return found;
  throw new OutsideError(
    named === "" ? "uv is not on PATH" : `uv is not on PATH, and WHEELHOUSE_UV (${named}) is no program`,
    "install it, such as with: python3 -m pip install uv; or name its file in WHEELHOUSE_UV",
  );
}

/** The environment of uv. `folder` is a temporary one, in which it finds no stored credentials. */
export function uvEnvironment(
  environment: NodeJS.ProcessEnv,
  source: PackageSource,
  folder: string,
): NodeJS.ProcessEnv {
  const clean = Object.entries(environment).filter(([name]) => !/^(UV|PIP)_/i.test(name) || keptSettings.has(name));
  const credentials = path.join(folder, "no-credentials");
  mkdirSync(credentials, { recursive: true });
  return {
    ...Object.fromEntries(clean),
    NETRC: source.netrcFile,
    UV_CREDENTIALS_DIR: credentials,
    UV_NO_PROGRESS: "1",
    ...Object.fromEntries(
      source.extraIndexes.flatMap(({ name, credentials: known }) =>
        known === undefined
          ? []
          : [
              [`UV_INDEX_${environmentName(name)}_USERNAME`, known.username],
              [`UV_INDEX_${environmentName(name)}_PASSWORD`, known.password],
            ],
      ),
    ),
  };
}

/** As uv makes the name of a variable from that of an index. */
function environmentName(index: string): string {
  return uvIndexName(index)
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "_");
}

function uvIndexName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "-");
}

/**
 * Options that every command of uv gets: no settings of the project or the machine, no other source of packages. A
 * package is taken from the first index that has it, and the feed is the first.
 */
export function uvOptions(source: PackageSource): string[] {
  const extra = source.extraIndexes.map(({ name, url }) => `${uvIndexName(name)}=${url}`);
  const last = extra.pop();
  return [
    "--no-config",
    "--no-sources",
    "--no-python-downloads",
    "--keyring-provider=disabled",
    "--index-strategy=first-index",
    // Also asks again for what the cache has: a token that has expired must not pass by it, nor an old version.
    "--refresh",
    ...(last === undefined
      ? [`--default-index=${source.indexUrl}`]
      : [`--index=${source.indexUrl}`, ...extra.map((index) => `--index=${index}`), `--default-index=${last}`]),
  ];
}

/**
 * The machine's Python, by its path: without it uv asks every Python that it finds what it is, which takes longer than
 * all the rest. Empty where there is none.
 */
export function machinePython(environment: NodeJS.ProcessEnv): string[] {
  const python = findProgram("python3", environment);
  return python === undefined ? [] : [`--python=${python}`];
}

/** Runs uv; its exit code is for the caller to read, but for what the feed refused. */
export async function runUv(
  args: readonly string[],
  source: PackageSource,
  context: CommandContext,
  folder: string,
  cwd: string,
): Promise<RunResult> {
  const uv = findUv(context.environment);
  const environment = uvEnvironment(context.environment, source, folder);
  const result = await run(uv, args, { cwd, environment, signal: context.signal });
  if (result.code !== 0) throwIfRefused(result, source);
  return result;
}

/** @throws OutsideError for what is the feed's or the network's, and no fault of the requirements. */
function throwIfRefused({ errors }: RunResult, source: PackageSource): void {
  const address = source.indexUrl;
  if (/\b401 Unauthorized\b|lack of valid authentication/.test(errors)) {
    throw new OutsideError(
      `${refusing(errors, source)} refused the credentials (401): nothing was taken from elsewhere`,
      `the token has expired or was revoked, or is not for this feed: authenticate again; the file is ${source.netrcFile}`,
    );
  }
  if (/\b403 Forbidden\b/.test(errors)) {
    throw new OutsideError(
      `${refusing(errors, source)} did not allow it (403): nothing was taken from elsewhere`,
      "give the identity of this run the role Feed and Upstream Reader (Collaborator) on the feed: a Reader cannot save a package from the upstream",
    );
  }
  if (
    /error sending request|Request failed after|tcp connect error|dns error|operation timed out|server error \(5/.test(
      errors,
    )
  ) {
    const causes = errors.split("\n").filter((line) => line.trim().startsWith("cause:"));
    throw new OutsideError(
      `the feed at ${address} cannot be reached or failed`,
      [...causes.map((line) => line.trim().replace(/^cause:\s*/, "")), "try again; is --index-url right?"].join("\n"),
    );
  }
}

/** The index that an error is about: the one whose address it shows, else the feed. */
function refusing(errors: string, source: PackageSource): string {
  const other = source.extraIndexes.find(({ url }) => errors.includes(url) && !errors.includes(source.indexUrl));
  return other === undefined ? `the feed at ${source.indexUrl}` : `the index ${other.name} at ${other.url}`;
}
