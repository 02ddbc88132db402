/** One line of a step's log: what the agent's marks in it mean, without the colours of a terminal. */
import { html, type Html } from "./html";
import { grouped } from "./words";

export type LineKind = "plain" | "error" | "warning" | "section" | "command" | "group" | "debug";

export interface LogLine {
  /** From 1 on. */
  readonly number: number;
  /** `09:05:12`, where the line says when it was written. */
  readonly time: string | undefined;
  readonly kind: LineKind;
  readonly text: string;
}

/** Escape sequences of terminals: CSI, OSC up to its end, and those of two or three signs (ECMA-48). */
const escapeSequence =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])|\u009b[0-?]*[ -/]*[@-~]/g;

const timestamp = /^\d{4}-\d{2}-\d{2}T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z ?/;
const mark = /^##\[(error|warning|section|command|group|endgroup|debug)\]|^\[(command)\]/;

/** As a terminal would leave it: without escape sequences, and of a line that was written over, what came last. */
export function withoutTerminal(text: string): string {
  const clean = text.replace(escapeSequence, "").replace(/\r+$/, "");
  return clean.slice(clean.lastIndexOf("\r") + 1);
}

/** @param line As it is in the file, without its end. */
export function readLine(line: string, number: number): LogLine {
  const time = timestamp.exec(line);
  const text = withoutTerminal(time === null ? line : line.slice(time[0].length));
  const found = mark.exec(text);
  const said = found?.[1] ?? found?.[2];
  const rest = found === null ? text : text.slice(found[0].length);
  const kind = said === undefined || said === "endgroup" ? "plain" : (said as LineKind);
  return { number, time: time?.[1], kind, text: rest };
}

const names: Partial<Record<LineKind, string>> = { error: "error", warning: "warning", debug: "debug" };

export function renderLine({ number, time, kind, text }: LogLine): Html {
  const name = names[kind];
  return html`<li id="L${number}" class="${kind}">
    <a class="number" href="#L${number}" tabindex="-1" aria-label="Line ${grouped(number)}">${number}</a
    >${time === undefined ? undefined : html`<span class="at">${time}</span>`}<code
      >${name === undefined ? undefined : html`<b>${name}</b> `}${text}</code
    >
  </li> `;
}
