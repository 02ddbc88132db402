/** An ENV that holds a credential: by its name, by its value, or by taking it from an ARG. */
import { planWithout } from "../credential-plan";
import type { Rule } from "../finding";
import { isIndexName } from "../names";
import { credentialUse } from "../credential-use";
import type { Definition, Reason } from "../variables";
import type { Subject } from "../subject";
import { userParts } from "../addresses";

export const secretInEnvironment: Rule = {
  id: "secret-in-environment",
  severity: "error",
  about: "A credential as ENV: it is in the image's configuration, where everyone reads it who can pull the image.",
  check(subject) {
    return subject.variables.definitions.flatMap((definition) => {
      if (definition.kind !== "ENV") return [];
      const reason = subject.variables.reason(definition) ?? byUse(subject, definition);
      if (reason === undefined) return [];
      const fix = planWithout(subject, definition);
      return [
        {
          start: definition.property.start,
          end: definition.property.end,
          what: what(subject, definition, reason),
          why: "ENV is part of the image's configuration, of every image built on it, and of every container's environment.",
          mend:
            reason.by === "value"
              ? "Revoke it, for everyone who can read this file has it; then give it as a secret to the RUN that needs it, or to the container when it starts."
              : "Give it as a secret to the RUN that needs it, or to the container when it starts.",
          fix,
          ...(fix === undefined
            ? { example: [`RUN --mount=type=secret,id=netrc,target=/root/.netrc,required=true …`] }
            : {}),
        },
      ];
    });
  },
};

/** Takes a credential from an argument that says nothing of it by its name. */
function byUse(subject: Subject, definition: Definition): Reason | undefined {
  const to = subject.variables
    .references(definition)
    .find((other) => other.kind === "ARG" && credentialUse(subject, other) !== undefined);
  if (to === undefined) return undefined;
  const inAddress = userParts(definition.value ?? "").length > 0;
  return inAddress || isIndexName(definition.name) ? { by: "reference", to } : undefined;
}

function what(subject: Subject, definition: Definition, reason: Reason): string {
  switch (reason.by) {
    case "value":
      return `ENV ${definition.name} has ${reason.what}`;
    case "reference": {
      const { line } = subject.dockerfile.source.place(reason.to.property.start);
      return `ENV ${definition.name} keeps the credential of ${reason.to.kind} ${reason.to.name} (line ${line})`;
    }
    case "name":
      return `ENV ${definition.name} holds a credential, going by its name`;
  }
}
