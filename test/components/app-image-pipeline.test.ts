import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { AppImagePipeline } from "../../components";
import type { App, Pool } from "../../spec";
import { keysIn, only, record, UNKNOWN, type Recording } from "./recording";
import { app, baseImage, everyKind } from "./samples";

const GIT = "azuredevops:index/git:Git";
const FILE = "azuredevops:index/gitRepositoryFile:GitRepositoryFile";
const DEFINITION = "azuredevops:index/buildDefinition:BuildDefinition";
const AUTHORIZATION = "azuredevops:index/pipelineAuthorization:PipelineAuthorization";
const POLICY = "azuredevops:index/branchPolicyBuildValidation:BranchPolicyBuildValidation";

/** What gives values that a first preview does not know. */
class Elsewhere extends pulumi.CustomResource {}

/** @param later whether the platform's values come from something that a first preview does not know. */
function declare(spec: App, later = false): Promise<Recording> {
  return record(() => {
    const source = new Elsewhere("other:index:Platform", "platform", {});
    const from = <Value>(value: Value): pulumi.Input<Value> => (later ? source.id.apply(() => value) : value);
    new AppImagePipeline(`app-${spec.name}`, {
      app: spec,
      baseImage: from(baseImage),
      project: from("Platform"),
      projectId: from("project"),
      templateRepository: from("wheelhouse"),
      templateRepositoryId: "templates",
      templateBranch: from("refs/heads/main"),
      pushEndpointId: from("push"),
      folder: from("\\wheelhouse"),
      pool: from<Pool>({ kind: "hosted", vmImage: "ubuntu-24.04" }),
      registry: from("contoso.example.net"),
    });
  }, later).then(withoutPlatform);
}

/** Without what only gives values. */
function withoutPlatform(recording: Recording): Recording {
  return { ...recording, resources: recording.resources.filter(({ type }) => type !== "other:index:Platform") };
}

describe("AppImagePipeline", () => {
  for (const spec of everyKind) {
    it(`costs at most eight resources, itself included: ${spec.name}`, async () => {
      const { resources } = await declare(spec);
      assert.ok(resources.length <= 8, resources.map(({ urn }) => urn).join("\n"));
      assert.equal(resources.filter(({ custom }) => !custom).length, 1);
    });
  }

  it("makes a repository that outlives the application, and whose branches are the team's", async () => {
    const git = only(await declare(app("orders")), GIT);
    assert.equal(git.retainOnDelete, true);
    assert.deepEqual(git.ignoreChanges, ["defaultBranch", "initialization"]);
    assert.deepEqual(git.inputs, {
      projectId: "project",
      name: "orders",
      defaultBranch: "refs/heads/main",
      initialization: { initType: "Clean" },
    });
  });

  it("writes the starter pipeline once and then leaves it to the team", async () => {
    const recording = await declare(app("orders"));
    const starter = only(recording, FILE, "app-orders-starter");
    assert.equal(starter.retainOnDelete, true);
    assert.deepEqual([...starter.ignoreChanges].sort(), ["branch", "commitMessage", "content"]);
    assert.equal(starter.inputs.repositoryId, "id-of-app-orders");
    assert.equal(starter.inputs.file, "azure-pipelines.yml");
    assert.equal(starter.inputs.branch, "refs/heads/main");
    assert.match(String(starter.inputs.content), /extends:/);
  });

  it("keeps the recipe in the template repository up to date", async () => {
    const recording = await declare(app("orders"));
    const recipe = recording.resources.filter(
      ({ type, inputs }) => type === FILE && inputs.repositoryId === "templates",
    );
    assert.deepEqual(recipe.map(({ inputs }) => inputs.file).sort(), [
      "apps/orders/Dockerfile",
      "apps/orders/docker-bake.json",
    ]);
    for (const file of recipe) {
      assert.deepEqual(file.ignoreChanges, ["commitMessage"]);
      assert.equal(file.retainOnDelete, false);
    }
  });

  it("writes no Dockerfile for a team that brings its own", async () => {
    const recording = await declare(app("orders", { dockerfile: "Dockerfile" }));
    const paths = recording.resources.filter(({ type }) => type === FILE).map(({ inputs }) => inputs.file);
    assert.deepEqual(paths.sort(), ["apps/orders/docker-bake.json", "azure-pipelines.yml"]);
  });

  it("runs the pipeline for this project alone, from YAML, with no schedule of the provider's", async () => {
    const definition = only(await declare(app("orders")), DEFINITION);
    assert.deepEqual(definition.inputs, {
      projectId: "project",
      name: "orders",
      path: "\\wheelhouse",
      agentPoolName: "Azure Pipelines",
      jobAuthorizationScope: "project",
      ciTrigger: { useYaml: true },
      features: [{ skipFirstRun: true }],
      repository: {
        repoType: "TfsGit",
        repoId: "id-of-app-orders",
        branchName: "refs/heads/main",
        ymlPath: "azure-pipelines.yml",
        reportBuildStatus: true,
      },
    });
    assert.equal(keysIn(definition.inputs).includes("schedules"), false);
  });

  it("makes the pipeline after its main file, so that no push starts it half made", async () => {
    const definition = only(await declare(app("orders")), DEFINITION);
    assert.deepEqual(
      definition.dependsOn.filter((label) => label.startsWith(FILE)),
      [`${FILE} app-orders-starter`],
    );
  });

  for (const spec of everyKind) {
    it(`writes no recipe before it has the pipeline's name, and lets nothing push before that: ${spec.name}`, async () => {
      const recording = await declare(spec);
      const recipe = recording.resources.filter(
        ({ type, inputs }) => type === FILE && inputs.repositoryId === "templates",
      );
      assert.ok(recipe.length > 0);
      for (const file of recipe) assert.ok(file.dependsOn.includes(`${DEFINITION} app-${spec.name}`), file.name);
      const { dependsOn } = only(recording, AUTHORIZATION);
      for (const file of recipe) assert.ok(dependsOn.includes(`${FILE} ${file.name}`), file.name);
    });
  }

  for (const spec of everyKind) {
    it(`has the same resources whether or not the platform's values are known yet: ${spec.name}`, async () => {
      const known = await declare(spec);
      const unknown = await declare(spec, true);
      assert.deepEqual(unknown.resources.map(({ urn }) => urn).sort(), known.resources.map(({ urn }) => urn).sort());
      const recipe = unknown.resources.filter(({ type, name }) => type === FILE && !name.endsWith("-starter"));
      for (const { inputs } of recipe) assert.equal(inputs.content, UNKNOWN);
    });
  }

  it("runs in the application's own pool where it names one", async () => {
    const spec = app("orders", { pool: { kind: "named", name: "Linux builders", demands: [] } });
    assert.equal(only(await declare(spec), DEFINITION).inputs.agentPoolName, "Linux builders");
  });

  it("authorizes this one pipeline to push", async () => {
    assert.deepEqual(only(await declare(app("orders")), AUTHORIZATION).inputs, {
      projectId: "project",
      resourceId: "push",
      type: "endpoint",
      pipelineId: 42,
    });
  });

  it("holds pull requests into each branch until the image builds", async () => {
    const policy = only(await declare(app("orders", { branches: ["release", "main"] })), POLICY);
    assert.equal(policy.inputs.blocking, true);
    assert.equal(policy.inputs.enabled, true);
    assert.deepEqual((policy.inputs.settings as { scopes: unknown }).scopes, [
      { repositoryId: "id-of-app-orders", repositoryRef: "refs/heads/release", matchType: "Exact" },
      { repositoryId: "id-of-app-orders", repositoryRef: "refs/heads/main", matchType: "Exact" },
    ]);
  });

  it("takes the first branch as the repository's default branch", async () => {
    const recording = await declare(app("orders", { branches: ["trunk", "next"] }));
    assert.equal(only(recording, GIT).inputs.defaultBranch, "refs/heads/trunk");
    assert.equal(only(recording, FILE, "app-orders-starter").inputs.branch, "refs/heads/trunk");
  });

  it("refers to an existing repository without owning it or anything in it", async () => {
    const recording = await declare(
      app("orders", { repository: { kind: "existing", name: "legacy", pipelineFile: "ci/wheelhouse.yml" } }),
    );
    assert.equal(recording.resources.filter(({ type }) => type === GIT).length, 0);
    assert.ok(recording.resources.every(({ inputs }) => inputs.repositoryId !== "existing-legacy"));
    const repository = only(recording, DEFINITION).inputs.repository as Record<string, unknown>;
    assert.equal(repository.repoId, "existing-legacy");
    assert.equal(repository.ymlPath, "ci/wheelhouse.yml");
    assert.deepEqual(recording.calls, [
      {
        token: "azuredevops:index/getGitRepository:getGitRepository",
        inputs: { projectId: "project", name: "legacy" },
      },
    ]);
  });

  it("puts out where the repository is, the pipeline's number and the images", async () => {
    const { outputs } = await declare(app("orders", { scripts: ["orders-api", "migrate"] }));
    assert.deepEqual(outputs.get("wheelhouse:index:AppImagePipeline app-orders"), {
      pipelineId: 42,
      repositoryUrl: "https://devops.example/_git/orders",
      images: ["contoso.example.net/orders-api", "contoso.example.net/orders-migrate"],
    });
  });
});
