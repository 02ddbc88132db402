/**
 * Changes 300 applications of a platform that was really made, at the stand-ins, previews that with the real engine, and writes
 * what `wheelhouse preview-comment` says of it: `npx tsx test/tools/preview/whole/three-hundred.ts [COUNT]`. Some minutes; most of
 * them make the platform. Its comment for GitHub, the smaller one, is the source of a picture of the documentation.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import * as path from "node:path";
import { gitHubLimit, renderComment, type Report } from "../../../../tools/preview";
import { changeApplications, writeApplications } from "./many-applications";
import { Stand } from "./stand";

const recorded = path.join(__dirname, "..", "recorded", "300-applications.md");
const page = "https://github.com/contoso/platform/actions/runs/7";

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const result = await work();
  console.log(`${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

async function main(count: number): Promise<void> {
  console.log(`${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB of memory`);
  const stand = await Stand.start();
  try {
    const stack = "production";
    await stand.stack(stack);
    await stand.contribute();
    const pullRequest = await stand.pullRequest("topic");
    writeApplications(stand, stack, count);
    const up = await timed(`making a platform with ${count} applications`, () =>
      stand.pulumi("up", "--yes", "--skip-preview", "--suppress-progress", "--stack", stack),
    );
    if (up.code !== 0) throw new Error(up.output + up.errors);
    changeApplications(stand, stack, count);
    const artifact = path.join(stand.folder, "preview.md");
    const ended = await timed("wheelhouse preview-comment", () =>
      stand.preview({ pullRequest, build: 1 }, "--stack", stack, "--json", "--artifact", artifact),
    );
    if (ended.code !== 0) throw new Error(ended.output + ended.errors);
    const [thread] = await stand.threads(pullRequest);
    const size = (text: string) => text.length.toLocaleString("en");
    console.log(`comment in Azure DevOps: ${size(thread?.content ?? "")} characters`);
    console.log(`whole report: ${size(readFileSync(artifact, "utf8"))} characters`);
    const report = JSON.parse(ended.output) as Report;
    const run = { name: "12", url: page, commit: "0123456789abcdef0123456789abcdef01234567" };
    const text = renderComment(report, { limit: gitHubLimit, artifactUrl: page, run });
    console.log(`comment on GitHub: ${size(text)} characters`);
    if (count === 300) writeFileSync(recorded, text.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "https://dev.azure.com"));
  } finally {
    await stand.close();
  }
}

void main(Number(process.argv[2] ?? 300));
