/** Runs the scripts of a rendered job in their order, as an agent does, with this machine's registry, feed and builder. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { evaluateCondition } from "../../../sandbox/agent/yaml";
import type { Services } from "../../../sandbox/services";
import type { RenderedFile } from "../../../spec";
import type { Step } from "../expand";

export interface Ended {
  /** Names of the steps that ran, in order. */
  readonly ran: readonly string[];
  readonly failed: string | undefined;
  /** All that the steps wrote. */
  readonly log: string;
  readonly tags: readonly string[];
}

/** A builder that exists before the job, as this machine has no docker to start one in; all else is the real docker. */
const docker = `#!/bin/sh
case "$1 $2" in
  "buildx create" | "buildx rm") exit 0 ;;
esac
PATH=\${PATH#*:}
exec docker "$@"
`;

export class Agent {
  /** Every token that a job got. */
  readonly tokens: string[] = [];
  private builds = 0;

  constructor(
    readonly folder: string,
    private readonly services: Services,
  ) {
    this.write("bin/docker", docker);
    chmodSync(join(folder, "bin/docker"), 0o755);
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true });
    writeFileSync(join(this.folder, file), text);
  }

  lay(below: string, files: readonly RenderedFile[]): void {
    for (const { path, content } of files) this.write(join(below, path), content);
  }

  /** What is left in the job's temporary folder. */
  leftovers(): string[] {
    return readdirSync(join(this.folder, "temp"));
  }

  /** Runs a job to its end; its checkouts lie in `s` already. */
  async run(name: string, steps: readonly Step[], variables: Readonly<Record<string, string>>): Promise<Ended> {
    const token = this.services.feed.issueToken({ role: "collaborator", seconds: 3600 });
    this.tokens.push(token);
    const temp = join(this.folder, "temp");
    rmSync(temp, { recursive: true, force: true });
    mkdirSync(temp);
    const build = String((this.builds += 1));
    const builder = await this.services.builder(`wheelhouse-${build}-1`);
    const environment: Record<string, string> = {
      ...Object.fromEntries(
        Object.entries(builder.environment).flatMap(([key, value]) => (value ? [[key, value]] : [])),
      ),
      PATH: [join(this.folder, "bin"), builder.environment.PATH ?? ""].join(delimiter),
      AGENT_TEMPDIRECTORY: temp,
      BUILD_BUILDID: build,
      BUILD_BUILDNUMBER: `20261121.${build}`,
      BUILD_DEFINITIONNAME: name,
      BUILD_SOURCESDIRECTORY: join(this.folder, "s"),
      BUILD_SOURCEVERSION: "0123456789abcdef0123456789abcdef01234567",
      BUILD_REPOSITORY_URI: "https://contoso@dev.example.com/contoso/Platform/_git/orders",
      BUILD_SOURCEBRANCH: "refs/heads/main",
      SYSTEM_JOBATTEMPT: "1",
      ...variables,
    };
    const set = new Map<string, string>();
    const ran: string[] = [];
    const tags: string[] = [];
    let failed: string | undefined;
    let log = "";
    const comes = (condition = "succeeded()"): boolean =>
      evaluateCondition(condition, { status: failed === undefined ? "succeeded" : "failed", variables: set });
    try {
      for (const step of steps) {
        if (step.task === "PipAuthenticate@1") {
          environment.PIP_INDEX_URL = this.services.feed.indexUrl.replace("://", `://build:${token}@`);
        }
        if (step.script === undefined || !comes(step.condition)) continue;
        const { code, output } = await this.script(step, environment);
        ran.push(step.displayName ?? "");
        log += `--- ${step.displayName ?? ""}\n${output}`;
        for (const [, variable, value] of output.matchAll(/^##vso\[task\.setvariable variable=([\w.]+)\](.*)$/gm)) {
          set.set(variable!, value!);
        }
        for (const [, tag] of output.matchAll(/^##vso\[build\.addbuildtag\](.*)$/gm)) tags.push(tag!);
        if (code !== 0) failed ??= step.displayName ?? "";
      }
    } finally {
      await builder.dispose();
      this.services.feed.revoke(token);
    }
    return { ran, failed, log, tags };
  }

  private async script(step: Step, environment: Readonly<Record<string, string>>) {
    const place = step.workingDirectory?.replace("$(Build.SourcesDirectory)", join(this.folder, "s"));
    const child = spawn("/bin/sh", ["-c", step.script ?? ""], {
      cwd: place ?? join(this.folder, "s"),
      env: { ...environment, ...step.env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 400_000,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output };
  }
}
