/** Asks uv for a lock: all versions and hashes of a set of requirements, within what the base image has. */
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import type { CommandContext } from "../context";
import { OutsideError, UsageError } from "../errors";
import { machinePython, runUv, uvOptions, type PackageSource } from "../uv";
import { formatLock, parseLock, type Pin } from "./lock";

export interface CompileRequest {
  /** Absolute folder of the requirements, and the file in it. */
  readonly folder: string;
  readonly requirements: string;
  readonly extras: readonly string[];
  /** `major.minor`. */
  readonly python: string;
  /** What is installed already and stays as it is. */
  readonly base: { readonly name: string; readonly pins: readonly Pin[] } | undefined;
  readonly source: PackageSource;
}

/**
 * The newest versions that fit, for every platform.
 * @param folder a temporary one, of this request alone.
 * @throws UsageError for requirements that cannot be met; OutsideError for what the feed refused.
 */
export async function compile(request: CompileRequest, context: CommandContext, folder: string): Promise<Pin[]> {
  const constraints = path.join(folder, "base.txt");
  if (request.base !== undefined) writeFileSync(constraints, formatLock(request.base.pins, []));
  const args = [
    "pip",
    "compile",
    "--universal",
    `--python-version=${request.python}`,
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    ...uvOptions(request.source),
    ...machinePython(context.environment),
    ...request.extras.map((extra) => `--extra=${extra}`),
    ...(request.base === undefined ? [] : [`--constraints=${constraints}`]),
    request.requirements,
  ];
  const result = await runUv(args, request.source, context, folder, request.folder);
  if (result.code !== 0) throw explained(result.errors, request);
  return parseLock(result.output, "the lock that uv made");
}

/** uv's own words say which requirements do not go together; what of them is the base image's is added. */
function explained(errors: string, request: CompileRequest): Error {
  const words = uvWords(errors);
  const file = request.requirements;
  const missing = /Because (\S+) was not found in the package registry/.exec(errors)?.[1];
  if (missing !== undefined) {
    return new UsageError(
      `${file}: ${missing} is not in the feed at ${request.source.indexUrl}`,
      [
        ...words,
        "correct its name, or publish it; a package of the public index comes through the feed's upstream",
      ].join("\n"),
    );
  }
  if (errors.includes("No solution found")) {
    const base = request.base;
    const text = ` ${words.join(" ")} `;
    const held = (base?.pins ?? []).filter(
      ({ name, version }) => text.includes(` ${name}==${version} `) || text.includes(` ${name}==${version},`),
    );
    if (base === undefined || held.length === 0) {
      return new UsageError(`${file}: its requirements cannot be met together`, words.join("\n"));
    }
    const has = held.map(({ name, version }) => `${name}==${version}`).join(", ");
    const names = held.map(({ name }) => name).join(", ");
    return new UsageError(
      `${file}: a requirement does not go with the base image: ${base.name} has ${has}`,
      [
        ...words,
        `ask for ${names} so that it takes ${has}, or have ${base.name} take another version (base-images/${base.name}/requirements.in)`,
      ].join("\n"),
    );
  }
  if (
    /Failed to build|build backend|metadata-generation|Requested extra not found|Couldn't parse|Failed to parse/i.test(
      errors,
    )
  ) {
    return new UsageError(`${file}: uv cannot resolve it`, words.join("\n"));
  }
  return new OutsideError(`uv failed while it resolved ${file}`, words.join("\n"));
}

/** What uv says, without its decoration and its warnings, at most 30 lines. */
export function uvWords(errors: string): string[] {
  return errors
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("warning:"))
    .map((line) => line.trim().replace(/^(?:error|cause):\s*/, ""))
    .slice(-30);
}
