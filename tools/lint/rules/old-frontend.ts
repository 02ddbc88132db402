/** A syntax directive that names a front end older than the mounts that the file uses. */
import type { Rule } from "../finding";

const IMAGE = /^((?:docker\.io\/)?docker\/dockerfile(?:-upstream)?):([0-9]+)(?:\.([0-9]+))?(?:\.[0-9]+)?(-labs)?$/;

export const oldFrontend: Rule = {
  id: "old-frontend",
  severity: "error",
  about: "A syntax directive older than 1.10 with a secret that is mounted as a variable.",
  check(subject) {
    const directive = subject.dockerfile.directives.find(({ name }) => name === "syntax");
    const mount = subject.runs.flatMap(({ secrets }) => secrets).find(({ variable }) => variable !== undefined);
    if (directive === undefined || mount === undefined) return [];
    const [, image = "", major = "", minor, labs = ""] = IMAGE.exec(directive.value.trim()) ?? [];
    const old =
      major !== "" && (Number(major) < 1 || (Number(major) === 1 && minor !== undefined && Number(minor) < 10));
    if (!old) return [];
    const { start, end } = directive;
    return [
      {
        start,
        end,
        what: `the front end ${directive.value.trim()} does not know env= of a secret mount (line ${subject.dockerfile.source.place(mount.flag.start).line})`,
        why: "env= came with version 1.10, in September 2024; an older one stops with an error about an unexpected key.",
        mend: "Name version 1, which is the newest of that line.",
        fix: [{ start, end, text: `${image}:1${labs}` }],
      },
    ];
  },
};
