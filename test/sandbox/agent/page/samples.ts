/** Runs of every kind, as those of the samples' platform, for the page's tests. */
import type { RunRecord, StepRecord } from "../../../../sandbox/agent/model";
import { at, record, step, type Runs } from "./runs";

export const stepNames = [
  "Check out the source",
  "Check out the recipes",
  "Authenticate to the feed",
  "Write the netrc file",
  "Log in to the registry",
  "Lint the Dockerfile",
  "Resolve the lock",
  "Make a builder",
  "Build the images",
  "Scan for leaks",
  "Push and tag",
  "Write the summary",
  "Remove the credentials",
];

const seconds = [3.1, 2, 1.2, 0.2, 1.4, 2.3, 6.5, 1.1, 22, 5.2, 7.8, 0.6, 0.1];

export const summary = `### orders 20261121&#46;9

New since the last image:

- lock: fastapi 0.121.0 became 0.122.1
- base: python&#45;web was published

Published in 12.4 s.

| image | platform | size | packages | digest | tags |
| --- | --- | ---: | ---: | --- | --- |
| orders&#45;api | linux/amd64 | 61.2 MB | 24 | sha256:3f2a91c04b7d5e6f8a9b0c1d2e3f40516273849500aabbccddeeff0011223344 | latest, 20261121.9 |
| orders&#45;worker | linux/amd64 | 61.1 MB | 24 | sha256:aa2a91c04b7d5e6f8a9b0c1d2e3f40516273849500aabbccddeeff0011223344 | latest, 20261121.9 |

- made on python&#45;web sha256:3f2a91c04b7d
- made for the first time: orders&#45;deps:8a8b91c04b7d

Leaks: none.
`;

function pipeline(id: number, name: string): RunRecord["pipeline"] {
  return { id, name, folder: "\\wheelhouse", project: "Platform" };
}

/** All steps of a job that went well, one after another. */
export function doneSteps(from: string): StepRecord[] {
  let at = new Date(from).getTime();
  return stepNames.map((name, index) => {
    const took = seconds[index]!;
    const done = step(name, new Date(at).toISOString(), took);
    at += took * 1000;
    return { ...done, log: `logs/${index + 1}.log` };
  });
}

/** A log of so many lines of every kind. */
export function sampleLog(lines: number): string {
  const text = (index: number) => {
    if (index === 0) return "##[section]Starting: Build the images";
    if (index === 3) return "##[command]docker buildx bake --file apps/prices/docker-bake.json";
    if (index === lines - 30) return "##[error]pip: no version of exchange-rates fits >=4: the feed has 3.1.0, 3.2.0";
    if (index % 97 === 0) return "##[warning]the index answered slowly";
    if (index % 61 === 0) return "##[group]Collecting";
    if (index % 89 === 0) return "##[debug]looked at the cache";
    return `#${index % 30} \u001b[32m[install ${index % 9}/9]\u001b[0m Collecting package-${index}==1.${index}.0`;
  };
  const time = (index: number) => `2026-11-21T11:18:${String(index % 60).padStart(2, "0")}.123Z`;
  return Array.from({ length: lines }, (_, index) => `${time(index)} ${text(index)}\n`).join("");
}

function writeLogs(runs: Runs, run: RunRecord): void {
  for (const { log } of run.steps) if (log !== undefined) runs.write(run.id, log, sampleLog(40));
}

function failedSteps(): StepRecord[] {
  const message = "pip: no version of exchange-rates fits >=4: the feed has 3.1.0, 3.2.0\nAsk for an earlier one.";
  return doneSteps(at(-42)).map((done, index): StepRecord => {
    if (index < 8) return done;
    if (index === 8) return { ...done, result: "failed", issues: [{ type: "error", message }] };
    return index === 12 ? done : { displayName: done.displayName, state: "completed", result: "skipped", issues: [] };
  });
}

/** Ids of the runs that `putSamples` makes, by what they show. */
export const sample = { failed: 5, refused: 8, done: 9, running: 10, queued: 11 } as const;

export function putSamples(runs: Runs): void {
  runs.put(
    record(1, {
      pipeline: pipeline(2, "python-web"),
      reason: "Manual",
      because: "first run, queued by pulumi up",
      queuedAt: at(-1560),
      startedAt: at(-1560),
      endedAt: at(-1558, 12),
      tags: ["published"],
    }),
  );
  runs.put(record(4, { pipeline: pipeline(2, "python-web"), reason: "Schedule", because: 'schedule "Daily refresh"' }));
  const failed = record(sample.failed, {
    pipeline: pipeline(4, "prices"),
    repository: { id: "9c", name: "prices" },
    branch: "refs/pull/12/merge",
    reason: "PullRequest",
    pullRequest: 12,
    because: "pull request 12, “Add the new currency of the exchange and keep the old one”",
    queuedAt: at(-42),
    startedAt: at(-42),
    endedAt: at(-41, 20),
    result: "failed",
    steps: failedSteps(),
  });
  writeLogs(runs, runs.put(failed));
  runs.write(failed.id, "logs/9.log", sampleLog(2500));
  runs.put(record(6, { pipeline: pipeline(5, "reports"), result: "canceled", branch: "refs/heads/release/2026.11" }));
  runs.put(record(7, { pipeline: pipeline(3, "forecast"), result: "succeededWithIssues" }));
  runs.put(
    record(sample.refused, {
      pipeline: pipeline(9, "intruder"),
      result: "failed",
      startedAt: undefined,
      endedAt: at(-18),
      agent: undefined,
      issues: [
        {
          type: "error",
          message: 'the service connection "registry" is only for pipelines that extend templates/application.yml',
        },
      ],
    }),
  );
  const done = record(sample.done, {
    queuedAt: at(-10),
    startedAt: at(-10),
    endedAt: at(-10, 54),
    because: "python-web 20261121.1 was published",
    reason: "ResourceTrigger",
    summaries: ["summary-1.md"],
    artifacts: ["lock", "scan"],
    tags: ["published"],
    steps: doneSteps(at(-10)),
  });
  done.steps[5]!.issues.push({ type: "warning", message: "Dockerfile:12: pin the version of curl" });
  writeLogs(runs, runs.put(done));
  runs.write(done.id, "summary-1.md", summary);
  runs.write(done.id, "pipeline.yml", "jobs:\n  - job: image\n");
  runs.write(done.id, "artifacts/lock/requirements.txt", "fastapi==0.122.1\n");
  runs.write(done.id, "artifacts/scan/report.json", "{}\n");
  writeLogs(runs, runs.put(runningRun(sample.running)));
  runs.put(
    record(sample.queued, {
      pipeline: pipeline(4, "prices"),
      state: "queued",
      result: undefined,
      queuedAt: at(0),
      startedAt: undefined,
      endedAt: undefined,
      agent: undefined,
    }),
  );
}

/** One whose seventh step goes on. */
export function runningRun(id: number): RunRecord {
  const started = new Date(Date.now() - 20_000).toISOString();
  const steps = doneSteps(started).map((done, index): StepRecord => {
    if (index < 6) return done;
    const waiting: StepRecord = { displayName: done.displayName, state: "pending", issues: [] };
    if (index > 6) return waiting;
    return { ...waiting, state: "running", startedAt: new Date(Date.now() - 9000).toISOString(), log: "logs/7.log" };
  });
  return record(id, {
    state: "running",
    result: undefined,
    startedAt: started,
    endedAt: undefined,
    queuedAt: at(0),
    steps,
  });
}
