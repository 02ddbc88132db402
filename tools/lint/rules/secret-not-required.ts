/** A secret mount that may be missing: without `required=true` the RUN goes on without it. */
import type { Rule } from "../finding";
import { installs } from "../subject";

export const secretNotRequired: Rule = {
  id: "secret-not-required",
  severity: "error",
  about: "A secret mount without required=true: where the secret is missing, the RUN goes on without it.",
  check(subject) {
    return subject.runs.flatMap((run) =>
      run.secrets
        .filter(({ required }) => !required)
        .map(({ flag, id }) => {
          const optional = flag.options.has("required");
          return {
            start: flag.start,
            end: flag.end,
            what: `the secret ${id} may be missing`,
            why: installs(run)
              ? "The RUN then goes on without it, and pip without credentials or configuration takes packages from the public index."
              : "The RUN then goes on without it, and what it makes differs from build to build.",
            mend: optional
              ? "Write required=true, unless the RUN is right without the secret as well."
              : "Add required=true.",
            severity: installs(run) ? ("error" as const) : ("advice" as const),
            ...(optional ? {} : { fix: [{ start: flag.end, end: flag.end, text: ",required=true" }] }),
          };
        }),
    );
  },
};
