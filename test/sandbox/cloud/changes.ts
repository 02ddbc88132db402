/** A repository to open pull requests in: commits made by the real git, and calls of the REST side as different people. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { signIn, type Properties, type Reply, type TestCloud } from "./client";

const run = promisify(execFile);

export const main = "refs/heads/main";

export function basic(token: string): string {
  return `Basic ${Buffer.from(`:${token}`).toString("base64")}`;
}

/** Expects an answer that is no refusal. */
export function body(reply: Reply): Properties {
  assert.ok(reply.status < 300, `${reply.status} ${reply.text}`);
  return reply.json;
}

export class Changes {
  private constructor(
    private readonly cloud: TestCloud,
    public readonly projectId: string,
    public readonly repositoryId: string,
    private readonly url: string,
    private readonly folder: string,
  ) {}

  /** Makes a project with a repository that holds a `README.md` and an `azure-pipelines.yml` on `main`, and clones it. */
  public static async start(cloud: TestCloud, project: string): Promise<Changes> {
    const projectId = (await cloud.make("Project", { name: project })).id;
    const inputs = { projectId, name: "code", defaultBranch: main, initialization: { initType: "Clean" } };
    const { id, properties } = await cloud.make("Git", inputs);
    const file = { repositoryId: id, file: "azure-pipelines.yml", content: "steps: []\n", branch: main };
    await cloud.make("GitRepositoryFile", file);
    const folder = mkdtempSync(join(tmpdir(), "cloud-changes-"));
    const changes = new Changes(cloud, projectId, id, String(properties.remoteUrl), folder);
    await changes.git(["clone", "--quiet", changes.url, "."]);
    return changes;
  }

  public end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs git in the clone, as the owner unless a token says otherwise. */
  public async git(args: string[], authorization = signIn.devops): Promise<string> {
    const settings: Record<string, string> = {
      "http.extraHeader": `Authorization: ${authorization}`,
      "user.name": "T",
      "user.email": "t@example.com",
      "advice.detachedHead": "false",
    };
    const environment: NodeJS.ProcessEnv = {
      PATH: process.env.PATH,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    };
    Object.entries(settings).forEach(([key, value], index) => {
      environment[`GIT_CONFIG_KEY_${index}`] = key;
      environment[`GIT_CONFIG_VALUE_${index}`] = value;
    });
    const { stdout, stderr } = await run("git", args, { cwd: this.folder, env: environment, timeout: 30_000 });
    return stdout + stderr;
  }

  /** Commits files onto a branch of the server, which begins at `from` where it is new. @returns the commit */
  public async push(
    branch: string,
    files: Record<string, string>,
    authorization = signIn.devops,
    from = "origin/main",
  ): Promise<string> {
    await this.git(["fetch", "--quiet", "--prune", "origin"]);
    const known = (await this.git(["branch", "--remotes", "--list", `origin/${branch}`])).trim() !== "";
    await this.git(["checkout", "--quiet", "-B", "work", known ? `origin/${branch}` : from]);
    for (const [path, content] of Object.entries(files)) {
      writeFileSync(join(this.folder, path), content);
    }
    await this.git(["add", "--all"]);
    await this.git(["commit", "--quiet", "--message", `Change ${Object.keys(files).join(", ")}`]);
    await this.git(["push", "--quiet", "origin", `HEAD:refs/heads/${branch}`], authorization);
    return (await this.git(["rev-parse", "HEAD"])).trim();
  }

  /** The commit of a name on the server, or nothing. */
  public async tip(name: string): Promise<string | undefined> {
    return /^[0-9a-f]{40}/.exec(await this.git(["ls-remote", this.url, name]))?.[0];
  }

  /** What a file holds at a name on the server. */
  public async show(name: string, path: string): Promise<string> {
    await this.git(["fetch", "--quiet", "origin", name]);
    return this.git(["show", `FETCH_HEAD:${path}`]);
  }

  /** Calls the repository's pull requests. */
  public async requests(method: string, path = "", sent?: object, authorization = signIn.devops): Promise<Reply> {
    const separator = path.includes("?") ? "&" : "?";
    const address = `/devops/acme/${this.projectId}/_apis/git/repositories/${this.repositoryId}/pullrequests`;
    return this.cloud.call(method, `${address}${path}${separator}api-version=7.1`, sent, { authorization });
  }

  /** Opens a pull request into `main`. */
  public async open(branch: string, more: object = {}, authorization = signIn.devops): Promise<Properties> {
    const wanted = { sourceRefName: `refs/heads/${branch}`, targetRefName: main, title: `Take ${branch}`, ...more };
    const reply = await this.requests("POST", "", wanted, authorization);
    assert.equal(reply.status, 201, reply.text);
    return reply.json;
  }

  public async read(id: unknown): Promise<Properties> {
    return body(await this.requests("GET", `/${String(id)}`));
  }

  /** Completes a pull request with the source that it shows. */
  public async complete(id: unknown, options: object = {}, authorization = signIn.devops): Promise<Reply> {
    const { lastMergeSourceCommit } = await this.read(id);
    const wanted = { status: "completed", lastMergeSourceCommit, completionOptions: options };
    return this.requests("PATCH", `/${String(id)}`, wanted, authorization);
  }

  /** Parents of a commit on the server. */
  public async parents(name: string): Promise<string[]> {
    await this.git(["fetch", "--quiet", "origin", name]);
    return (await this.git(["rev-list", "--parents", "-n", "1", "FETCH_HEAD"])).trim().split(" ").slice(1);
  }
}
