/** Short forms for tests of one rule: what it finds in a Dockerfile, and what its mend makes of that. */
import { strict as assert } from "node:assert";
import { fixDockerfile, lintDockerfile, type Finding, type LintOptions } from "../../../tools/lint";

/** Findings of one rule. */
export function found(rule: string, text: string, options: LintOptions = {}): Finding[] {
  return lintDockerfile(text, options).filter((finding) => finding.rule === rule);
}

/** `<line>:<column> <severity>` of each finding of one rule. */
export function places(rule: string, text: string, options: LintOptions = {}): string[] {
  return found(rule, text, options).map(({ line, column, severity }) => `${line}:${column} ${severity}`);
}

/** Fails unless the whole file, mended, is exactly this, and nothing of the rule is left in it. */
export function mends(rule: string, text: string, mended: string): void {
  const fixed = fixDockerfile(text);
  assert.equal(fixed.text, mended);
  assert.deepEqual(found(rule, fixed.text), []);
  assert.equal(fixDockerfile(fixed.text).text, fixed.text);
}

/** Fails unless the rule finds something, offers no mend, and leaves the file as it is. */
export function leaves(rule: string, text: string): void {
  const findings = found(rule, text);
  assert.ok(findings.length > 0, `${rule} finds nothing`);
  assert.ok(
    findings.every((finding) => finding.mend !== ""),
    "says what to do",
  );
  const fixed = fixDockerfile(text);
  assert.ok(found(rule, fixed.text).length > 0, `${rule} is mended:\n${fixed.text}`);
}

/** What guards a RUN against an empty secret, as lint writes it. */
export const guard = (path: string, id = "netrc") =>
  `test -s ${path} || { echo "the secret ${id} is empty" >&2; exit 1; }; \\`;

export const netrcMount = "--mount=type=secret,id=netrc,target=/run/secrets/netrc,required=true";
