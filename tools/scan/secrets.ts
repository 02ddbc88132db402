/** The literal secrets that a scan looks for, read from where they are kept; never given by value. */
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { UsageError } from "../errors";
import { findCredentials } from "./secret-files";

/** One secret to look for. */
export interface LiteralSecret {
  /** The secret itself: never shown, never written. */
  readonly value: string;
  /** Where it came from, for reports, such as `variable FEED_TOKEN` or `netrc: password of pkgs.dev.azure.com`. */
  readonly source: string;
}

export interface SecretSources {
  /** Files in the form of netrc. */
  readonly netrcFiles?: readonly string[];
  /** netrc, pip.conf, uv.toml, .pypirc, docker's config.json, a URL with credentials, or the secret alone. */
  readonly files?: readonly string[];
  /** Names of environment variables; each holds a URL with credentials (or several), or the secret alone. */
  readonly variables?: readonly string[];
}

/** Characters of the shortest secret that is looked for: shorter ones are found by chance in any large content. */
export const shortestSecret = 6;

/** Bytes of the longest one. */
export const longestSecret = 8192;

/**
 * Reads every source.
 * @throws UsageError for a source that is missing or empty, or that holds nothing that could be looked for: looking for
 * nothing finds nothing.
 */
export async function readSecrets(
  sources: SecretSources,
  options: { environment: NodeJS.ProcessEnv; workingFolder: string },
): Promise<readonly LiteralSecret[]> {
  const secrets: LiteralSecret[] = [];
  for (const file of sources.netrcFiles ?? []) {
    secrets.push(...fromText(await readText(file, options.workingFolder), `file ${basename(file)}`, file, "netrc"));
  }
  for (const file of sources.files ?? []) {
    secrets.push(...fromText(await readText(file, options.workingFolder), `file ${basename(file)}`, file, "any"));
  }
  for (const name of sources.variables ?? []) {
    const value = Object.hasOwn(options.environment, name) ? options.environment[name] : undefined;
    if (value === undefined || value.trim() === "") {
      throw new UsageError(
        `the variable ${name} is ${value === undefined ? "not set" : "empty"}, so there is no secret to look for`,
        "Set it, or leave the option away. In a pipeline, a secret variable reaches a step only through its `env`.",
      );
    }
    secrets.push(...fromText(value, `variable ${name}`, name, "any"));
  }
  return distinct(secrets);
}

/** @throws UsageError when a secret is too short or too long to be looked for. */
export function checkSecret({ value, source }: LiteralSecret): void {
  const bytes = Buffer.byteLength(value);
  if (value.length < shortestSecret) {
    throw new UsageError(
      `the secret from ${source} has fewer than ${shortestSecret} characters`,
      "One so short is found by chance in any image. Use a longer one: this one can be guessed.",
    );
  }
  if (bytes > longestSecret) {
    throw new UsageError(
      `the secret from ${source} has ${bytes} bytes; up to ${longestSecret} are looked for`,
      "Name the file or variable that holds the credential alone.",
    );
  }
}

async function readText(file: string, workingFolder: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(resolve(workingFolder, file), "utf8");
  } catch (error) {
    throw new UsageError(`the secret file ${file} cannot be read`, "Check the path and the rights to the file.", {
      cause: error,
    });
  }
  if (text.trim() === "") {
    throw new UsageError(
      `the secret file ${file} is empty, so there is no secret to look for`,
      "Did the step that writes it get its credential?",
    );
  }
  return text;
}

function fromText(text: string, source: string, named: string, form: "netrc" | "any"): LiteralSecret[] {
  const found = findCredentials(text, form);
  if (found.kind === "nothing") {
    throw new UsageError(
      `${named} holds ${found.what}, but no credential, so there is no secret to look for`,
      found.mend,
    );
  }
  const secrets = found.credentials.map(({ value, of }) => ({
    value,
    source: of === "" ? source : `${source}: ${of}`,
  }));
  secrets.forEach(checkSecret);
  return secrets;
}

function distinct(secrets: readonly LiteralSecret[]): readonly LiteralSecret[] {
  const byValue = new Map<string, LiteralSecret>();
  for (const secret of secrets) {
    if (!byValue.has(secret.value)) byValue.set(secret.value, secret);
  }
  return [...byValue.values()];
}
