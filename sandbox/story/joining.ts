/** A team joins: one file in a pull request, which says what it would change, is merged, and gives the team its first image. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { RunRecord } from "../agent/model";
import { run } from "../process.mjs";
import { applicationsFolder } from "../samples/publish";
import { publishedImages } from "./images";
import { replaceContent, type Change } from "./organization";
import { bringPlatform, checkOutPlatform, platformRepository } from "./platform-repository";
import { previewComment, type PreviewComment } from "./previews";
import { runsOf, secondsOf, type Chapter, type Report, type Stage } from "./stage";

/** The application that joins: with a source of its own, on a base image that is there. */
const joining = { name: "invoices", like: "legacy", baseImage: "python-web", team: "billing" } as const;

/** From here on, pull requests on the platform's own repository say what they would change. */
export const previews: Chapter = {
  title: "Previews for the platform's repository",
  async tell(stage, report) {
    await bringPlatform(stage, report);
    report("pulumi up");
    const changes = await stage.update(stage.program);
    return changes === 0 ? "as they were" : `${changes} resources`;
  },
};

/** Has `wheelhouse new app` write the file, as a person without a terminal would. */
async function newApp({ program, machine }: Stage, folder: string): Promise<void> {
  const source = join(applicationsFolder, joining.like);
  const answers = ["--repository", source, "--base-image", joining.baseImage, "--dockerfile", "Dockerfile", "--yes"];
  const args = [join(program, "tools", "launch.cjs"), "new", "app", joining.name, ...answers];
  await run(process.execPath, args, { cwd: folder, env: machine.environment, timeoutSeconds: 120 });
}

function specOf(folder: string): string {
  return join(folder, "apps", `${joining.name}.yaml`);
}

/** A comment that says something else than it should. */
function requireComment(comment: PreviewComment, status: string, words: readonly string[]): void {
  const missing = words.filter((word) => !comment.text.includes(word));
  if (comment.status === status && missing.length === 0) return;
  throw new Error(
    `the comment on the preview is ${comment.status} instead of ${status}, or lacks ${missing.join(", ") || "nothing"}:\n${comment.text.slice(0, 2000)}`,
  );
}

/** The pull request: its comment comes, says that nothing changes where the file is taken back, and speaks of the file again after. */
async function propose(stage: Stage, report: Report): Promise<{ readonly request: number; readonly lines: number }> {
  const { organization } = stage;
  const branch = `add-${joining.name}`;
  const message = `Add ${joining.name}`;
  let lines = 0;
  const push = async (from: string, text: string, change: Change): Promise<void> => {
    await organization.commit(platformRepository, { from, to: branch, message: text }, change);
  };
  let request = 0;
  await runsOf(stage, report, async () => {
    await push("main", message, async (folder) => newApp(stage, folder));
    request = (await organization.openPullRequest(platformRepository, branch, message)).pullRequestId;
  });
  const first = await previewComment(stage, platformRepository, request);
  requireComment(first, "active", [`application \`${joining.name}\``, `apps/${joining.name}/docker-bake.json`]);
  let text = "";
  await runsOf(stage, report, () =>
    push(branch, "Take it back", (folder) => {
      text = readFileSync(specOf(folder), "utf8");
      rmSync(specOf(folder));
    }),
  );
  const second = await previewComment(stage, platformRepository, request);
  requireComment(second, "closed", ["Nothing changes"]);
  await runsOf(stage, report, () =>
    push(branch, `Add ${joining.name} of ${joining.team}`, (folder) => {
      const whole = `${text}team: ${joining.team}\n`;
      lines = whole.trim().split("\n").length;
      writeFileSync(specOf(folder), whole);
    }),
  );
  const third = await previewComment(stage, platformRepository, request);
  requireComment(third, "active", [`application \`${joining.name}\``, joining.team]);
  if (first.id !== second.id || second.id !== third.id)
    throw new Error("the preview's comment was written anew, not edited");
  return { request, lines };
}

/** The new application's own repository gets its source, by a pull request of its own. @returns seconds of the run that published */
async function firstImage(stage: Stage, report: Report): Promise<number> {
  const { organization } = stage;
  const { name } = joining;
  const source = { from: "main", to: "bring-the-source", message: `Bring the source of ${name}` };
  const pushed = await organization.commit(name, source, (target) => {
    replaceContent(join(applicationsFolder, joining.like), target, ["azure-pipelines.yml"]);
  });
  const records =
    pushed === undefined
      ? // The repository is that of an earlier start: an application that leaves the platform keeps it.
        await runsOf(stage, report, async () => organization.queue(await organization.pipelineNumber(name)))
      : await mergedRuns(stage, report, source.to, source.message);
  const image = publishedImages(stage.records, records).get(name);
  if (image === undefined) throw new Error(`${name} has no image`);
  return secondsOf(image.run);
}

/** Opens a pull request of a branch that was pushed, and completes it. @returns the runs after the merge */
async function mergedRuns(stage: Stage, report: Report, branch: string, title: string): Promise<readonly RunRecord[]> {
  const { organization } = stage;
  const { name } = joining;
  let opened = 0;
  await runsOf(stage, report, async () => {
    opened = (await organization.openPullRequest(name, branch, title)).pullRequestId;
  });
  return runsOf(stage, report, async () => {
    await organization.complete(name, await organization.pullRequest(name, opened));
  });
}

export const joiningTeam: Chapter = {
  title: "A team joins by a pull request",
  async tell(stage, report) {
    const { organization } = stage;
    const began = Date.now();
    const { request, lines } = await propose(stage, report);
    await organization.complete(platformRepository, await organization.pullRequest(platformRepository, request));
    report("pulumi up");
    const merged = await checkOutPlatform(stage);
    if (!existsSync(specOf(merged))) throw new Error(`${specOf(merged)} is not there after the merge`);
    const changes = await stage.update(merged);
    const seconds = await firstImage(stage, report);
    return (
      `one file of ${lines} lines, a comment edited with each push, ${changes} resources for ${joining.name}, ` +
      `image in ${seconds.toFixed(0)} s; ${((Date.now() - began) / 1000).toFixed(0)} s in all`
    );
  },
};
