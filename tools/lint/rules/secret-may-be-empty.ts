/** A secret that is there, but empty: `required=true` does not see it, and pip takes an empty address for the public index. */
import type { Rule } from "../finding";
import { guard, prefix } from "../mending";
import { baseName } from "../shell";
import { commandsOf, installs, mentions, type Run, type SecretMount } from "../subject";

export const secretMayBeEmpty: Rule = {
  id: "secret-may-be-empty",
  severity: "error",
  about: "A secret that an install uses without a check that it is not empty: pip then goes to the public index.",
  check(subject) {
    return subject.runs.filter(installs).flatMap((run) =>
      run.secrets
        .filter((secret) => !isChecked(run, secret))
        .map((secret) => {
          const test = secret.path === undefined ? `test -n "$${secret.variable ?? ""}"` : `test -s ${secret.path}`;
          const command = guard(secret.id, test);
          const netrc = (secret.path ?? secret.id).endsWith("netrc");
          return {
            start: secret.flag.start,
            end: secret.flag.end,
            what: `the secret ${secret.id} may be empty`,
            why: netrc
              ? "A secret from an unset variable is empty, which required=true does not see; the build then fails later, with an error about the index."
              : "A secret from an unset variable is empty, which required=true does not see; pip takes an empty address or configuration for the public index and installs from there.",
            mend: "Stop where it is empty, before anything is installed.",
            severity: netrc ? ("advice" as const) : ("error" as const),
            fix: isWord(secret) ? prefix(subject, run, [command]) : undefined,
            example: [`${command};`],
          };
        }),
    );
  },
};

function isWord({ path, variable }: SecretMount): boolean {
  return path === undefined ? /^[A-Za-z_][A-Za-z0-9_]*$/.test(variable ?? "") : /^[A-Za-z0-9._/-]+$/.test(path);
}

/** `/run/secrets/$1` of a function or a loop over the secrets. */
function namesEach(word: string, path: string): boolean {
  const at = word.indexOf("$");
  return at > 1 && word[at - 1] === "/" && path.startsWith(word.slice(0, at));
}

const TESTS = new Set(["test", "[", "[["]);

function isChecked(run: Run, { path, variable }: SecretMount): boolean {
  const commands = commandsOf(run).map(({ command }) => command);
  const names = new Set(variable === undefined ? [] : [variable]);
  for (const command of commands) {
    for (const { name, value } of command.assignments) {
      if (path !== undefined && mentions(value.text, path)) names.add(name);
    }
  }
  const text = run.instruction.whole.text;
  if ([...names].some((name) => text.includes(`\${${name}:?`) || text.includes(`\${${name}?`))) return true;
  return commands.some(
    (command) =>
      TESTS.has(baseName(command.words[0]?.text ?? "")) &&
      command.words.some(
        (word) =>
          (path !== undefined && (mentions(word.text, path) || namesEach(word.text, path))) ||
          word.variables.some(({ name }) => names.has(name)),
      ),
  );
}
