/** Checks a repository out with real git; the job's token is in git's environment and in no argument and no file. */
import { appendFileSync, chmodSync, existsSync } from "node:fs";
import { basename, join, resolve, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { findProgram } from "../../toolchain/path.mjs";
import type { CheckoutStep, Result } from "../model";
import type { CheckoutSource } from "./context";
import type { StepScope } from "./step-scope";
import { untilAborted } from "./until-aborted";
import { makeEmptyFolder } from "./workspace";

/** Brings a repository, at the run's commit, to its place in the workspace. */
export async function runCheckout(scope: StepScope, step: CheckoutStep): Promise<Result> {
  if (step.repository === "none") return "succeeded";
  const { context } = scope.job;
  const source = await untilAborted(context.repository(step.repository), scope.signal);
  const place = placeOf(scope, step, source);
  const git = new Git(scope, place, source);
  scope.output.line(`Syncing repository: ${source.name} (Git)`);
  await makeEmptyFolder(scope.job.workspace, place);
  tellPlace(scope, step, place);
  const reference = `refs/remotes/origin/${source.commit}`;
  if (!(await git.succeeds("init", place))) return "failed";
  if (!(await git.succeeds("-C", place, "remote", "add", "origin", source.url))) return "failed";
  if (!(await git.succeeds("-C", place, "config", "gc.auto", "0"))) return "failed";
  const fetched = await fetchInTries(scope, git, fetchArguments(step, source, reference));
  if (fetched !== "succeeded") return fetched;
  if (!(await git.succeeds("-C", place, "checkout", "--progress", "--force", reference))) return "failed";
  if (step.persistCredentials) git.keepCredentials();
  return scope.signal.aborted ? "canceled" : "succeeded";
}

/** A server that is away for some seconds fails no job. */
async function fetchInTries(scope: StepScope, git: Git, args: readonly string[]): Promise<Result> {
  const { fetchPauses } = scope.job.limits;
  for (const pause of [...fetchPauses, undefined]) {
    const code = await git.fetch(args);
    if (scope.signal.aborted) return "canceled";
    if (code === 0) return "succeeded";
    if (pause === undefined) scope.error(`Git fetch failed with exit code: ${code}`);
    else {
      scope.warning(`Git fetch failed with exit code ${code}, back off ${pause} seconds before retry.`);
      await sleep(pause * 1000, undefined, { signal: scope.signal });
    }
  }
  return "failed";
}

function fetchArguments({ fetchDepth }: CheckoutStep, { ref, commit }: CheckoutSource, reference: string): string[] {
  const common = ["--force", "--prune", "--prune-tags", "--progress", "--no-recurse-submodules"];
  if (fetchDepth > 0) return [...common, "--no-tags", `--depth=${fetchDepth}`, "origin", `+${commit}:${reference}`];
  const requested = ref.startsWith("refs/pull/") ? [`+${ref}:${ref.replace("refs/", "refs/remotes/")}`] : [];
  return [
    ...[...common, "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"],
    ...[...requested, `+${commit}:${reference}`],
  ];
}

/** @throws Error where the path leads out of the job's folder */
function placeOf({ job }: StepScope, { path }: CheckoutStep, { name }: CheckoutSource): string {
  const { workspace, checkouts } = job;
  if (path === undefined || path === "") {
    return checkouts > 1 ? join(workspace.sources, basename(name)) : workspace.sources;
  }
  const place = resolve(workspace.job, path);
  if (place.startsWith(workspace.job + sep)) return place;
  throw new Error(
    `Input path '${path}' should resolve to a directory under '${workspace.job}', current resolved path '${place}'.`,
  );
}

/** Where several repositories are checked out, the folder of all sources stays the working folder (the agent's `updaterepositorypath`). */
function tellPlace({ job }: StepScope, { repository }: CheckoutStep, place: string): void {
  const { variables, checkouts } = job;
  if (checkouts === 1) {
    for (const name of ["Build.SourcesDirectory", "System.DefaultWorkingDirectory", "Build.Repository.LocalPath"]) {
      variables.set(name, place);
    }
  } else if (repository === "self") variables.set("Build.Repository.LocalPath", place);
}

class Git {
  private readonly program: string;
  private readonly environment: NodeJS.ProcessEnv;

  public constructor(
    private readonly scope: StepScope,
    private readonly place: string,
    private readonly source: CheckoutSource,
  ) {
    const environment = { ...scope.environment({}), GIT_TERMINAL_PROMPT: "0" };
    const program = findProgram("git", environment);
    if (program === undefined) throw new Error("there is no program git: install git on the agent's machine");
    this.program = program;
    this.environment = environment;
  }

  /** Runs it, and tells when it fails. */
  public async succeeds(...args: string[]): Promise<boolean> {
    const code = await this.run(args, this.environment);
    if (code !== 0 && !this.scope.signal.aborted) {
      this.scope.error(`git ${args.find((arg) => /^[a-z]/.test(arg)) ?? ""} failed with exit code: ${code}`);
    }
    return code === 0;
  }

  public async fetch(args: readonly string[]): Promise<number> {
    return this.run(["-C", this.place, "fetch", ...args], {
      ...this.environment,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `http.${this.source.url}.extraheader`,
      GIT_CONFIG_VALUE_0: this.header,
    });
  }

  /** For later steps of the job: `persistCredentials: true` asks for it. */
  public keepCredentials(): void {
    const file = join(this.place, ".git", "config");
    if (!existsSync(file)) return;
    chmodSync(file, 0o600);
    appendFileSync(file, `[http "${this.source.url}"]\n\textraheader = ${this.header}\n`);
  }

  private get header(): string {
    const { jobToken } = this.scope.job.context;
    return `AUTHORIZATION: basic ${Buffer.from(`build:${jobToken}`).toString("base64")}`;
  }

  private async run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
    this.scope.output.line(`##[command]git ${args.join(" ")}`);
    // What a server or a commit's message says is no command.
    return this.scope.run(this.program, args, { cwd: this.scope.job.workspace.job, env, commands: false });
  }
}
