/** A second index: pip takes the highest version of either, so whoever publishes a private package's name upstream wins. */
import type { Report, Rule } from "../finding";
import { pipSetting, settingsOf } from "../assignments";
import { indexOptions, installerOf } from "../installers";
import { isExtraIndexName } from "../names";
import { planWithout } from "../credential-plan";
import { onlyIndex } from "../mending";
import type { Edit } from "../source";
import { commandsOf, type Run, type Subject } from "../subject";
import { readersOf } from "../uses";
import type { Definition } from "../variables";

const WHY =
  "pip has no order of indexes: the highest version of either wins, so a stranger's package of the same name upstream is installed in place of yours.";
const UV_WHY =
  "uv looks into the extra index first, but takes what that lacks, such as a misspelt name, from the other one.";
export const EXTRA_INDEX_MEND =
  "Make the feed the only index; a feed with the public index as its upstream has all packages.";

export const extraIndexUrl: Rule = {
  id: "extra-index-url",
  severity: "error",
  about: "An index beside another one, such as --extra-index-url: dependency confusion.",
  check(subject) {
    return [
      ...subject.runs.flatMap((run) => inRun(run)),
      ...subject.variables.definitions.flatMap((definition) => inVariable(subject, definition)),
      ...subject.runs.flatMap((run) => inMount(subject, run)),
      ...subject.dockerfile.instructions.flatMap(({ keyword, documents }) =>
        keyword === "RUN"
          ? []
          : documents.flatMap(({ content }) => extraIndexLines(content.text, (index) => content.toFile(index))),
      ),
    ];
  },
};

function extra(start: number, end: number, what: string, fix: readonly Edit[] | undefined, uv = false): Report {
  return { start, end, what, why: uv ? UV_WHY : WHY, mend: EXTRA_INDEX_MEND, fix, severity: uv ? "advice" : "error" };
}

function inRun(run: Run): Report[] {
  return commandsOf(run).flatMap(({ script, command }) => {
    const at = (start: number, end: number) => [script.joined.toFile(start), script.joined.toFileEnd(end)] as const;
    const editable = !run.instruction.onbuild && run.instruction.json === undefined;
    const options = indexOptions(command)
      .filter(({ kind }) => kind === "extra")
      .map((option) => {
        const fix = editable ? onlyIndex(script, command, option) : undefined;
        return extra(
          ...at(option.flagStart, option.end),
          `${option.flag} adds an index beside the other one`,
          fix,
          installerOf(command) === "uv",
        );
      });
    const names = settingsOf(script, command).filter(
      ({ name, value }) => isExtraIndexName(name) && readersOf(name).length > 0 && value !== "",
    );
    const settings = names.map(({ name, start, nameEnd, end }) => {
      const [from, to] = at(start, nameEnd);
      const taken = run.instruction.whole.text.includes(mainName(name) + "=");
      const fix = taken || names.length > 1 ? undefined : [{ start: from, end: to, text: mainName(name) }];
      return extra(
        from,
        script.joined.toFileEnd(end),
        `${name} adds an index beside the other one`,
        fix,
        name.startsWith("UV_"),
      );
    });
    const configured = pipSetting(command);
    if (configured?.key !== "extra-index-url") return [...options, ...settings];
    const [from, to] = at(configured.start, configured.end);
    const taken = /\bindex-url\b/.test(run.instruction.whole.text.replace(/extra-index-url/g, ""));
    const fix = taken || !editable ? undefined : [{ start: from, end: to, text: "index-url" }];
    return [...options, ...settings, extra(from, to, "pip's configuration gets an index beside the other one", fix)];
  });
}

/** `PIP_INDEX_URL` for `PIP_EXTRA_INDEX_URL`. */
function mainName(name: string): string {
  return name.startsWith("UV_") ? "UV_DEFAULT_INDEX" : "PIP_INDEX_URL";
}

function inVariable(subject: Subject, definition: Definition): Report[] {
  const { name, kind, value, property, instruction, stage } = definition;
  if (!isExtraIndexName(name) || readersOf(name).length === 0 || (kind === "ENV" && value === "")) return [];
  const end = property.start + name.length;
  const used = subject.dockerfile.source.text.split(name).length > 2;
  const taken = subject.variables.visible(mainName(name), stage, Number.POSITIVE_INFINITY) !== undefined;
  const reason = subject.variables.reason(definition);
  // An argument's name is known to those who give it a value: it goes only together with its credential.
  const fix =
    reason !== undefined
      ? reason.by === "value"
        ? undefined
        : planWithout(subject, definition)
      : kind === "ENV" && !used && !taken && !instruction.onbuild
        ? [{ start: property.start, end, text: mainName(name) }]
        : undefined;
  return [
    extra(
      property.start,
      property.end,
      `${kind} ${name} adds an index beside the other one`,
      fix,
      name.startsWith("UV_"),
    ),
  ];
}

function inMount(subject: Subject, run: Run): Report[] {
  return run.secrets.flatMap(({ flag, variable }) => {
    if (variable === undefined || !isExtraIndexName(variable) || readersOf(variable).length === 0) return [];
    const what = `the secret ${variable} adds an index beside the other one`;
    const fix = renamed(subject, run, variable);
    return [extra(flag.start, flag.end, what, fix, variable.startsWith("UV_"))];
  });
}

/** The variable under the main index's name, wherever the RUN names it. */
function renamed(subject: Subject, run: Run, variable: string): Edit[] | undefined {
  const { start, end, onbuild } = run.instruction;
  const text = subject.dockerfile.source.text.slice(start, end);
  const name = mainName(variable);
  if (onbuild || new RegExp(`\\b${name}\\b`).test(text)) return undefined;
  return Array.from(text.matchAll(new RegExp(`\\b${variable}\\b`, "g")), ({ index }) => ({
    start: start + index,
    end: start + index + variable.length,
    text: name,
  }));
}

/** Lines of a requirements file or a pip.conf that add an index. */
export function extraIndexLines(text: string, toFile: (index: number) => number): Report[] {
  return Array.from(text.matchAll(/^[ \t]*(?:--)?extra-index-url(?=[ \t=])[^\n\r]*/gm), (match) =>
    extra(
      toFile(match.index),
      toFile(match.index + match[0].length - 1) + 1,
      "extra-index-url adds an index beside the other one",
      undefined,
    ),
  );
}
