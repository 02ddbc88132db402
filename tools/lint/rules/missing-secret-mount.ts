/** An install from a private index in a RUN that is given no credential. */
import { privateIndex, soleVariable, userParts } from "../addresses";
import type { Rule } from "../finding";
import { indexOptions, installerOf } from "../installers";
import { netrcFor } from "../mending";
import { hasCopiedCredentials } from "../copied-credentials";
import { commandsOf, type Run, type Subject } from "../subject";
import { readersOf } from "../uses";

export const missingSecretMount: Rule = {
  id: "missing-secret-mount",
  severity: "error",
  about: "An install from a private index in a RUN without --mount=type=secret.",
  check(subject) {
    return subject.runs.flatMap((run) => {
      if (run.secrets.length > 0 || hasCopiedCredentials(run)) return [];
      const found = indexOf(subject, run);
      if (found === undefined) return [];
      const { make, certain } = found;
      return [
        {
          start: run.instruction.start,
          end: run.instruction.keywordEnd,
          what: `packages are installed from ${make}, and the RUN has no secret`,
          why: certain
            ? "The index asks for credentials, which can then come only from an argument, a variable or a file that stay in the image."
            : "Where the index asks for credentials, they can come only from an argument, a variable or a file that stay in the image.",
          mend: "Mount a netrc as a secret; the address goes without credentials.",
          severity: certain ? ("error" as const) : ("advice" as const),
          fix: netrcFor(subject, run),
          example: ["RUN --mount=type=secret,id=netrc,target=/root/.netrc,required=true …"],
        },
      ];
    });
  },
};

function indexOf(subject: Subject, run: Run): ReturnType<typeof privateIndex> {
  for (const { command } of commandsOf(run)) {
    const tool = installerOf(command);
    if (tool === undefined) continue;
    const addresses = [
      ...indexOptions(command).map(({ value }) => value.text),
      ...command.assignments.filter(({ name }) => readersOf(name).includes(tool)).map(({ value }) => value.text),
      ...["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL"]
        .filter((name) => readersOf(name).includes(tool))
        .map((name) => `$${name}`),
    ];
    for (const address of addresses) {
      const name = soleVariable(address);
      const definition =
        name === undefined ? undefined : subject.variables.visible(name, run.stage, run.instruction.start);
      const value = definition === undefined ? address : (subject.variables.valueOf(definition) ?? "");
      const found = userParts(value).length > 0 ? undefined : privateIndex(value);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
