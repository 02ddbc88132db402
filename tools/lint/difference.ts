/** The difference between two texts as a unified diff, which `patch` and people read. */

const CONTEXT = 3;
/** Beyond it the table of common lines would take too much memory; the texts are then shown as replaced. */
const LARGEST_TABLE = 4_000_000;

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** `""` where the texts are the same. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = compare(before.split("\n"), after.split("\n"));
  return [`--- ${file}`, `+++ ${file}`, ...hunks(lines), ""].join("\n");
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++;
  const same = (lines: readonly string[]) => lines.map((text): Line => ({ sign: " ", text }));
  const middle = between(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...same(before.slice(0, head)), ...middle, ...same(before.slice(before.length - tail))];
}

/** The longest common subsequence, by its table. */
function between(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const tooLarge = (before.length + 1) * width > LARGEST_TABLE;
  const table = new Uint32Array(tooLarge ? 0 : (before.length + 1) * width);
  const common = (row: number, column: number) => table[row * width + column] ?? 0;
  if (!tooLarge) {
    for (let row = before.length - 1; row >= 0; row--) {
      for (let column = after.length - 1; column >= 0; column--) {
        const longer = Math.max(common(row + 1, column), common(row, column + 1));
        table[row * width + column] = before[row] === after[column] ? common(row + 1, column + 1) + 1 : longer;
      }
    }
  }
  const lines: Line[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    const [old, now] = [before[row], after[column]];
    if (!tooLarge && old !== undefined && old === now) {
      lines.push({ sign: " ", text: old });
      row++;
      column++;
    } else if (
      old !== undefined &&
      (now === undefined || tooLarge || common(row + 1, column) >= common(row, column + 1))
    ) {
      lines.push({ sign: "-", text: old });
      row++;
    } else {
      lines.push({ sign: "+", text: now ?? "" });
      column++;
    }
  }
  return lines;
}

function hunks(lines: readonly Line[]): string[] {
  const shown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== " "),
  );
  const parts: string[] = [];
  let [before, after] = [1, 1];
  for (let at = 0; at < lines.length;) {
    const end = shown[at] === true ? endOf(shown, at) : at + 1;
    const part = lines.slice(at, end);
    const [removed, added] = [
      part.filter(({ sign }) => sign !== "+").length,
      part.filter(({ sign }) => sign !== "-").length,
    ];
    if (shown[at] === true) {
      parts.push(`@@ -${before},${removed} +${after},${added} @@`, ...part.map(({ sign, text }) => sign + text));
    }
    before += removed;
    after += added;
    at = end;
  }
  return parts;
}

function endOf(shown: readonly boolean[], start: number): number {
  const end = shown.indexOf(false, start);
  return end < 0 ? shown.length : end;
}
