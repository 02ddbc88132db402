/** The platform's own repository in the organization: the program as a platform team keeps it, with its stack's configuration. */
import { copyFileSync, cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../process.mjs";
import { allowPreviews } from "./previews";
import { merge } from "./source";
import { newestRun, runThat, type Report, type Stage } from "./stage";

/** Name of the repository. */
export const platformRepository = "platform-team";

/** The pipeline that previews its pull requests. */
const previewPipeline = "wheelhouse-preview";

/** What the program consists of. The rest of the checkout develops and tests it. */
const files = ["Pulumi.yaml", "index.ts", "tsconfig.json", "azure-pipelines.yml", "apps", "base-images", "schemas"];
const rooms = ["spec", "recipes", "pipelines", "components", "policy", "tools", "sdks"];

/** The local SDK, which the package has compiled in, and a copy of the sources needs as it is. */
const localPackage = "@pulumi/azuredevops";

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** The program's packages without those that only its development needs, and the lock file of just these. */
async function writePackages({ program, machine }: Stage, target: string): Promise<void> {
  const { devDependencies = {}, ...manifest } = JSON.parse(
    readFileSync(join(program, "package.json"), "utf8"),
  ) as Manifest;
  const local = devDependencies[localPackage];
  if (local === undefined) throw new Error(`${join(program, "package.json")} has no ${localPackage}`);
  const dependencies = { ...manifest.dependencies, [localPackage]: local };
  writeFileSync(
    join(target, "package.json"),
    `${JSON.stringify({ ...manifest, dependencies, scripts: {} }, undefined, 2)}\n`,
  );
  copyFileSync(join(program, "package-lock.json"), join(target, "package-lock.json"));
  // Nothing is looked up: the lock file has all of it, and only loses what nobody asks for any more.
  const args = ["install", "--package-lock-only", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", args, { cwd: target, env: machine.environment, timeoutSeconds: 120 });
}

/** Writes the platform into a working copy, as it is in the checkout now. */
async function writePlatform(stage: Stage, target: string): Promise<void> {
  for (const entry of [...files, ...rooms]) {
    rmSync(join(target, entry), { recursive: true, force: true });
    cpSync(join(stage.program, entry), join(target, entry), {
      recursive: true,
      filter: (path) => !path.includes("node_modules") && path !== join(stage.program, "tools", "dist"),
    });
  }
  writeFileSync(join(target, ".gitignore"), "node_modules/\n");
  copyFileSync(stage.stack.configurationFile, join(target, `Pulumi.${stage.stack.name}.yaml`));
  await writePackages(stage, target);
}

/**
 * Sets up previews, and brings the repository to what the checkout has: the first time by a push, and then, as its main branch takes
 * nothing else any more, by a pull request.
 */
export async function bringPlatform(stage: Stage, report: Report): Promise<void> {
  const { organization } = stage;
  report("what a preview needs");
  const preview = await allowPreviews(stage);
  stage.configure({ "wheelhouse:platformRepository": platformRepository, "wheelhouse:preview": preview });
  report("the platform's repository");
  const message = "Bring the platform as it is";
  const write = (target: string): Promise<void> => writePlatform(stage, target);
  if (!(await organization.hasRepository(platformRepository))) {
    await organization.makeRepository(platformRepository, message, write);
    return;
  }
  const branch = "bring-the-platform";
  if ((await organization.commit(platformRepository, { from: "main", to: branch, message }, write)) === undefined)
    return;
  const before = await newestRun(stage);
  const { pullRequestId } = await organization.openPullRequest(platformRepository, branch, message);
  await previewOf(stage, pullRequestId, before);
  await merge(stage, platformRepository, pullRequestId);
}

/** The run that previews a pull request, after its end. @param after Number of a run that was there before. */
export async function previewOf(stage: Stage, pullRequest: number, after: number): Promise<void> {
  await runThat(
    stage,
    `the preview of pull request ${pullRequest}`,
    ({ id, pullRequest: of, pipeline }) => id > after && of === pullRequest && pipeline.name === previewPipeline,
  );
}

/** The main branch of the repository, ready to be run. @returns the working copy */
export async function checkOutPlatform({ organization, program, folder }: Stage): Promise<string> {
  const copy = join(folder, "merged");
  rmSync(copy, { recursive: true, force: true });
  await organization.clone(platformRepository, "main", copy);
  symlinkSync(join(program, "node_modules"), join(copy, "node_modules"));
  return copy;
}
