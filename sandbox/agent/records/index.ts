/** The records of runs: kept by the agents' daemon, read by its page and by commands. */
export { AttachmentError } from "./attachments";
export { readRecords, RecordError, writeWhole } from "./files";
export { readLog, type LogPart } from "./step-log";
export { RunNotFound, RunStore, usualKept, type NewRun } from "./store";
