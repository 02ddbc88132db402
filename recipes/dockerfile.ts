/** Dockerfile instructions from plain values: each function returns one instruction that no value can break out of. */
import { RecipeError } from "./errors";

/** A Dockerfile ends an instruction at a line end and has no escape for one, so control characters are refused. */
function oneLine(property: string, value: string): string {
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)) {
    throw new RecipeError(property, value, "Take out line ends and control characters.");
  }
  return value;
}

/** A double-quoted word in which `\`, `"` and `$` stand for themselves; Dockerfiles expand variables even in quotes. */
function quoted(property: string, value: string): string {
  return `"${oneLine(property, value).replace(/[\\"$]/g, "\\$&")}"`;
}

/** The exec form, a JSON list: run without a shell and never expanded. */
function execForm(property: string, words: readonly string[]): string {
  if (words.length === 0) throw new RecipeError(property, "[]", "Give the command at least one word.");
  return `[${words.map((word) => JSON.stringify(oneLine(property, word))).join(", ")}]`;
}

function wholeNumber(property: string, value: number, least: number, most: number): string {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RecipeError(property, String(value), `Give a whole number from ${least} to ${most}.`);
  }
  return String(value);
}

/** One `ENV` line for each variable, sorted by name so that the text does not depend on the order in the spec. */
export function environment(variables: Readonly<Record<string, string>>): string[] {
  return Object.keys(variables)
    .sort()
    .map((name) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        throw new RecipeError("env", name, "Name it with letters, digits and _, not starting with a digit.");
      }
      return `ENV ${name}=${quoted(`env.${name}`, variables[name] ?? "")}`;
    });
}

/** `USER` with a name or a number. */
export function user(name: string): string {
  if (name.trim() === "") throw new RecipeError("user", name, "Give a user name or a user number.");
  return `USER ${quoted("user", name)}`;
}

/** `EXPOSE` for each TCP port, in ascending order. */
export function exposedPorts(ports: readonly number[]): string[] {
  return [...new Set(ports)]
    .sort((a, b) => a - b)
    .map((port, index) => `EXPOSE ${wholeNumber(`ports[${index}]`, port, 1, 65535)}/tcp`);
}

/** `ENTRYPOINT` in exec form. */
export function entrypoint(words: readonly string[]): string {
  return `ENTRYPOINT ${execForm("scripts", words)}`;
}

/** `HEALTHCHECK` in exec form; times in seconds. */
export function healthcheck(check: {
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly retries: number;
}): string {
  const seconds = (name: string, value: number, least: number) =>
    `${wholeNumber(`healthcheck.${name}`, value, least, 86400)}s`;
  return [
    "HEALTHCHECK",
    `--interval=${seconds("interval", check.interval, 1)}`,
    `--timeout=${seconds("timeout", check.timeout, 1)}`,
    `--start-period=${seconds("startPeriod", check.startPeriod, 0)}`,
    `--retries=${wholeNumber("healthcheck.retries", check.retries, 1, 1000)}`,
    `CMD ${execForm("healthcheck.command", check.command)}`,
  ].join(" ");
}

/**
 * A path for `--mount=…,source=`. That option is split at commas and blanks and expands variables, with no escape that
 * all front ends agree on, so only plain relative paths are taken.
 */
export function mountSource(property: string, path: string): string {
  if (!/^[A-Za-z0-9_@+.-]+(\/[A-Za-z0-9_@+.-]+)*$/.test(path) || path.split("/").includes("..")) {
    throw new RecipeError(property, path, "Use a path inside the repository of letters, digits and . _ - + @ /.");
  }
  return path;
}

/** A word for a shell script, in single quotes. */
export function shellWord(property: string, value: string): string {
  return `'${oneLine(property, value).replaceAll("'", `'\\''`)}'`;
}

/**
 * A `RUN` whose script stands in a here-document: nothing in it is expanded by the Dockerfile front end, and it stops
 * at the first command that fails. Its first line makes BuildKit run it as a file: else an error, and the history of
 * the image, would show all of it.
 */
export function run(mounts: readonly string[], script: string): string {
  const options = mounts.map((mount) => `--mount=${mount} \\\n    `).join("");
  return `RUN ${options}<<"SCRIPT"\n#!/bin/sh\nset -eu\n${script.trim()}\nSCRIPT`;
}

/** A whole Dockerfile: comment, then stages with a blank line between them; a stage is a list of lines. */
export function dockerfile(comment: readonly string[], stages: readonly (readonly string[])[]): string {
  const header = comment.map((line) => `# ${oneLine("name", line)}`).join("\n");
  return [header, ...stages.map((lines) => lines.join("\n"))].join("\n\n") + "\n";
}
