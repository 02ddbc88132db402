/** A host whose certificate is not checked. */
import { pipSetting, settingsOf } from "../assignments";
import type { Report, Rule } from "../finding";
import { indexOptions } from "../installers";
import { commandsOf } from "../subject";

const NAMES = /^(?:PIP_TRUSTED_HOST|UV_INSECURE_HOST|UV_ALLOW_INSECURE_HOST)$/;

export const trustedHost: Rule = {
  id: "trusted-host",
  severity: "error",
  about: "--trusted-host: the index's certificate is not checked.",
  check(subject) {
    const inRuns = subject.runs.flatMap((run) =>
      commandsOf(run).flatMap(({ script, command }) => {
        const { joined } = script;
        const options = indexOptions(command)
          .filter(({ kind, value }) => kind === "trusted-host" && !isOwnMachine(value.text))
          .map(({ flagStart, end, flag }) => trusted(joined.toFile(flagStart), joined.toFileEnd(end), flag));
        const settings = settingsOf(script, command)
          .filter(({ name, value }) => NAMES.test(name) && !isOwnMachine(value))
          .map(({ name, start, end }) => trusted(joined.toFile(start), joined.toFileEnd(end), name));
        const configured = pipSetting(command);
        return configured?.key === "trusted-host" && !isOwnMachine(configured.value)
          ? [
              ...options,
              ...settings,
              trusted(joined.toFile(configured.start), joined.toFileEnd(configured.end), "trusted-host"),
            ]
          : [...options, ...settings];
      }),
    );
    const inVariables = subject.variables.definitions
      .filter(({ name, value }) => NAMES.test(name) && !(value !== undefined && isOwnMachine(value)))
      .map(({ property, name, kind }) => trusted(property.start, property.end, `${kind} ${name}`));
    return [...inRuns, ...inVariables];
  },
};

/** Nothing, or a host that packets do not leave the machine for. */
function isOwnMachine(value: string): boolean {
  return /^(?:|localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]+)?$/.test(value.trim());
}

function trusted(start: number, end: number, name: string): Report {
  return {
    start,
    end,
    what: `${name} turns the check of the index's certificate off`,
    why: "Whoever is between the build and the index can read the credentials and give other packages.",
    mend: "Add the index's certificate authority to the image's, or name its file in PIP_CERT or SSL_CERT_FILE.",
  };
}

/** Lines of a requirements file that trust a host. */
export function trustedHostLines(text: string): Report[] {
  return Array.from(text.matchAll(/^[ \t]*--trusted-host(?:[ \t]+|=)([^\s#]+)/gm))
    .filter((match) => !isOwnMachine(match[1] ?? ""))
    .map((match) => trusted(match.index, match.index + match[0].length, "--trusted-host"));
}
