/** Writes the programs of the agent's machine that stand in for those of a real one: `docker`, and `date` on a moved clock. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import writeFileAtomic from "write-file-atomic";

import { findProgram } from "../../../toolchain/path.mjs";

export interface LauncherParts {
  /** Of the machine; its `bin` is on the steps' `PATH`. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Where `docker` finds the agent. */
  readonly socket: string;
  readonly clockOffsetSeconds: number;
}

export function writeLaunchers({ folder, environment, socket, clockOffsetSeconds }: LauncherParts): void {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string): void => {
    writeFileAtomic.sync(join(bin, name), text, { mode: 0o700 });
  };
  write("docker", dockerLauncher(socket, findProgram("docker-buildx", environment)));
  const date = findProgram("date", environment);
  if (clockOffsetSeconds !== 0 && date !== undefined) write("date", dateLauncher(date, clockOffsetSeconds));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** All of buildx but the making and ending of builders is the real one, without a detour. */
function dockerLauncher(socket: string, buildx: string | undefined): string {
  const words = [process.execPath, join(__dirname, "docker.mjs"), socket, buildx ?? ""].map(quoted).join(" ");
  const plain =
    buildx === undefined
      ? `echo "ERROR: this agent's machine has no docker-buildx: put it on the agent's PATH" >&2
    exit 127`
      : `shift
    exec ${quoted(buildx)} "$@"`;
  return `#!/bin/sh
# Stands in for docker: this machine has no Docker daemon, but buildx and BuildKit.
case "\${1-} \${2-}" in
${buildx === undefined ? "" : `  "buildx create" | "buildx rm") ;;\n`}  "buildx "*)
    ${plain}
    ;;
esac
NODE_OPTIONS= exec ${words} "$@"
`;
}

/**
 * A date that a person gives in words is counted from the moved clock; a date in digits and the time of a file are what they are. Only
 * `date` is moved: other programs, and certificates, see the real time.
 */
function dateLauncher(date: string, seconds: number): string {
  return `#!/bin/sh
# Stands in for a machine whose clock is ${seconds} seconds ahead.
moved() {
  case $1 in
    *@* | *[0-9]:[0-9]* | *[0-9][0-9][0-9][0-9]*) printf '%s' "$1" ;;
    *) printf '%s ${seconds} seconds' "$1" ;;
  esac
}
given=
count=$#
while [ "$count" -gt 0 ]; do
  argument=$1
  shift
  count=$((count - 1))
  case $argument in
    --date=*) argument=--date=$(moved "\${argument#--date=}") given=1 ;;
    --date | -d | -[a-zA-Z]d)
      set -- "$@" "$argument"
      [ "$count" -gt 0 ] || break
      argument=$(moved "$1") given=1
      shift
      count=$((count - 1))
      ;;
    -d*) argument=-d$(moved "\${argument#-d}") given=1 ;;
    -f* | --file* | -r* | --reference* | -s* | --set*) given=1 ;;
  esac
  set -- "$@" "$argument"
done
[ -n "$given" ] || set -- "$@" --date='${seconds} seconds'
exec ${quoted(date)} "$@"
`;
}
