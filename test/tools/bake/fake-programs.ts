/** Programs that stand in for docker buildx where the real one cannot show what is meant: its calls, failures, interrupts. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";

export interface FakeCall {
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** A folder for PATH with a `docker-buildx` that notes its calls and then runs `script` (of node). */
export class FakeBuildx {
  readonly folder: string;

  constructor(
    parent: string,
    script: string,
    private readonly notes = path.join(parent, "calls.jsonl"),
  ) {
    this.folder = path.join(parent, "bin");
    mkdirSync(this.folder, { recursive: true });
    const program = path.join(this.folder, "docker-buildx");
    const names = ["REGISTRY", "INDEX_URL", "VERSION", "PUSH", "LOCK_HASH", "BUILDX_GIT_INFO", "OTHER"];
    writeFileSync(
      program,
      `#!${process.execPath}
const fs = require("node:fs");
const args = process.argv.slice(2);
const variables = Object.fromEntries(${JSON.stringify(names)}.flatMap((name) => name in process.env ? [[name, process.env[name]]] : []));
fs.appendFileSync(${JSON.stringify(this.notes)}, JSON.stringify({ args, variables }) + "\\n");
const metadata = args.find((arg) => arg.startsWith("--metadata-file="))?.slice("--metadata-file=".length);
const say = (event) => process.stderr.write(JSON.stringify(event) + "\\n");
${script}
`,
    );
    chmodSync(program, 0o755);
  }

  get calls(): readonly FakeCall[] {
    if (!existsSync(this.notes)) return [];
    return readFileSync(this.notes, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as FakeCall);
  }
}
