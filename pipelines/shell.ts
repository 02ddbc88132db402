/** What every script of a run begins with. Scripts are POSIX sh; values come from the environment, never from macros. */

/** How scripts begin: stop at the first failure, and a way to say what is wrong. `set -x` must never be added. */
const start = `set -eu
fail() { printf '##vso[task.logissue type=error]%s\\n' "$1" >&2; exit 1; }
work=$AGENT_TEMPDIRECTORY/wheelhouse`;

export function script(body: string): string {
  return `${start}\n${body.trim()}\n`;
}
