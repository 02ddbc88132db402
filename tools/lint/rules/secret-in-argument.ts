/** An ARG that holds a credential: by its name, by its default, or by being put into an address. */
import { credentialUse } from "../credential-use";
import { planWithout } from "../credential-plan";
import type { Report, Rule } from "../finding";
import type { Subject } from "../subject";
import type { Definition, Reason } from "../variables";

export const secretInArgument: Rule = {
  id: "secret-in-argument",
  severity: "error",
  about: "A credential as build argument: it is in the image's history, in the provenance and in every exported cache.",
  check(subject) {
    return subject.variables.definitions.flatMap((definition) => {
      if (definition.kind !== "ARG") return [];
      // One that a stage takes up again is reported there as well: each line has to go.
      const reason = subject.variables.reason(definition);
      const use = reason === undefined ? credentialUse(subject, definition) : undefined;
      if (reason === undefined && use === undefined) return [];
      return [report(subject, definition, reason, use)];
    });
  },
};

function report(subject: Subject, definition: Definition, reason: Reason | undefined, use: number | undefined): Report {
  const { name, property } = definition;
  const fix = planWithout(subject, definition);
  return {
    start: property.start,
    end: property.end,
    what: what(subject, name, reason, use),
    why: "A build argument's value is kept in the image's history, in provenance and in exported caches, is shown in the log of a RUN that uses it, and builds everything below anew when it changes.",
    mend:
      reason?.by === "value"
        ? "Revoke it, for everyone who can read this file has it; then give it as a secret to the RUN that needs it."
        : "Give it as a secret to the RUN that needs it; the address alone, without credentials, may be an argument.",
    fix,
    ...(fix === undefined ? { example: example(name, reason) } : {}),
  };
}

function what(subject: Subject, name: string, reason: Reason | undefined, use: number | undefined): string {
  switch (reason?.by) {
    case undefined:
      return `ARG ${name} becomes part of an index's address in line ${use ?? 0}`;
    case "value":
      return `ARG ${name} has ${reason.what} as its default`;
    case "reference":
      return `ARG ${name} takes its value from ${reason.to.name} of line ${line(subject, reason.to)}, which holds a credential`;
    case "name":
      return reason.index
        ? `ARG ${name} takes an index's address, which comes with a token from the pipeline`
        : `ARG ${name} takes a credential, going by its name`;
  }
}

function line(subject: Subject, definition: Definition): number {
  return subject.dockerfile.source.place(definition.property.start).line;
}

function example(name: string, reason: Reason | undefined): string[] {
  return reason?.by === "name" && !reason.index
    ? [`RUN --mount=type=secret,id=${name.toLowerCase()},env=${name},required=true …`]
    : ["RUN --mount=type=secret,id=netrc,target=/root/.netrc,required=true …"];
}
