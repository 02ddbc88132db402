/** The pipelines that the program renders, expanded as a run of them is. */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { expandPipeline, readMainFile } from "../../../../sandbox/agent/yaml";
import type { ExpandedPipeline, TemplatePlace } from "../../../../sandbox/agent/model";

const golden = join(__dirname, "../../../pipelines/golden");
const platforms = ["hosted", "own-pool"];
const variables = new Map([
  ["Build.Reason", "IndividualCI"],
  ["Build.SourceBranch", "refs/heads/main"],
]);

function loader(platform: string): (place: TemplatePlace) => Promise<string | undefined> {
  return ({ repository, path }) => {
    assert.equal(repository, "wheelhouse");
    return Promise.resolve(readFileSync(join(golden, "platform", platform, path), "utf8"));
  };
}

/** Whether the platform's template has every parameter of the application: one of the platforms has no further indexes. */
function declares(platform: string, file: string): boolean {
  const template = readFileSync(join(golden, "platform", platform, "templates/application.yml"), "utf8");
  return template.includes("- name: indexes") || !/^ {4}indexes:/m.test(readFileSync(file, "utf8"));
}

function expandFile(file: string, platform: string, reason?: string): Promise<ExpandedPipeline> {
  return expandText(readFileSync(file, "utf8"), platform, reason);
}

function expandText(text: string, platform: string, reason = "IndividualCI"): Promise<ExpandedPipeline> {
  return expandPipeline({
    file: "azure-pipelines.yml",
    text,
    load: loader(platform),
    variables: new Map([...variables, ["Build.Reason", reason]]),
    defaultPool: { vmImage: "ubuntu-latest" },
  });
}

function filesUnder(folder: string, name: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(name))
    .map((path) => join(folder, path))
    .sort();
}

const applications = filesUnder(join(golden, "application"), "azure-pipelines.yml");

describe("the expansion of rendered pipelines", () => {
  it("has all of them to expand", () => {
    assert.ok(applications.length >= 10);
    for (const platform of platforms) assert.ok(filesUnder(join(golden, "platform", platform), ".yml").length >= 5);
  });

  for (const platform of platforms) {
    for (const file of applications) {
      it(`makes the jobs of ${file.slice(golden.length + 1)} on the ${platform} platform`, async () => {
        if (!declares(platform, file)) {
          return assert.rejects(expandFile(file, platform), /there is no parameter "indexes"/);
        }
        const pipeline = await expandFile(file, platform);
        assert.deepEqual(pipeline.extends, { repository: "wheelhouse", path: "templates/application.yml" });
        assert.deepEqual(pipeline.templates, [pipeline.extends]);
        assert.equal(pipeline.jobs.length, 1);
        assert.ok(pipeline.jobs[0]!.steps.length > 10);
        assert.ok(!pipeline.text.includes("${{"));
        assert.deepEqual(readMainFile(pipeline.text, "expanded.yml"), pipeline.main);
        const again = await expandText(pipeline.text, platform);
        assert.deepEqual(again.jobs, pipeline.jobs);
      });
    }
    for (const file of filesUnder(join(golden, "platform", platform), "azure-pipelines.yml")) {
      it(`makes the jobs of ${file.slice(golden.length + 1)}`, async () => {
        const pipeline = await expandFile(file, platform, "Schedule");
        assert.equal(pipeline.jobs.length, 1);
        assert.ok(!pipeline.text.includes("${{"));
      });
    }
  }

  it("logs in with the connection that pulls for a pull request, and with the one that pushes otherwise", async () => {
    const file = applications.find((path) => path.includes("minimal"))!;
    const connections = async (reason: string): Promise<unknown[]> => {
      const { jobs } = await expandFile(file, "hosted", reason);
      return jobs[0]!.steps.flatMap((step) =>
        step.kind === "task" && step.task === "Docker@2" && step.inputs.command === "login"
          ? [step.inputs.containerRegistry]
          : [],
      );
    };
    assert.deepEqual(await connections("PullRequest"), ["wheelhouse-pull"]);
    assert.deepEqual(await connections("IndividualCI"), ["wheelhouse-push"]);
    assert.deepEqual(await connections("ResourceTrigger"), ["wheelhouse-push"]);
  });

  it("gives each script exactly the text of the template", async () => {
    const template = parse(readFileSync(join(golden, "platform/hosted/templates/base-image.yml"), "utf8")) as {
      jobs: { steps: { script?: string }[] }[];
    };
    const file = filesUnder(join(golden, "platform/hosted/base-images/python-web"), "azure-pipelines.yml")[0]!;
    const { jobs } = await expandFile(file, "hosted");
    assert.deepEqual(
      jobs[0]!.steps.flatMap((step) => (step.kind === "script" ? [step.script] : [])),
      template.jobs[0]!.steps.flatMap(({ script }) => (script === undefined ? [] : [script])),
    );
  });

  it("puts the pool of the parameter into the job, with its demands", async () => {
    const file = applications.find((path) => path.includes("/scripts/"))!;
    const { jobs } = await expandFile(file, "hosted");
    assert.deepEqual(jobs[0]!.pool, { name: "big builders", demands: ["docker"] });
  });
});
