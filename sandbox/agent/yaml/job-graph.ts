/** Checks what jobs are called and what they depend on. */
import { quote } from "../../../spec/rule";
import type { Job } from "../model";
import { PipelineFileError, type Place } from "./error";
import { suggest } from "./suggestion";

interface PlacedJob {
  readonly job: Job;
  readonly place: Place;
}

/** @throws PipelineFileError for names that stand twice, and for jobs that depend on none, on themselves or on each other. */
export function checkGraph(jobs: readonly PlacedJob[]): void {
  const byName = namesOf(jobs);
  for (const { job, place } of jobs) {
    const missing = job.dependsOn.find((name) => !byName.has(name.toLowerCase()));
    if (missing === undefined) continue;
    const names = jobs.map((other) => other.job.name);
    throw new PipelineFileError(
      place,
      `job ${job.name} depends on ${quote(missing)}, which is no job`,
      suggest(missing, names),
    );
  }
  const circle = jobsInCircles(jobs)[0];
  if (circle === undefined) return;
  throw new PipelineFileError(
    circle.place,
    `job ${circle.job.name} depends on itself, over ${quote(circle.job.dependsOn.join(", "))}`,
    "take one of the dependencies out",
  );
}

function namesOf(jobs: readonly PlacedJob[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { job, place } of jobs) {
    const name = job.name.toLowerCase();
    if (names.has(name)) {
      throw new PipelineFileError(place, `two jobs have the name ${quote(job.name)}`, "give each a name of its own");
    }
    names.add(name);
  }
  return names;
}

/** Those that never become ready, however many of the others are done. */
function jobsInCircles(jobs: readonly PlacedJob[]): readonly PlacedJob[] {
  const waiting = new Map(jobs.map(({ job }) => [job.name.toLowerCase(), dependenciesOf(job).size]));
  const dependents = new Map<string, string[]>();
  for (const { job } of jobs) {
    for (const name of dependenciesOf(job)) {
      const list = dependents.get(name) ?? [];
      list.push(job.name.toLowerCase());
      dependents.set(name, list);
    }
  }
  const ready = [...waiting].flatMap(([name, count]) => (count === 0 ? [name] : []));
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    waiting.delete(name);
    for (const dependent of dependents.get(name) ?? []) {
      const count = (waiting.get(dependent) ?? 0) - 1;
      waiting.set(dependent, count);
      if (count === 0) ready.push(dependent);
    }
  }
  return jobs.filter(({ job }) => waiting.has(job.name.toLowerCase()));
}

function dependenciesOf(job: Job): ReadonlySet<string> {
  return new Set(job.dependsOn.map((name) => name.toLowerCase()));
}
