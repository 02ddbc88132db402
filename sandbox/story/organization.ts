/** What a person does in the organization of the sandbox, with git and over REST: push, open and complete pull requests, queue runs. */
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { jsonOf } from "../commands/control";
import { run } from "../process.mjs";

const seconds = 60;

/** Who the sandbox's commits are by. */
const author = { name: "Ann of the sandbox", email: "ann@example.com" } as const;

export interface OrganizationOptions {
  /** `http://127.0.0.1:<port>/devops/<organization>` */
  readonly address: string;
  readonly project: string;
  /** Value of an `Authorization` header. */
  readonly authorization: string;
  /** For working copies; must exist. */
  readonly temporary: string;
}

/** A pull request, as far as it is used here. */
const pullRequest = z.looseObject({
  pullRequestId: z.number(),
  status: z.string(),
  mergeStatus: z.string().optional(),
  lastMergeSourceCommit: z.looseObject({ commitId: z.string() }),
});

export type PullRequest = z.infer<typeof pullRequest>;

/** Azure DevOps said no. */
export class OrganizationRefused extends Error {
  public constructor(
    what: string,
    status: number,
    message: string,
    private readonly kind?: string,
  ) {
    super(`${what} is refused (${status}): ${message}`);
    this.name = "OrganizationRefused";
  }

  /** Whether a pull request lacks what the policies of its target want. */
  public get isForPolicies(): boolean {
    return this.kind === "GitPullRequestUpdateRejectedByPolicyException";
  }
}

/** Changes the files of a working copy. */
export type Change = (folder: string) => void | Promise<void>;

export class Organization {
  public constructor(private readonly options: OrganizationOptions) {}

  private async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const { address, project, authorization } = this.options;
    const url = new URL(`${address}/${encodeURIComponent(project)}/_apis/${path}`);
    url.searchParams.set("api-version", "7.1");
    const response = await fetch(url, {
      method,
      headers: { authorization, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(seconds * 1000),
    });
    const text = await response.text();
    if (response.ok) return text === "" ? undefined : (JSON.parse(text) as unknown);
    const { data: said } = z
      .looseObject({ message: z.string(), typeKey: z.string().optional() })
      .safeParse(jsonOf(text));
    throw new OrganizationRefused(`${method} ${path}`, response.status, said?.message ?? text, said?.typeKey);
  }

  /** Where git finds a repository. */
  private urlOf(repository: string): string {
    const { address, project } = this.options;
    return `${address}/${encodeURIComponent(project)}/_git/${encodeURIComponent(repository)}`;
  }

  /** The credential goes by environment: arguments can be read by every user of the machine, and a configuration stays. */
  private async git(folder: string, args: readonly string[]): Promise<string> {
    const settings = [
      ["http.extraHeader", `Authorization: ${this.options.authorization}`],
      ["user.name", author.name],
      ["user.email", author.email],
      ["commit.gpgSign", "false"],
      ["init.defaultBranch", "main"],
      ["core.hooksPath", "/dev/null"],
    ];
    const variables = Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ) as Record<string, string>;
    const { output } = await run("git", args, {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        ...variables,
        GIT_CONFIG_COUNT: String(settings.length),
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_TERMINAL_PROMPT: "0",
      },
      timeoutSeconds: 120,
    });
    return output.trim();
  }

  /** Clones a repository's branch, has it changed, and pushes what changed. @returns the pushed commit; nothing without a change */
  public async commit(
    repository: string,
    options: { readonly from: string; readonly to: string; readonly message: string },
    change: Change,
  ): Promise<string | undefined> {
    const folder = mkdtempSync(join(this.options.temporary, "clone-"));
    try {
      const url = this.urlOf(repository);
      await this.git(folder, ["clone", "--quiet", "--depth", "1", "--branch", options.from, url, "."]);
      await change(folder);
      await this.git(folder, ["add", "--all"]);
      if ((await this.git(folder, ["status", "--porcelain"])) === "") return undefined;
      await this.git(folder, ["commit", "--quiet", "--message", options.message]);
      await this.git(folder, ["push", "--quiet", "--force", "origin", `HEAD:refs/heads/${options.to}`]);
      return await this.git(folder, ["rev-parse", "HEAD"]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** A working copy of a branch, without its history's credentials. `folder` must not exist or be empty. */
  public async clone(repository: string, branch: string, folder: string): Promise<void> {
    const words = ["clone", "--quiet", "--depth", "1", "--branch", branch, this.urlOf(repository), folder];
    await this.git(this.options.temporary, words);
  }

  public async hasRepository(name: string): Promise<boolean> {
    const { value } = z
      .looseObject({ value: z.array(z.looseObject({ name: z.string() })) })
      .parse(await this.ask("GET", "git/repositories"));
    return value.some((repository) => repository.name === name);
  }

  /** Makes a repository with these files in its main branch. @throws OrganizationRefused where there is one of the name */
  public async makeRepository(name: string, message: string, write: Change): Promise<void> {
    const folder = mkdtempSync(join(this.options.temporary, "new-"));
    try {
      await this.git(folder, ["init", "--quiet"]);
      await write(folder);
      await this.git(folder, ["add", "--all"]);
      await this.git(folder, ["commit", "--quiet", "--message", message]);
      // Last, so that nothing is left of it where its files cannot be made.
      await this.ask("POST", "git/repositories", { name });
      await this.git(folder, ["push", "--quiet", this.urlOf(name), "HEAD:refs/heads/main"]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** The pull request of a branch into the main one: the one that is open, such as that of a start which was interrupted, or a new one. */
  public async openPullRequest(repository: string, branch: string, title: string): Promise<PullRequest> {
    const of = { sourceRefName: `refs/heads/${branch}`, targetRefName: "refs/heads/main" };
    const path = `git/repositories/${repository}/pullrequests`;
    const criteria = Object.entries({ ...of, status: "active" }).map(
      ([name, value]) => [`searchCriteria.${name}`, value] as [string, string],
    );
    const { value } = z
      .looseObject({ value: z.array(pullRequest) })
      .parse(await this.ask("GET", `${path}?${new URLSearchParams(criteria).toString()}`));
    const [open] = value;
    return open ?? pullRequest.parse(await this.ask("POST", path, { ...of, title }));
  }

  public async pullRequest(repository: string, id: number): Promise<PullRequest> {
    return pullRequest.parse(await this.ask("GET", `git/repositories/${repository}/pullrequests/${id}`));
  }

  /** Threads of comments, as the service lists them. */
  public async threads(repository: string, id: number): Promise<unknown> {
    return this.ask("GET", `git/repositories/${repository}/pullrequests/${id}/threads`);
  }

  /** @throws OrganizationRefused while a policy is not met */
  public async complete(repository: string, request: PullRequest): Promise<void> {
    await this.ask("PATCH", `git/repositories/${repository}/pullrequests/${request.pullRequestId}`, {
      status: "completed",
      lastMergeSourceCommit: { commitId: request.lastMergeSourceCommit.commitId },
      completionOptions: { mergeStrategy: "squash", deleteSourceBranch: true },
    });
  }

  /** Queues a run by hand, as with the button. */
  public async queue(pipelineId: number, branch = "main"): Promise<void> {
    const resources = { repositories: { self: { refName: `refs/heads/${branch}` } } };
    await this.ask("POST", `pipelines/${pipelineId}/runs`, { resources });
  }
}

/** Puts a folder's content in place of what is tracked elsewhere; `keep` are entries of the target that stay. */
export function replaceContent(source: string, target: string, keep: readonly string[]): void {
  for (const entry of readdirSync(target)) {
    if (entry !== ".git" && !keep.includes(entry)) rmSync(join(target, entry), { recursive: true, force: true });
  }
  cpSync(source, target, {
    recursive: true,
    filter: (file) => !/(^|\/)(__pycache__|\.pytest_cache|\.venv)(\/|$)/.test(file.slice(source.length)),
  });
  if (!existsSync(join(target, ".git"))) throw new Error(`${target} is no working copy any more`);
}
