/** Writes down what a job's steps say and do. */
import type { JobSink } from "../job";
import type { RunStore } from "../records";

/** Told of what others than the record must know, too. */
export interface SinkListener {
  tagged(): void;
  renumbered(number: string): void;
}

/**
 * @param first Place in the record of the job's first step: a record has the steps of all jobs in a row.
 */
export function recordSink(runs: RunStore, id: number, first: number, listener: SinkListener): JobSink {
  return {
    stepStarted: (index) => runs.startStep(id, first + index),
    line: (index, text) => runs.line(id, first + index, text),
    stepEnded: (index, result) => runs.endStep(id, first + index, result),
    issue: (index, issue) => runs.addIssue(id, first + index, issue),
    tag(text) {
      runs.addTag(id, text);
      listener.tagged();
    },
    buildNumber(text) {
      runs.update(id, (record) => (record.number = text));
      listener.renumbered(text);
    },
    summary: (file) => runs.addSummary(id, file),
    artifact: (name, source, containerFolder) => runs.addArtifact(id, name, source, containerFolder),
  };
}
