/** One run: why it started, its steps with their times, what they complained about, and what it left. */
import type { Issue, RunRecord, StepRecord } from "../model";
import { html, type Html } from "./html";
import { statusBadge, statusSign } from "./status-sign";
import {
  describeBranch,
  describeStatus,
  duration,
  exactTime,
  relativeTime,
  spanOf,
  statusOf,
  type Status,
} from "./words";

export interface RunView {
  readonly run: RunRecord;
  readonly now: Date;
  /** As HTML already, in their order. */
  readonly summaries: readonly Html[];
  /** Whether the expanded pipeline can be shown. */
  readonly hasPipelineText: boolean;
}

export function stepAddress(run: number, index: number): string {
  return `/runs/${run}/steps/${index + 1}`;
}

/** Where a step's bar lies between the run's first and last moment: thousandths. */
function bar(step: StepRecord, run: RunRecord): Html | undefined {
  const whole = spanOf(run);
  const span = spanOf(step);
  if (whole === undefined || span === undefined || run.startedAt === undefined || step.startedAt === undefined) return;
  // While the run goes on its whole length is not known, and bars that shrink tell nothing.
  if (run.state !== "completed" || whole === 0) return undefined;
  const offset = new Date(step.startedAt).getTime() - new Date(run.startedAt).getTime();
  const part = (milliseconds: number) => Math.round((1000 * Math.min(Math.max(0, milliseconds), whole)) / whole);
  const width = Math.max(4, part(span));
  const x = Math.min(part(offset), 1000 - width);
  return html`<svg
    class="timeline ${statusOf(step)}"
    viewBox="0 0 1000 4"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    <rect x="${x}" y="0" width="${width}" height="4" />
  </svg>`;
}

function issueCount(issues: readonly Issue[]): Html | undefined {
  const errors = issues.filter(({ type }) => type === "error").length;
  const warnings = issues.length - errors;
  if (issues.length === 0) return undefined;
  const said = [
    errors === 0 ? undefined : `${errors} ${errors === 1 ? "error" : "errors"}`,
    warnings === 0 ? undefined : `${warnings} ${warnings === 1 ? "warning" : "warnings"}`,
  ];
  return html` <span class="count ${errors > 0 ? "failed" : ""}"
    >${said.filter((part) => part !== undefined).join(", ")}</span
  >`;
}

function stepRow(run: RunRecord, step: StepRecord, index: number): Html {
  const status = statusOf(step);
  const hasLog = step.log !== undefined;
  const name = hasLog
    ? html`<a class="cover" href="${stepAddress(run.id, index)}">${step.displayName}</a>`
    : html`<span>${step.displayName}</span>`;
  const took = status === "skipped" ? html`<span class="quiet">${describeStatus(status)}</span>` : duration(step);
  return html`<li class="step ${status}" data-live="step-${index}">
    <div class="state">${statusSign(status)}</div>
    <div class="what">${name}${issueCount(step.issues)}</div>
    <div class="took">${took}</div>
    <div class="track">${bar(step, run)}</div>
  </li> `;
}

function firstError(run: RunRecord): { message: string; place: Html | undefined } | undefined {
  const own = run.issues.find(({ type }) => type === "error");
  if (own !== undefined) return { message: own.message, place: undefined };
  for (const [index, step] of run.steps.entries()) {
    const issue = step.issues.find(({ type }) => type === "error");
    const failed = statusOf(step) === "failed";
    if (!failed) continue;
    const place = html`<a href="${stepAddress(run.id, index)}">${step.displayName}</a>`;
    return { message: issue?.message ?? "The step failed; its log says why.", place };
  }
  return undefined;
}

/** One sentence on how it stands. Its place is kept from the beginning, so that nothing moves when it comes. */
function verdict(run: RunRecord, status: Status): Html {
  const error = firstError(run);
  if (status === "failed" && error !== undefined) {
    return html`${error.place === undefined ? "Refused before any step ran: " : html`${error.place}: `}<span
        class="message"
        >${error.message}</span
      >`;
  }
  const running = run.steps.find(({ state }) => state === "running");
  const sentences: Readonly<Record<Status, string | Html>> = {
    queued: "Waits for an agent that is free.",
    running: running === undefined ? "An agent gets ready." : html`Now: ${running.displayName}`,
    succeeded: "Every step went well.",
    issues: "It went through to the end, with issues that are worth a look.",
    failed: "It failed; the log of the last step says why.",
    canceled: "It was canceled before its end.",
    skipped: "It was skipped: its condition was not met.",
    pending: "",
  };
  return html`${sentences[status]}`;
}

function fact(name: string, value: Html | string | undefined, isWide = false): Html {
  return html`<div class="${isWide ? "wide" : ""}">
    <dt>${name}</dt>
    <dd>${value ?? html`<span class="quiet">–</span>`}</dd>
  </div>`;
}

function facts({ run, now }: RunView): Html {
  const { repository, pipeline } = run;
  const folder = pipeline.folder.replace(/\\+$/, "");
  const source = html`<a href="/?pipeline=${pipeline.id}">${folder}\\${pipeline.name}</a>`;
  return html`<dl class="facts" data-live="facts">
    ${fact("Started by", run.because)}
    ${fact("Branch", html`<span title="${run.branch}">${describeBranch(run.branch)}</span>`)}
    ${fact("Commit", html`<code title="${run.commit}">${run.commit.slice(0, 10)}</code>`)}
    ${fact("Repository", `${pipeline.project}/${repository.name}`)} ${fact("Pipeline", source)}
    ${fact("Queued", html`${exactTime(run.queuedAt)} <span class="quiet relative">${relativeTime(run.queuedAt, now)}</span>`)}
    ${fact("Duration", duration(run))} ${fact("Agent", run.agent === undefined ? undefined : `Agent ${run.agent}`)}
    ${fact(
      "Tags",
      run.tags.length === 0 ? undefined : html`${run.tags.map((tag) => html`<span class="tag">${tag}</span> `)}`,
      true,
    )}
    ${fact(
      "Artifacts",
      run.artifacts.length === 0
        ? undefined
        : html`${run.artifacts.map((name) => html`<a class="chip" href="/artifacts/${run.id}/${encodeURIComponent(name)}">${name}</a> `)}`,
      true,
    )}
  </dl>`;
}

function issueList(run: RunRecord): Html | undefined {
  const own = run.issues.map((issue) => ({ issue, place: html`The run` }));
  const ofSteps = run.steps.flatMap(({ issues, displayName }, index) =>
    issues.map((issue) => ({ issue, place: html`<a href="${stepAddress(run.id, index)}">${displayName}</a>` })),
  );
  const all = [...own, ...ofSteps];
  if (all.length === 0) return undefined;
  const items = all.map(
    ({ issue, place }) =>
      html`<li class="${issue.type}">
        ${statusSign(issue.type === "error" ? "failed" : "issues", true)}
        <div>
          <p class="place"><b>${issue.type === "error" ? "Error" : "Warning"}</b> in ${place}</p>
          <pre>${issue.message}</pre>
        </div>
      </li>`,
  );
  return html`<div class="bar"><h2>Issues</h2></div>
    <ul class="issue-list">
      ${items}
    </ul>`;
}

/** What matters most first: of a run that failed why, else what it made. All of it is one part, which has nothing below it. */
function results({ run, summaries }: RunView): Html {
  const issues = issueList(run);
  const summary =
    summaries.length > 0 &&
    html`<div class="bar"><h2>Summary</h2></div>
      ${summaries.map((text) => html`<article class="summary">${text}</article>`)}`;
  const word = run.state === "completed" ? "The run wrote none." : "It appears here when a step has written it.";
  const waits = html`<div class="bar"><h2>Summary</h2></div>
    <p class="waits">${word}</p>`;
  if (issues === undefined) return summary === false ? waits : summary;
  return statusOf(run) === "failed" ? html`${issues}${summary}` : html`${summary}${issues}`;
}

export function runPage(view: RunView): Html {
  const { run, hasPipelineText } = view;
  const status = statusOf(run);
  const steps = run.steps.map((step, index) => stepRow(run, step, index));
  const none = run.state === "completed" ? "No step was started." : "The steps are known when an agent takes the run.";
  const text = html`<a href="/runs/${run.id}/pipeline">The pipeline as it ran</a>`;
  const list =
    steps.length === 0
      ? html`<p class="waits" data-steps>${none}</p>`
      : html`<ol class="step-list rows" data-steps>
          ${steps}
        </ol>`;
  return html`<p class="trail"><a href="/">Runs</a></p>
    <header class="head" data-live="head">
      <h1>${run.pipeline.name} <span class="number">${run.number}</span></h1>
      ${statusBadge(status)}
      <p class="verdict">${verdict(run, status)}</p>
    </header>
    ${facts(view)}
    <div class="columns">
      <section class="steps">
        <div class="bar">
          <h2>Steps</h2>
          <p data-live="pipeline-text">${hasPipelineText && text}</p>
        </div>
        ${list}
      </section>
      <section class="results" data-live="results">${results(view)}</section>
    </div>`;
}
