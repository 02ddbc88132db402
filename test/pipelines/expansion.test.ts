/** The rendered templates under the strict expansion that the local agent has: what it refuses, the service refuses, too. */
import { strict as assert } from "node:assert";
import {
  applicationTemplatePath,
  baseImageTemplatePath,
  renderApplicationPipeline,
  renderApplicationTemplate,
  renderBaseImagePipeline,
  renderBaseImageTemplate,
  type PipelineSettings,
} from "../../pipelines";
import { expandPipeline } from "../../sandbox/agent/yaml";
import { applications, baseImages, platform } from "../recipes/specs";
import { builders } from "./builders";
import { settings } from "./settings";

const platforms: Readonly<Record<string, PipelineSettings>> = {
  plain: settings(),
  "with further indexes": settings({ indexes: platform.indexes }),
  ...Object.fromEntries(
    Object.entries(builders).map(([name, builder]) => [
      `with the builder ${name}`,
      settings({ builder, indexes: platform.indexes }),
    ]),
  ),
};

/** The names of a run's steps. */
async function steps(own: PipelineSettings, text: string, reason: string): Promise<readonly string[]> {
  const templates: Readonly<Record<string, string>> = {
    [applicationTemplatePath]: renderApplicationTemplate(own).content,
    [baseImageTemplatePath]: renderBaseImageTemplate(own).content,
  };
  const { jobs } = await expandPipeline({
    file: "azure-pipelines.yml",
    text,
    load: ({ repository, path }) => Promise.resolve(repository === "wheelhouse" ? templates[path] : undefined),
    variables: new Map([
      ["Build.Reason", reason],
      ["Build.SourceBranch", "refs/heads/main"],
    ]),
    defaultPool: { vmImage: "ubuntu-24.04" },
  });
  assert.equal(jobs.length, 1);
  return jobs[0]!.steps.map(({ displayName }) => displayName);
}

describe("the expansion of the templates", () => {
  for (const [name, own] of Object.entries(platforms)) {
    it(`takes every pipeline of a platform ${name}, whatever starts it`, async () => {
      for (const reason of ["IndividualCI", "PullRequest", "ResourceTrigger", "Schedule"]) {
        for (const app of Object.values(applications)) {
          if (app.indexes.length > 0 && own.indexes.length === 0) continue;
          const names = await steps(own, renderApplicationPipeline(app, own).content, reason);
          assert.equal(names.includes("Authenticate to nexus-two"), app.indexes.includes("nexus-two"));
          assert.deepEqual([names.filter((one) => one === "Make a builder").length, names.at(-1)], [1, "Clean up"]);
        }
        for (const base of Object.values(baseImages)) {
          const names = await steps(own, renderBaseImagePipeline(base, own).content, reason);
          assert.deepEqual([names.filter((one) => one === "Make a builder").length, names.at(-1)], [1, "Clean up"]);
        }
      }
    });
  }

  it("refuses what a closed set does not hold, and parameters that the platform does not have", async () => {
    const main = (more: string) =>
      renderApplicationPipeline(applications.minimal!, settings()).content.replace(
        "{ app: minimal }",
        `{ app: minimal, ${more} }`,
      );
    const remote = settings({ builder: builders.remote });
    await assert.rejects(steps(remote, main("builder: kubernetes"), "Manual"), /docker-container, remote/);
    assert.ok((await steps(remote, main("builder: docker-container"), "Manual")).includes("Make a builder"));
    for (const more of ["builder: docker-container", "indexes: [nexus]", "registry: evil.example.com"]) {
      await assert.rejects(steps(settings(), main(more), "Manual"), /azure-pipelines\.yml:\d+/);
    }
  });
});
