/** A credential that is written out in a RUN, a here-document or an ADD's address. */
import { userParts } from "../addresses";
import { settingsOf } from "../assignments";
import type { Instruction } from "../dockerfile";
import type { Report, Rule } from "../finding";
import { indexOptions } from "../installers";
import { netrcFor } from "../mending";
import { isCredentialName, isHarmlessValue } from "../names";
import type { Edit } from "../source";
import { commandsOf, type Run, type Subject } from "../subject";
import { literalCredential } from "../variables";

const WHY = "The line is in the image's history and in the repository; everyone who can read either has it.";

export const secretInRun: Rule = {
  id: "secret-in-run",
  severity: "error",
  about: "A credential that is written out in a RUN, COPY or ADD.",
  check(subject) {
    const others = subject.dockerfile.stages.flatMap((stage) =>
      [stage.from, ...stage.instructions].filter(({ keyword }) => ["COPY", "ADD", "FROM"].includes(keyword)),
    );
    return [
      ...subject.runs.flatMap((run) => inRun(subject, run)),
      ...others.flatMap((instruction) => inCopy(instruction)),
    ];
  },
};

function inRun(subject: Subject, run: Run): Report[] {
  const what = writtenOut(run.instruction.whole.text);
  if (what === undefined) return assigned(run);
  const { start, end } = firstUserPart(run.instruction) ?? run.instruction;
  return [
    {
      start,
      end,
      what: `the RUN has ${what}`,
      why: WHY,
      mend: "Revoke it; then give it as a secret to this RUN.",
      fix: stripOptions(subject, run),
      example: ["RUN --mount=type=secret,id=netrc,target=/root/.netrc,required=true …"],
    },
  ];
}

/** Programs are full of `password = …`; in one the words after `;` or `?` alone are a connection's. */
function writtenOut(text: string): string | undefined {
  return literalCredential(text.replace(/(?<![;?&])\b(?:password|passwd|pwd)(?=\s{0,5}=)/gi, "x"));
}

/** `FEED_TOKEN=abc command`: a credential by its name, and written out. */
function assigned(run: Run): Report[] {
  return commandsOf(run).flatMap(({ script, command }) =>
    settingsOf(script, command)
      .filter(({ name, value }) => isCredentialName(name) && !isHarmlessValue(value) && !/[$`]/.test(value))
      .map(({ name, start, end }) => ({
        start: script.joined.toFile(start),
        end: script.joined.toFileEnd(end),
        what: `the RUN writes the value of ${name} out`,
        why: WHY,
        mend: "Revoke it; then give it as a secret to this RUN.",
        example: [`RUN --mount=type=secret,id=${name.toLowerCase()},env=${name},required=true …`],
      })),
  );
}

function firstUserPart({ whole }: Instruction): { start: number; end: number } | undefined {
  const part = userParts(whole.text)[0];
  return part === undefined ? undefined : { start: whole.toFile(part.start), end: whole.toFileEnd(part.end - 1) };
}

/** Only the values of index options are known to work as well with a netrc. */
function stripOptions(subject: Subject, run: Run): Edit[] | undefined {
  const edits = commandsOf(run).flatMap(({ script, command }) =>
    indexOptions(command).flatMap(({ value }) =>
      userParts(script.joined.text.slice(value.start, value.end)).map((part) => ({
        start: script.joined.toFile(value.start + part.start),
        end: script.joined.toFileEnd(value.start + part.end),
        text: "",
      })),
    ),
  );
  const netrc = netrcFor(subject, run);
  return edits.length === 0 || netrc === undefined ? undefined : [...edits, ...netrc];
}

function inCopy(instruction: Instruction): Report[] {
  const what = writtenOut(instruction.whole.text);
  if (what === undefined) return [];
  const { start, end } = firstUserPart(instruction) ?? instruction;
  const mend = "Revoke it; then fetch the file in a RUN that is given the credential as a secret.";
  return [{ start, end, what: `${instruction.keyword} has ${what}`, why: WHY, mend }];
}
