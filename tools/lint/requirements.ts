/** What a requirements file says of indexes: it can undo what the Dockerfile does right. */
import { userParts } from "./addresses";
import type { Finding, Report, Rule } from "./finding";
import { findingOf } from "./lint";
import { extraIndexLines, extraIndexUrl } from "./rules/extra-index-url";
import { trustedHost, trustedHostLines } from "./rules/trusted-host";
import { SourceText } from "./source";
import { literalCredential } from "./variables";

/** A credential that is written out in a requirements file. */
export const secretInRequirements: Pick<Rule, "id" | "severity" | "about"> = {
  id: "secret-in-requirements",
  severity: "error",
  about: "A credential in a requirements file.",
};

export function lintRequirements(text: string, file: string): Finding[] {
  const source = new SourceText(text);
  const made = (rule: Pick<Rule, "id" | "severity">) => (report: Report) => findingOf(rule, report, source, file);
  return [
    ...extraIndexLines(text, (index) => index).map(made(extraIndexUrl)),
    ...trustedHostLines(text).map(made(trustedHost)),
    ...credentials(source).map(made(secretInRequirements)),
  ].sort((left, right) => left.line - right.line || left.column - right.column);
}

function credentials(source: SourceText): Report[] {
  return source.text.split("\n").flatMap((line, index) => {
    // The sums of --hash are long words, and no tokens.
    const what = literalCredential(line.replace(/--hash[= ][a-z0-9]+:[0-9a-f]+/g, ""));
    if (what === undefined) return [];
    const start = source.lineStart(index + 1);
    const part = userParts(line)[0];
    return [
      {
        start: start + (part?.start ?? 0),
        end: start + (part === undefined ? line.trimEnd().length : part.end - 1),
        what: `the line has ${what}`,
        why: "Everyone who can read the repository has it, and pip shows the file's lines in the build's log.",
        mend: "Revoke it; write the address without credentials, and give a netrc as a secret to the RUN that installs.",
      },
    ];
  });
}
