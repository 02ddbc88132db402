/** Shows a run's summary: the part of Markdown that summaries are written in. All else in it, HTML and links too, stays text. */
import { Html, html } from "./html";

/** The entities that Markdown's writers escape with: numbers, and those that HTML itself needs. */
const entity = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|nbsp));/gi;
const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };

function decode(text: string): string {
  return text.replace(entity, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return named[name.toLowerCase()] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) ? String.fromCodePoint(point) : whole;
  });
}

/** Code and strong words; a backslash takes the meaning off the sign after it. */
function inline(text: string): Html {
  const parts: Html[] = [];
  const pattern = /`([^`]+)`|\*\*(?=\S)([^*]*[^*\s])\*\*|\\([!-/:-@[-`{-~])/g;
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(html`${decode(text.slice(from, match.index))}`);
    const [whole, code, strong, escaped] = match;
    if (code !== undefined) parts.push(html`<code>${code}</code>`);
    else if (strong !== undefined) parts.push(html`<strong>${decode(strong)}</strong>`);
    else parts.push(html`${escaped}`);
    from = match.index + whole.length;
  }
  return html`${parts}${decode(text.slice(from))}`;
}

function cells(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim());
}

/** The line below a table's head. */
function isDelimiterRow(line: string): boolean {
  return line.includes("-") && cells(line).every((cell) => /^:?-+:?$/.test(cell));
}

/** No pattern here has two parts that take the same signs one after the other: such ones take for ever on a long line. */
const heading = /^(#{1,6})\s(.*)$/;
const item = /^\s{0,3}[-*+]\s+(.*)$/;
const fence = /^\s{0,3}(`{3,}|~{3,})/;

/** Reads blocks from a list of lines, each reader taking as many as are its own. */
class Blocks {
  private at = 0;

  public constructor(private readonly lines: readonly string[]) {}

  public all(): Html[] {
    const found: Html[] = [];
    while (this.at < this.lines.length) {
      const block = this.next();
      if (block !== undefined) found.push(block);
    }
    return found;
  }

  private get line(): string {
    return this.lines[this.at] ?? "";
  }

  private next(): Html | undefined {
    if (this.line.trim() === "") {
      this.at += 1;
      return undefined;
    }
    if (fence.test(this.line)) return this.code();
    const title = heading.exec(this.line);
    if (title !== null) {
      this.at += 1;
      return headline(title[1]?.length ?? 1, (title[2] ?? "").trim());
    }
    if (this.line.includes("|") && isDelimiterRow(this.lines[this.at + 1] ?? "")) return this.table();
    return item.test(this.line) ? this.list() : this.paragraph();
  }

  private code(): Html {
    const end = fence.exec(this.line)?.[1] ?? "```";
    const lines: string[] = [];
    for (this.at += 1; this.at < this.lines.length && !this.line.trim().startsWith(end); this.at += 1) {
      lines.push(this.line);
    }
    this.at += 1;
    return html`<pre><code>${lines.join("\n")}</code></pre>`;
  }

  private table(): Html {
    const head = cells(this.line);
    const right = cells(this.lines[this.at + 1] ?? "").map((cell) => /^-+:$/.test(cell));
    const rows: string[][] = [];
    for (this.at += 2; this.line.includes("|"); this.at += 1) rows.push(cells(this.line));
    const side = (index: number) => (right[index] === true ? html`class="right"` : undefined);
    const cell = (text: string, index: number) => {
      // A digest has no place to break, and would make the table wider than the page.
      const classes = [right[index] === true ? "right" : "", /\S{41}/.test(decode(text)) ? "long" : ""]
        .join(" ")
        .trim();
      return html`<td class="${classes}">${inline(text)}</td>`;
    };
    const row = (line: readonly string[]) =>
      html`<tr>
        ${head.map((_, index) => cell(line[index] ?? "", index))}
      </tr>`;
    const titles = head.map((title, index) => html`<th scope="col" ${side(index)}>${inline(title)}</th>`);
    // Wider than a phone, so it scrolls by itself, with the keyboard too.
    return html`<div class="scroll" tabindex="0" role="group" aria-label="Table">
      <table>
        <thead>
          <tr>
            ${titles}
          </tr>
        </thead>
        <tbody>
          ${rows.map(row)}
        </tbody>
      </table>
    </div>`;
  }

  private list(): Html {
    const items: Html[] = [];
    for (let found = item.exec(this.line); found !== null; found = item.exec(this.line)) {
      items.push(html`<li>${inline(found[1] ?? "")}</li>`);
      this.at += 1;
    }
    return html`<ul>
      ${items}
    </ul>`;
  }

  private paragraph(): Html {
    const lines = [this.line];
    for (this.at += 1; this.continues(); this.at += 1) lines.push(this.line);
    return html`<p>${inline(lines.join("\n"))}</p>`;
  }

  private continues(): boolean {
    const { line } = this;
    return line.trim() !== "" && !heading.test(line) && !item.test(line) && !fence.test(line);
  }
}

/** A summary's headings come below those of the page. */
function headline(level: number, text: string): Html {
  const name = new Html(`h${Math.min(6, Math.max(3, level))}`);
  return html`<${name}>${inline(text)}</${name}>`;
}

export function renderMarkdown(text: string): Html {
  return html`${new Blocks(text.split(/\r?\n/)).all()}`;
}
