/** The addresses of runs: `/`, `/runs` and `/artifacts`. */
import { pipeline } from "node:stream/promises";

import type { RunRecord, StepRecord } from "../model";
import { headersWith, nothingAt, sendJson, type Exchange } from "./answer";
import { artifactHeaders, artifactPage } from "./artifact-page";
import { html, type Html } from "./html";
import { serveLines } from "./live";
import { LogFiles, type LogFile } from "./log-file";
import { renderMarkdown } from "./markdown";
import type { PageOptions } from "./options";
import { inside, listFiles, openFile, readText } from "./run-files";
import { runPage } from "./run-page";
import { runName, runsPage } from "./runs-page";
import type { Content, Visit } from "./visit";
import { pageLines, pageStart, stepPage, usualStart } from "./step-page";
import { describeSize } from "./words";

interface FoundStep {
  readonly run: RunRecord;
  readonly step: StepRecord;
  readonly index: number;
  readonly log: LogFile;
}

export class RunRoom {
  private readonly logs = new LogFiles();

  public constructor(private readonly options: PageOptions) {}

  /** @returns `"sent"` for what is no page of HTML and was answered already */
  public async content(visit: Visit): Promise<Content | "sent"> {
    const { parts } = visit;
    const [room, id, kind, third] = parts;
    if (room === undefined || (room === "runs" && parts.length === 1)) return this.list(visit);
    if (room === "artifacts") return this.artifact(visit);
    if (room !== "runs") throw nothingAt(`there is no page /${parts.join("/")}`);
    const run = await this.run(id);
    if (kind === undefined) return this.runContent(run);
    if (kind === "pipeline" && parts.length === 3) return this.pipelineText(run);
    if (kind !== "steps" || parts.length > 5) throw nothingAt(`there is no page /${parts.join("/")}`);
    const found = await this.step(run, third);
    if (parts.length === 4) return this.stepContent(found, visit.query);
    if (parts[4] !== "log") throw nothingAt(`there is no page /${parts.join("/")}`);
    await sendFile(visit, found.log.file, { "content-type": "text/plain; charset=utf-8" });
    return "sent";
  }

  public async data(visit: Visit): Promise<void> {
    const [room, id, kind, third, last] = visit.parts;
    if (room !== "runs") throw nothingAt("there are /api/runs, /api/images and /api/events");
    if (id === undefined) {
      sendJson(visit, 200, { runs: await this.sorted(), now: this.options.clock().toISOString() });
      return;
    }
    const run = await this.run(id);
    if (kind === undefined) {
      sendJson(visit, 200, run);
      return;
    }
    if (kind !== "steps" || visit.parts.length !== 5)
      throw nothingAt(`of a run there are /steps/<number>/log and /follow`);
    const found = await this.step(run, third);
    const from = positive(visit.query.get("line")) ?? 1;
    if (last === "follow") {
      const isWhole = async () => {
        const now = await this.options.runs.get(run.id);
        return now === undefined || now.state === "completed" || now.steps[found.index]?.state === "completed";
      };
      await serveLines(visit, { log: found.log, from, isWhole });
    } else if (last === "log") {
      const { lines: total } = await found.log.extent(found.step.state === "completed");
      sendJson(visit, 200, { total, lines: await found.log.read(from, pageLines) });
    } else {
      throw nothingAt(`of a run there are /steps/<number>/log and /follow`);
    }
  }

  private async sorted(): Promise<RunRecord[]> {
    return [...(await this.options.runs.list())].sort((a, b) => b.id - a.id);
  }

  private async list({ query }: Visit): Promise<Content> {
    const view = {
      runs: await this.sorted(),
      agents: this.options.agents(),
      now: this.options.clock(),
      pipeline: positive(query.get("pipeline")),
    };
    return { title: "Runs", content: runsPage(view), live: true };
  }

  private async run(id: string | undefined): Promise<RunRecord> {
    const number = positive(id);
    const run = number === undefined ? undefined : await this.options.runs.get(number);
    if (run === undefined) throw nothingAt(`there is no run ${id ?? ""}; only the newest ones are kept`);
    return run;
  }

  private async step(run: RunRecord, number: string | undefined): Promise<FoundStep> {
    const index = (positive(number) ?? 0) - 1;
    const step = run.steps[index];
    if (step === undefined) throw nothingAt(`run ${run.id} has no step ${number ?? ""}`);
    const file = step.log === undefined ? undefined : await inside(this.options.runs.folder(run.id), step.log);
    if (file === undefined) throw nothingAt(`the step "${step.displayName}" of run ${run.id} has no log`);
    return { run, step, index, log: this.logs.open(file) };
  }

  private async runContent(run: RunRecord): Promise<Content> {
    const folder = this.options.runs.folder(run.id);
    const summaries: Html[] = [];
    for (const name of run.summaries) {
      const file = await inside(folder, name);
      if (file === undefined) continue;
      const { text, isCut } = await readText(file);
      summaries.push(
        html`${renderMarkdown(text)}${isCut ? html`<p class="quiet">The rest is too long to be shown.</p>` : undefined}`,
      );
    }
    const hasPipelineText = (await inside(folder, "pipeline.yml")) !== undefined;
    const content = runPage({ run, now: this.options.clock(), summaries, hasPipelineText });
    return { title: runName(run), content, live: true };
  }

  private async stepContent({ run, step, index, log }: FoundStep, query: URLSearchParams): Promise<Content> {
    const { lines: total, bytes, errors } = await log.extent(step.state === "completed");
    const asked = positive(query.get("line"));
    const first = asked === undefined ? usualStart(step, total) : pageStart(Math.min(asked, Math.max(1, total)));
    const lines = await log.read(first, pageLines);
    const content = stepPage({ run, step, index, lines, total, first, errors, bytes: describeSize(bytes) });
    return { title: `${step.displayName} · ${runName(run)}`, content, live: true };
  }

  private async pipelineText(run: RunRecord): Promise<Content> {
    const file = await inside(this.options.runs.folder(run.id), "pipeline.yml");
    if (file === undefined) throw nothingAt(`run ${run.id} has no expanded pipeline: it was refused before that`);
    const { text } = await readText(file);
    const content = html`<p class="trail">
        <a href="/">Runs</a> <span aria-hidden="true">›</span> <a href="/runs/${run.id}">${runName(run)}</a>
      </p>
      <header class="head">
        <h1>The pipeline as it ran</h1>
        <p class="verdict">Its templates are expanded, and its parameters are filled in.</p>
      </header>
      <pre class="file" tabindex="0">${text}</pre>`;
    return { title: `Pipeline · ${runName(run)}`, content };
  }

  private async artifact(visit: Visit): Promise<Content | "sent"> {
    const [, id, name, ...path] = visit.parts;
    const run = await this.run(id);
    if (name === undefined || !run.artifacts.includes(name))
      throw nothingAt(`run ${run.id} has no artifact ${name ?? ""}`);
    const folder = await inside(this.options.runs.folder(run.id), "artifacts", name);
    if (folder === undefined) throw nothingAt(`the files of the artifact ${name} are not there any more`);
    if (path.length === 0) {
      const { files, isCut } = await listFiles(folder);
      return { title: `${name} · ${runName(run)}`, content: artifactPage(run, name, files, isCut) };
    }
    const file = await inside(folder, ...path);
    if (file === undefined) throw nothingAt(`the artifact ${name} has no file ${path.join("/")}`);
    await sendFile(visit, file, artifactHeaders(path.join("/")));
    return "sent";
  }
}

function positive(text: string | null | undefined): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text ?? "") ? Number(text) : undefined;
}

async function sendFile({ request, response }: Exchange, file: string, headers: Readonly<Record<string, string>>) {
  const found = await openFile(file);
  if (found === undefined) throw nothingAt("this is a folder");
  response.writeHead(200, headersWith({ ...headers, "content-length": String(found.size) }));
  if (request.method === "HEAD" || found.size === 0) response.end();
  else await pipeline(found.stream(), response).catch(() => response.destroy());
}
