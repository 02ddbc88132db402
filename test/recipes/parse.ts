/** A reader of Dockerfiles for tests: instructions as the front end sees them, with continued lines and here-documents. */

export interface Instruction {
  readonly keyword: string;
  /** The rest of the line, continued lines joined. */
  readonly text: string;
  /** Lines of its here-document. */
  readonly script: string;
}

export function instructions(dockerfile: string): Instruction[] {
  const lines = dockerfile.split("\n");
  const found: Instruction[] = [];
  for (let at = 0; at < lines.length; at++) {
    let line = lines[at]!.trim();
    if (line === "" || line.startsWith("#")) continue;
    while (/\\[ \t]*$/.test(line)) line = line.replace(/\\[ \t]*$/, "") + lines[++at]!.trim();
    const [, keyword, text] = /^(\S+)\s*(.*)$/s.exec(line)!;
    const end = /^(RUN|COPY|ADD)$/i.test(keyword!) ? /<<-?"?([A-Za-z]+)"?/.exec(text!)?.[1] : undefined;
    const script: string[] = [];
    if (end !== undefined) while (lines[++at] !== end) script.push(lines[at]!);
    found.push({ keyword: keyword!.toUpperCase(), text: text!, script: script.join("\n") });
  }
  return found;
}

export interface Stage {
  readonly from: string;
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

export function stages(dockerfile: string): Stage[] {
  const all: { from: string; name: string; instructions: Instruction[] }[] = [];
  for (const instruction of instructions(dockerfile)) {
    if (instruction.keyword === "FROM") {
      const [from, , name] = instruction.text.split(/\s+/);
      all.push({ from: from!, name: name!, instructions: [] });
    } else all.at(-1)!.instructions.push(instruction);
  }
  return all;
}

/** The value of a double-quoted word, as the front end reads it; fails on an unescaped `$` or quote. */
export function unquoted(word: string): string {
  const inner = /^"((?:[^"\\$]|\\.)*)"$/su.exec(word)?.[1];
  if (inner === undefined) throw new Error(`not one closed quoted word: ${word}`);
  return inner.replace(/\\([\\"$])/g, "$1");
}

/** The text that bake makes of a template in which only `${"…"}` stands; fails on any other expression. */
export function evaluated(template: string): string {
  const rest = template.replace(/\$\{"[$%]"\}/g, "");
  if (/[$%]\{/.test(rest)) throw new Error(`an expression is left: ${template}`);
  return template.replace(/\$\{"([$%])"\}/g, "$1");
}
