/** A credential in what an image says of itself: LABEL, CMD, ENTRYPOINT, HEALTHCHECK and the like. */
import { variablesIn } from "../addresses";
import type { Instruction, Stage } from "../dockerfile";
import type { Report, Rule } from "../finding";
import { isCredentialName, isHarmlessValue } from "../names";
import type { Subject } from "../subject";
import { literalCredential } from "../variables";

const LOOKED_AT = new Set([
  "LABEL",
  "CMD",
  "ENTRYPOINT",
  "HEALTHCHECK",
  "MAINTAINER",
  "EXPOSE",
  "VOLUME",
  "WORKDIR",
  "USER",
  "STOPSIGNAL",
]);
/** `--token abc`, `--api-token=abc`, `Authorization: Bearer abc`: a word behind a name, written out. */
const OPTION = /--?([A-Za-z][A-Za-z0-9_-]*)(?:=|["']?,?\s+["']?)([^\s"',$`]{4,})/g;
const BEARER = /\b(?:Bearer|Basic)\s+[A-Za-z0-9+/_.=~-]{12,}/;

export const secretInMetadata: Rule = {
  id: "secret-in-metadata",
  severity: "error",
  about: "A credential in LABEL, CMD, ENTRYPOINT or HEALTHCHECK: it is in the image's configuration.",
  check(subject) {
    return subject.dockerfile.stages.flatMap((stage) =>
      stage.instructions.flatMap((instruction) => {
        if (!LOOKED_AT.has(instruction.keyword)) return [];
        return instruction.keyword === "LABEL" ? labels(subject, stage, instruction) : words(instruction);
      }),
    );
  },
};

function labels(subject: Subject, stage: Stage, instruction: Instruction): Report[] {
  return instruction.properties.flatMap((property) => {
    const value = property.value ?? "";
    const secret = variablesIn(value)
      .map((name) => subject.variables.visible(name, stage, instruction.start))
      .find((definition) => definition !== undefined && subject.variables.reason(definition) !== undefined);
    const what =
      secret !== undefined
        ? `LABEL ${property.name} shows the credential of ${secret.kind} ${secret.name}`
        : literalCredential(value) !== undefined ||
            (isCredentialName(property.name.replace(/[.-]/g, "_")) && !isHarmlessValue(value) && !value.includes("$"))
          ? `LABEL ${property.name} holds a credential`
          : undefined;
    return what === undefined ? [] : [report(property.start, property.end, what)];
  });
}

function words(instruction: Instruction): Report[] {
  const { text } = instruction.arguments;
  const option = Array.from(text.matchAll(OPTION)).find(
    ([, name = "", value = ""]) => isCredentialName(name.replace(/-/g, "_")) && !isHarmlessValue(value),
  );
  const what =
    literalCredential(text) ??
    (BEARER.test(text) ? "a token in a header" : option === undefined ? undefined : `a value for --${option[1] ?? ""}`);
  if (what === undefined) return [];
  const { start, end } = instruction;
  return [report(start, end, `${instruction.keyword} has ${what}`)];
}

function report(start: number, end: number, what: string): Report {
  return {
    start,
    end,
    what,
    why: "Everyone who can pull the image reads its configuration.",
    mend: "Revoke it and take it out; what the container needs comes as a variable or a file when it starts.",
  };
}
