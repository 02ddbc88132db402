/** A team joins: one file in a pull request, which says what it would change, is merged, and gives the team its first image. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { tokens } from "../cloud/devops/tokens";
import { run } from "../process.mjs";
import { applicationsFolder } from "../samples/publish";
import { publishedImages } from "./images";
import type { Change } from "./organization";
import { bringPlatform, checkOutPlatform, platformRepository, previewOf } from "./platform-repository";
import { previewComment, type PreviewComment } from "./previews";
import { bringSource, merge } from "./source";
import { newestRun, runThat, secondsOf, type Chapter, type Report, type Stage } from "./stage";

/** The application that joins: with the source of a sample, on a base image that is there. */
const joining = { name: "invoices", like: "legacy", baseImage: "python-web", team: "billing" } as const;

/** What it and its team are called this time. */
interface Names {
  readonly name: string;
  readonly team: string;
}

/** Who joined at an earlier start has left since, and the repository and the team stay where they are: the next one has a number. */
async function freeNames({ organization, clouds }: Stage): Promise<Names> {
  const projectId = await clouds.idOf(tokens.project, { name: "Platform" });
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? "" : `-${number}`;
    const [name, team] = [`${joining.name}${suffix}`, `${joining.team}${suffix}`];
    const taken =
      (await organization.hasRepository(name)) || (await clouds.has(tokens.team, { projectId, name: team }));
    if (!taken) return { name, team };
  }
}

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
async function newApp({ program, machine }: Stage, name: string, folder: string): Promise<void> {
  const source = join(applicationsFolder, joining.like);
  const answers = ["--repository", source, "--base-image", joining.baseImage, "--dockerfile", "Dockerfile", "--yes"];
  const args = [join(program, "tools", "launch.cjs"), "new", "app", name, ...answers];
  await run(process.execPath, args, { cwd: folder, env: machine.environment, timeoutSeconds: 120 });
}

function specOf(folder: string, name: string): string {
  return join(folder, "apps", `${name}.yaml`);
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
async function propose(
  stage: Stage,
  { name, team }: Names,
  report: Report,
): Promise<{ readonly request: number; readonly lines: number }> {
  const { organization } = stage;
  const branch = `add-${name}`;
  const message = `Add ${name}`;
  let lines = 0;
  let request = 0;
  const previewed = async (what: string, action: () => Promise<void>): Promise<PreviewComment> => {
    report(what);
    const before = await newestRun(stage);
    await action();
    await previewOf(stage, request, before);
    return previewComment(stage, platformRepository, request);
  };
  const push = async (from: string, text: string, change: Change): Promise<void> => {
    await organization.commit(platformRepository, { from, to: branch, message: text }, change);
  };
  const first = await previewed("preview of the new file", async () => {
    await push("main", message, async (folder) => newApp(stage, name, folder));
    request = (await organization.openPullRequest(platformRepository, branch, message)).pullRequestId;
  });
  requireComment(first, "active", [`application \`${name}\``, `apps/${name}/docker-bake.json`]);
  let text = "";
  const second = await previewed("preview without it", () =>
    push(branch, "Take it back", (folder) => {
      text = readFileSync(specOf(folder, name), "utf8");
      rmSync(specOf(folder, name));
    }),
  );
  requireComment(second, "closed", ["Nothing changes"]);
  const third = await previewed("preview with a team", () =>
    push(branch, `Add ${name} of ${team}`, (folder) => {
      const whole = `${text}team: ${team}\n`;
      lines = whole.trim().split("\n").length;
      writeFileSync(specOf(folder, name), whole);
    }),
  );
  requireComment(third, "active", [`application \`${name}\``, team]);
  if (first.id !== second.id || second.id !== third.id)
    throw new Error("the preview's comment was written anew, not edited");
  return { request, lines };
}

/** The new application's own repository gets its source, by a pull request of its own. @returns seconds of the run that published */
async function firstImage(stage: Stage, name: string, report: Report): Promise<number> {
  report(`the base image ${joining.baseImage}`);
  // No run begins before the pipelines that it builds on have succeeded once.
  await runThat(
    stage,
    `a published ${joining.baseImage}`,
    ({ pipeline, result, tags }) =>
      pipeline.name === joining.baseImage && result === "succeeded" && tags.includes("published"),
  );
  report(`the source of ${name}`);
  const record = await bringSource(stage, name, joining.like);
  const image = publishedImages(stage.records, record === undefined ? [] : [record]).get(name);
  if (image === undefined) throw new Error(`${name} has no image`);
  return secondsOf(image.run);
}

export const joiningTeam: Chapter = {
  title: "A team joins by a pull request",
  async tell(stage, report) {
    const began = Date.now();
    const names = await freeNames(stage);
    const { name } = names;
    const { request, lines } = await propose(stage, names, report);
    await merge(stage, platformRepository, request);
    report("pulumi up");
    const merged = await checkOutPlatform(stage);
    if (!existsSync(specOf(merged, name))) throw new Error(`${specOf(merged, name)} is not there after the merge`);
    const changes = await stage.update(merged);
    const seconds = await firstImage(stage, name, report);
    return (
      `one file of ${lines} lines, a comment edited with each push, ${changes} resources for ${name}, ` +
      `image in ${seconds.toFixed(0)} s; ${((Date.now() - began) / 1000).toFixed(0)} s in all`
    );
  },
};
