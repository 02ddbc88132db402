/** One step's log: a page of its lines, with those that come while it runs. */
import type { RunRecord, StepRecord } from "../model";
import { html, type Html } from "./html";
import { renderLine, type LogLine } from "./log-line";
import { stepAddress } from "./run-page";
import { runName } from "./runs-page";
import { statusBadge, statusSign } from "./status-sign";
import { count, duration, grouped, statusOf } from "./words";

/** Lines on one page of a log. */
export const pageLines = 1000;

export interface StepView {
  readonly run: RunRecord;
  readonly step: StepRecord;
  /** From 0 on. */
  readonly index: number;
  readonly lines: readonly LogLine[];
  /** Lines of the whole log. */
  readonly total: number;
  readonly bytes: string;
  /** Numbers of the first lines that are errors. */
  readonly errors: readonly number[];
  /** Number of the first line that would be on the page. */
  readonly first: number;
}

/** Number of the first line of the page that a line is on. */
export function pageStart(line: number): number {
  return Math.floor((Math.max(1, line) - 1) / pageLines) * pageLines + 1;
}

/** Where the log is opened when no line is asked for: a log that goes on or that failed is of most interest at its end. */
export function usualStart(step: StepRecord, total: number): number {
  const status = statusOf(step);
  return status === "running" || status === "failed" ? pageStart(total) : 1;
}

function pager({ run, index, total, first, lines }: StepView): Html {
  const last = pageStart(Math.max(1, total));
  const address = (line: number) => `${stepAddress(run.id, index)}?line=${line}`;
  const link = (name: string, line: number, isThere: boolean) =>
    isThere
      ? html`<a href="${address(line)}">${name}</a>`
      : html`<span class="quiet" aria-disabled="true">${name}</span>`;
  const end = first + lines.length - 1;
  const range = total === 0 ? "No lines yet" : `Lines ${grouped(first)}–${grouped(Math.max(end, first))}`;
  return html`<nav class="pager" aria-label="Pages of the log">
    <p><span id="range">${range}</span> of <span id="total">${grouped(total)}</span></p>
    ${total > pageLines && html`<p class="moves">${link("First", 1, first > 1)}${link("Earlier", first - pageLines, first > 1)}${link("Later", first + pageLines, first < last)}${link("Last", last, first < last)}</p>`}
  </nav>`;
}

function errorLinks({ run, index, errors }: StepView): Html | undefined {
  if (errors.length === 0) return undefined;
  const links = errors
    .slice(0, 5)
    .map(
      (line) =>
        html` <a href="${stepAddress(run.id, index)}?line=${pageStart(line)}#L${line}">line ${grouped(line)}</a>`,
    );
  return html`<p class="errors">${count(errors.length, "error")}:${links}${errors.length > 5 ? " …" : undefined}</p>`;
}

function neighbours(run: RunRecord, current: number): Html {
  const items = run.steps.map((step, index) => {
    const status = statusOf(step);
    const name = html`${statusSign(status)} <span>${step.displayName}</span>`;
    const mark = index === current ? html`aria-current="page"` : undefined;
    const link =
      step.log === undefined
        ? html`<span class="quiet">${name}</span>`
        : html`<a href="${stepAddress(run.id, index)}" ${mark}>${name}</a>`;
    return html`<li data-live="side-${index}">${link}</li>`;
  });
  return html`<nav class="side steps-of-run" aria-label="Steps of the run">
    <h2>Steps</h2>
    <ol>
      ${items}
    </ol>
  </nav>`;
}

function emptyLog(step: StepRecord): Html {
  const word =
    step.state === "completed"
      ? "The step wrote nothing."
      : "Nothing was written yet; lines appear here by themselves.";
  return html`<p class="empty-log quiet" id="empty-log">${word}</p>`;
}

export function stepPage(view: StepView): Html {
  const { run, step, index, lines, total, first } = view;
  const isAtEnd = first >= pageStart(Math.max(1, total));
  const goesOn = step.state !== "completed" && isAtEnd;
  const next = first + lines.length;
  const follow = goesOn
    ? html`data-follow="/api/runs/${run.id}/steps/${index + 1}/follow" data-next="${next}"`
    : undefined;
  return html`<p class="trail">
      <a href="/">Runs</a> <span aria-hidden="true">›</span> <a href="/runs/${run.id}">${runName(run)}</a>
    </p>
    <header class="head" data-live="head">
      <h1>${step.displayName}</h1>
      ${statusBadge(statusOf(step))} ${duration(step)}
    </header>
    <div class="reader">
      ${neighbours(run, index)}
      <section class="log-room" aria-label="Log">
        <div class="tools">
          ${pager(view)}
          <p class="whole">
            <a href="${stepAddress(run.id, index)}/log">Whole log</a> <span class="quiet">${view.bytes}</span>
          </p>
        </div>
        ${errorLinks(view)}
        <ol class="log" id="log" role="log" aria-live="off" aria-label="Lines of the log" tabindex="0" ${follow}>
          ${lines.map(renderLine)}
        </ol>
        ${total === 0 ? emptyLog(step) : undefined}
        ${goesOn ? html`<p class="going" id="going" role="status"><button type="button" id="bottom" aria-pressed="true">Following</button> <span class="quiet">New lines appear here by themselves.</span></p>` : undefined}
      </section>
    </div>`;
}
