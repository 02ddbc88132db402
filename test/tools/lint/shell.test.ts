/** Scripts as lint reads them. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { readShell } from "../../../tools/lint/shell";
import { startProcessorTime } from "../../processor-time";

const words = (text: string) => readShell(text).map((command) => command.words.map((word) => word.text));

describe("readShell", () => {
  it("tells commands, assignments, redirections and comments apart", () => {
    const [first, second] = readShell("A=1 B='x y' cmd \"a b\" >f 2>&1 && next # comment && none\n");
    assert.deepEqual(
      first!.assignments.map(({ name, value }) => [name, value.text]),
      [
        ["A", "1"],
        ["B", "x y"],
      ],
    );
    assert.deepEqual(
      first!.words.map(({ text }) => text),
      ["cmd", "a b"],
    );
    assert.deepEqual(
      first!.redirections.map(({ operator, target }) => operator + (target?.text ?? "")),
      [">f", ">&1"],
    );
    assert.equal(first!.separator, "&&");
    assert.deepEqual(
      second!.words.map(({ text }) => text),
      ["next"],
    );
  });

  it("sees commands within conditions, loops, groups, subshells and substitutions", () => {
    const text = 'if a; then b "$(c `d`)"; fi; for x in 1; do e; done; (f; { g; }) && h';
    const programs = words(text).map(([program]) => program);
    for (const name of "abcdefgh") assert.ok(programs.includes(name), name);
  });

  it("knows which variables are expanded", () => {
    const [command] = readShell("echo $A \"${B:-$C}\" '$D' \\$E $(echo $F)").filter(({ nested }) => !nested);
    assert.deepEqual(
      command!.words.flatMap(({ variables }) => variables.map(({ name }) => name)),
      ["A", "B", "C"],
    );
  });

  it("reads here-documents, of which one can have its tabs stripped", () => {
    const [command, next] = readShell("cat <<A <<-'B' | x\none\nA\n\ttwo\n\tB\ny\n");
    assert.deepEqual(
      command!.redirections.map(({ document }) => document?.text),
      ["one\n", "\ttwo\n"],
    );
    assert.equal(next!.words[0]!.text, "x");
    assert.deepEqual(words("cat <<A\n$(x)\nA\ny\n"), [["cat"], ["y"]]);
  });

  it("reads any text, with offsets in it", () => {
    const shellish = fc.string({ unit: fc.constantFrom(...Array.from("ab=$'\"`(){}<>&|;#\\\n \t-!")) });
    fc.assert(
      fc.property(fc.oneof(shellish, fc.string()), (text) => {
        for (const { start, end, words: all } of readShell(text)) {
          assert.ok(start >= 0 && start <= end && end <= text.length);
          for (const word of all) assert.ok(word.start >= start && word.end <= end && word.start <= word.end);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("reads deep nesting and long texts in time", () => {
    const taken = startProcessorTime();
    readShell("$(".repeat(20_000));
    readShell("(".repeat(20_000));
    readShell("${a:-".repeat(20_000));
    readShell("\"$('".repeat(20_000));
    readShell("a ".repeat(100_000));
    readShell("<<A\n".repeat(5_000));
    assert.ok(taken() < 5_000);
  });
});
