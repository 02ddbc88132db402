/** What the front end would stop at: no FROM, an instruction that there is none of, a here-document without its end. */
import type { Instruction } from "../dockerfile";
import type { Report, Rule } from "../finding";

const KNOWN = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);

export const noDockerfile: Rule = {
  id: "no-dockerfile",
  severity: "error",
  about: "A file that cannot be read as a Dockerfile, or not all of it.",
  check({ dockerfile }) {
    const reports: Report[] = [];
    for (const instruction of dockerfile.instructions) {
      const what = fault(instruction, dockerfile.global.includes(instruction));
      if (what === undefined) continue;
      reports.push({
        start: instruction.start,
        end: instruction.keywordEnd,
        what,
        why: "The build would stop here, and what follows may have been read wrongly.",
        mend: "Correct the line; a line that continues ends with a backslash and nothing behind it.",
      });
    }
    if (dockerfile.stages.length === 0 && reports.length === 0) {
      reports.push({
        start: 0,
        end: 0,
        what: "there is no FROM",
        why: "Nothing can be built of it, and nothing of it can be checked.",
        mend: "Name the Dockerfile.",
      });
    }
    return reports;
  },
};

function fault(instruction: Instruction, beforeFrom: boolean): string | undefined {
  const { keyword, readable } = instruction;
  if (!readable) return `this ${keyword.slice(0, 30)} cannot be read`;
  if (!KNOWN.has(keyword)) return `there is no instruction ${JSON.stringify(keyword.slice(0, 30))}`;
  if (beforeFrom && keyword !== "ARG") return `${keyword} comes before the first FROM`;
  const open = instruction.documents.find(({ closed }) => !closed);
  if (open !== undefined) return `the here-document ${JSON.stringify(open.name.slice(0, 30))} has no end`;
  return instruction.whole.text.trim() === "" && instruction.flags.length === 0
    ? `${keyword} has no arguments`
    : undefined;
}
