/** Keeps copies of the files that a run publishes: artifacts and summaries. */
import { cpSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { basename, join } from "node:path";

/** What a run wants to publish cannot be kept. */
export class AttachmentError extends Error {
  public constructor(message: string) {
    super(message);
    this.name = "AttachmentError";
  }
}

function requireSource(source: string, what: string): void {
  if (!existsSync(source)) throw new AttachmentError(`${what}: ${source} does not exist`);
}

/** Copies a file to be `name` in the run's folder; it is there whole or not at all. */
export function keepFile(folder: string, name: string, source: string): void {
  requireSource(source, name);
  if (!statSync(source).isFile()) throw new AttachmentError(`${name}: ${source} is no file`);
  const target = join(folder, name);
  const unfinished = `${target}.unfinished`;
  cpSync(source, unfinished, { dereference: true });
  renameSync(unfinished, target);
}

/** The parts of a path inside of an artifact. */
function partsOf(artifact: string, container: string): string[] {
  const parts = container.split(/[\\/]+/).filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) {
    throw new AttachmentError(`the artifact ${artifact} cannot hold "${container}": that leads out of it`);
  }
  return parts;
}

/**
 * Copies a file, or what is in a folder, to `container` in the artifact. Several uploads to one artifact come together.
 * @throws AttachmentError where the name is none, the source does not exist, or the container leads out of the artifact
 */
export function keepArtifact(folder: string, artifact: string, source: string, container: string): void {
  if (!/^[^\\/:*?"<>|\p{Cc}]+$/u.test(artifact) || /^\.+$/.test(artifact)) {
    throw new AttachmentError(`"${artifact}" is no name for an artifact: leave out \\ / : * ? " < > | and line ends`);
  }
  const target = join(folder, "artifacts", artifact, ...partsOf(artifact, container));
  requireSource(source, `the artifact ${artifact}`);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const inFolder = statSync(source).isDirectory();
  // What a link leads to is copied: the job's folder is gone soon.
  cpSync(source, inFolder ? target : join(target, basename(source)), { recursive: true, dereference: true });
}
