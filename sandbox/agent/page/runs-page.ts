/** The first page: what the agents do now, and all runs, the newest first. */
import type { RunRecord, StepRecord } from "../model";
import { html, type Html } from "./html";
import type { AgentView } from "./options";
import { statusSign } from "./status-sign";
import {
  count,
  describeBranch,
  describeDay,
  describeStatus,
  duration,
  relativeTime,
  statusOf,
  clockTime,
} from "./words";

export interface RunsView {
  /** The newest first. */
  readonly runs: readonly RunRecord[];
  readonly agents: readonly AgentView[];
  readonly now: Date;
  /** Id of the pipeline whose runs are shown; absent for all. */
  readonly pipeline: number | undefined;
}

/** As runs are told apart: the name of the pipeline and the number of the run. */
export function runName({ pipeline, number }: RunRecord): string {
  return `${pipeline.name} ${number}`;
}

/** Tags, and what is in words on the second line of a run. */
function about(run: RunRecord): Html {
  const tags = run.tags.map((tag) => html` <span class="tag">${tag}</span>`);
  return html`<span class="because">${run.because}</span>${tags}`;
}

function place({ branch, commit }: RunRecord): Html {
  const name = describeBranch(branch);
  return html`<span class="branch" title="${branch}">${name}</span> <code class="commit">${commit.slice(0, 7)}</code>`;
}

function queued(run: RunRecord, now: Date): Html {
  const at = new Date(run.queuedAt);
  const exact = Number.isNaN(at.getTime()) ? "" : clockTime(at);
  return html`${relativeTime(run.queuedAt, now)} <span class="exact">${exact}</span>`;
}

function row(run: RunRecord, now: Date): Html {
  const status = statusOf(run);
  return html`<li class="run ${status}" id="run-${run.id}" data-live="run-${run.id}">
    <div class="state">${statusSign(status)}</div>
    <div class="what">
      <a class="cover" href="/runs/${run.id}">${run.pipeline.name} <span class="number">${run.number}</span></a>
      <p>${about(run)}</p>
    </div>
    <div class="where">${place(run)}</div>
    <div class="when">${queued(run, now)}</div>
    <div class="took">${duration(run) ?? html`<span class="quiet">${describeStatus(status)}</span>`}</div>
  </li> `;
}

/** The step that goes on, or the one that is next. */
function currentStep(steps: readonly StepRecord[]): StepRecord | undefined {
  return steps.find(({ state }) => state === "running") ?? steps.find(({ state }) => state === "pending");
}

function agentCard(agent: AgentView, run: RunRecord | undefined): Html {
  const name = html`<h3>Agent ${agent.number}</h3>`;
  if (run === undefined) {
    return html`<li class="agent idle" data-live="agent-${agent.number}">
      ${name}
      <p class="doing quiet">Idle</p>
      <p class="step quiet">Waits for a job</p>
    </li>`;
  }
  const step = currentStep(run.steps);
  return html`<li class="agent busy" data-live="agent-${agent.number}">
    ${name}
    <p class="doing">
      ${statusSign("running")} <a class="cover" href="/runs/${run.id}">${runName(run)}</a> ${duration(run)}
    </p>
    <p class="step">${step?.displayName ?? "Getting ready"}</p>
  </li>`;
}

function waitingCard(runs: readonly RunRecord[]): Html {
  const waiting = runs.filter(({ state }) => state === "queued");
  const names = waiting.map(({ pipeline }) => pipeline.name).join(", ");
  return html`<li class="agent queue" data-live="queue">
    <h3>Queue</h3>
    <p class="doing${waiting.length === 0 ? " quiet" : ""}">
      ${waiting.length === 0 ? "Empty" : `${waiting.length} waiting`}
    </p>
    <p class="step quiet">${names === "" ? "Nothing waits for an agent" : names}</p>
  </li>`;
}

function dayName(day: Date, now: Date): string {
  const at = (date: Date) => Math.floor(date.getTime() / 86_400_000);
  const before = at(now) - at(day);
  if (before === 0) return `Today, ${describeDay(day)}`;
  return before === 1 ? `Yesterday, ${describeDay(day)}` : describeDay(day);
}

function byDay(runs: readonly RunRecord[], now: Date): Html[] {
  const days = new Map<string, RunRecord[]>();
  for (const run of runs) {
    const day = run.queuedAt.slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), run]);
  }
  return [...days].map(
    ([day, found]) =>
      html`<section class="day" aria-labelledby="day-${day}">
        <h3 id="day-${day}" data-live="day-${day}">
          ${dayName(new Date(`${day}T00:00:00Z`), now)} <span class="quiet">${count(found.length, "run")}</span>
        </h3>
        <ol class="runs rows">
          ${found.map((run) => row(run, now))}
        </ol>
      </section>`,
  );
}

function filters(runs: readonly RunRecord[], chosen: number | undefined): Html | undefined {
  const pipelines = new Map(runs.map(({ pipeline }) => [pipeline.id, pipeline.name]));
  if (pipelines.size < 2 && chosen === undefined) return undefined;
  const current = (isChosen: boolean) => (isChosen ? html`aria-current="true"` : undefined);
  const sorted = [...pipelines].sort(([, a], [, b]) => a.localeCompare(b, "en"));
  const links = sorted.map(
    ([id, name]) => html`<li><a href="/?pipeline=${id}" ${current(id === chosen)}>${name}</a></li>`,
  );
  return html`<nav class="filters" aria-label="Pipelines">
    <ul>
      <li><a href="/" ${current(chosen === undefined)}>All pipelines</a></li>
      ${links}
    </ul>
  </nav>`;
}

const empty = html`<div class="empty">
  <h3>No pipeline has run yet</h3>
  <p>
    Runs appear here by themselves. <code>npm start</code> makes the platform and starts the first ones; so does a push
    to a repository that has a pipeline.
  </p>
</div>`;

const emptyFilter = html`<div class="empty">
  <h3>This pipeline has not run yet</h3>
  <p><a href="/">Show the runs of all pipelines</a></p>
</div>`;

export function runsPage({ runs, agents, now, pipeline }: RunsView): Html {
  const shown = pipeline === undefined ? runs : runs.filter((run) => run.pipeline.id === pipeline);
  const nothing = pipeline === undefined ? empty : emptyFilter;
  const cards = agents.map((agent) =>
    agentCard(
      agent,
      runs.find(({ id }) => id === agent.run),
    ),
  );
  return html`<h1 class="unseen">Runs</h1>
    <section class="now" aria-labelledby="now">
      <h2 id="now" class="unseen">Now</h2>
      <ul class="agents">
        ${cards}${waitingCard(runs)}
      </ul>
    </section>
    <section class="history" aria-labelledby="history">
      <div class="bar">
        <h2 id="history">Runs</h2>
        <button type="button" id="fresh" hidden></button>
      </div>
      <div id="list" data-list>${filters(runs, pipeline)}${shown.length === 0 ? nothing : byDay(shown, now)}</div>
    </section>`;
}
