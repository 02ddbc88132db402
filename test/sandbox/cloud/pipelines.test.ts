import assert from "node:assert/strict";
import { refusal, TestCloud } from "./client";

const main = "refs/heads/main";

describe("pipelines and what belongs to them", () => {
  let cloud: TestCloud;
  let projectId: string;
  let repositoryId: string;
  let definitionId: number;
  before(async () => {
    cloud = await TestCloud.start();
    projectId = (await cloud.make("Project", { name: "Pipes" })).id;
    const inputs = { projectId, name: "code", defaultBranch: main, initialization: { initType: "Clean" } };
    repositoryId = (await cloud.make("Git", inputs)).id;
    definitionId = Number((await cloud.make("BuildDefinition", definition("first"))).id);
  });
  after(() => cloud.end());

  function definition(name: string, more: object = {}, source: object = {}): object {
    const repository = {
      repoId: repositoryId,
      repoType: "TfsGit",
      branchName: main,
      ymlPath: "azure-pipelines.yml",
      ...source,
    };
    return { projectId, name, path: "\\wheelhouse", repository, ...more };
  }

  describe("definitions", () => {
    it("keep the time of their making through every change", async () => {
      const { id, properties } = await cloud.make("BuildDefinition", definition("dated"));
      assert.ok(Math.abs(Date.now() - Date.parse(String(properties.createdDate))) < 60_000);
      const news = definition("dated", { queueStatus: "paused" });
      const changed = (await cloud.verb("update", "BuildDefinition", { id, olds: {}, news })).json.properties;
      assert.deepEqual(
        [changed?.createdDate, changed?.queueStatus, changed?.revision],
        [properties.createdDate, "paused", 2],
      );
    });

    const refused: [string, () => object, string][] = [
      ["a name that is taken in the folder", () => definition("FIRST"), "409 DefinitionExists"],
      ["an empty name", () => definition(" "), "400 DefinitionNameInvalid"],
      ["a slash in the name", () => definition("a/b"), "400 DefinitionNameInvalid"],
      ["a trailing period in the name", () => definition("a."), "400 DefinitionNameInvalid"],
      ["a project that does not exist", () => definition("x", { projectId: "none" }), "404 ProjectDoesNotExist"],
      ["a folder without its backslash", () => definition("x", { path: "wheelhouse" }), "400 FolderPathInvalid"],
      ["a folder that ends with a backslash", () => definition("x", { path: "\\a\\" }), "400 FolderPathInvalid"],
      ["a folder part without a name", () => definition("x", { path: "\\a\\\\b" }), "400 FolderPathInvalid"],
      ["a slash in the folder", () => definition("x", { path: "\\a/b" }), "400 FolderPathInvalid"],
      [
        "a type of repository in the wrong case",
        () => definition("x", {}, { repoType: "tfsgit" }),
        "400 RepositoryTypeInvalid",
      ],
      ["a repository that does not exist", () => definition("x", {}, { repoId: "none" }), "404 RepositoryNotFound"],
      [
        "a repository elsewhere without a connection",
        () => definition("x", {}, { repoType: "GitHub" }),
        "400 ServiceConnectionRequired",
      ],
      ["neither a YAML file nor jobs", () => definition("x", {}, { ymlPath: undefined }), "400 ProcessInvalid"],
      ["a queue that does not exist", () => definition("x", { agentPoolName: "none" }), "404 QueueNotFound"],
      ["an unknown queue status", () => definition("x", { queueStatus: "asleep" }), "400 QueueStatusInvalid"],
      ["an unknown scope of jobs", () => definition("x", { jobAuthorizationScope: "world" }), "400 ScopeInvalid"],
      [
        "a variable group that does not exist",
        () => definition("x", { variableGroups: [77] }),
        "404 VariableGroupNotFound",
      ],
      [
        "a trigger on a definition that does not exist",
        () => definition("x", { buildCompletionTriggers: [{ buildDefinitionId: 77, branchFilters: [] }] }),
        "404 DefinitionNotFound",
      ],
    ];
    for (const [what, inputs, says] of refused) {
      it(`are refused with ${what}`, async () => {
        assert.equal((await cloud.refused("BuildDefinition", inputs())).says, says);
      });
    }

    it("say how the type of repository is written", async () => {
      const { message } = await cloud.refused("BuildDefinition", definition("x", {}, { repoType: "tfsgit" }));
      assert.match(message, /write TfsGit/);
    });

    it("are numbered, start at revision 1 and count their changes", async () => {
      const { id, properties } = await cloud.make("BuildDefinition", definition("counted"));
      assert.deepEqual([Number.isInteger(Number(id)), properties.revision], [true, 1]);
      const reply = await cloud.verb("update", "BuildDefinition", { id, olds: {}, news: definition("counted") });
      assert.equal(reply.json.properties?.revision, 2);
    });

    it("never get the number of one that was deleted", async () => {
      const { id } = await cloud.make("BuildDefinition", definition("passing"));
      await cloud.verb("delete", "BuildDefinition", { id });
      assert.notEqual((await cloud.make("BuildDefinition", definition("passing"))).id, id);
    });

    it("may have one name in two folders, and make the folders that are not there", async () => {
      await cloud.make("BuildDefinition", definition("twin", { path: "\\one\\deep" }));
      await cloud.make("BuildDefinition", definition("twin", { path: "\\two" }));
      const taken = { projectId, path: "\\one\\deep" };
      assert.equal((await cloud.refused("BuildFolder", taken)).says, "409 FolderExists");
      assert.equal((await cloud.refused("BuildFolder", { projectId, path: "\\ONE" })).says, "409 FolderExists");
    });

    it("keep secret variables and do not show them", async () => {
      const variables = [{ name: "key", secretValue: "hidden-value", isSecret: true }];
      const { id, properties } = await cloud.make("BuildDefinition", definition("secretive", { variables }));
      assert.deepEqual(properties.variables, [{ name: "key", isSecret: true }]);
      assert.equal(JSON.stringify(await cloud.read("BuildDefinition", id)).includes("hidden-value"), false);
    });

    it("can be deleted while a policy uses them; the policy then cannot be changed", async () => {
      const { id } = await cloud.make("BuildDefinition", definition("used"));
      const settings = {
        buildDefinitionId: Number(id),
        displayName: "d",
        scopes: [{ repositoryRef: "refs/heads/other" }],
      };
      const policy = await cloud.make("BranchPolicyBuildValidation", { projectId, settings });
      assert.equal((await cloud.verb("delete", "BuildDefinition", { id })).status, 200);
      const news = { projectId, settings };
      const reply = await cloud.verb("update", "BranchPolicyBuildValidation", { id: policy.id, olds: {}, news });
      assert.equal(refusal(reply).says, "404 DefinitionNotFound");
    });

    it("are listed over REST, by name and folder too", async () => {
      const path = "/devops/acme/Pipes/_apis/build/definitions";
      const one = await cloud.call("GET", `${path}?name=fir*&path=%5Cwheelhouse`);
      assert.deepEqual(
        one.json.value?.map(({ id, name }) => [id, name]),
        [[definitionId, "first"]],
      );
      const shown = await cloud.call("GET", `${path}/${definitionId}?api-version=7.1`);
      assert.deepEqual(shown.json.process, { type: 2, yamlFilename: "azure-pipelines.yml" });
      assert.equal(refusal(await cloud.call("GET", `${path}/99999`)).says, "404 DefinitionNotFound");
    });
  });

  describe("folders", () => {
    it("are refused with paths that the service refuses", async () => {
      for (const path of ["a", "\\a\\", "\\", "\\a:b"]) {
        assert.equal((await cloud.refused("BuildFolder", { projectId, path })).says, "400 FolderPathInvalid", path);
      }
      assert.equal(
        (await cloud.refused("BuildFolder", { projectId: "none", path: "\\a" })).says,
        "404 ProjectDoesNotExist",
      );
    });

    it("are found by project and path", async () => {
      const { id } = await cloud.make("BuildFolder", { projectId, path: "\\Imported" });
      assert.equal((await cloud.verb("read", "BuildFolder", { id: `${projectId}/\\imported` })).json.id, id);
    });

    it("take along what is in them when they move, and when they go", async () => {
      const { id: folder } = await cloud.make("BuildFolder", { projectId, path: "\\moving" });
      const { id } = await cloud.make("BuildDefinition", definition("moved", { path: "\\moving" }));
      await cloud.verb("update", "BuildFolder", { id: folder, olds: {}, news: { projectId, path: "\\moved" } });
      assert.equal((await cloud.read("BuildDefinition", id))?.path, "\\moved");
      await cloud.verb("delete", "BuildFolder", { id: folder });
      assert.equal(await cloud.read("BuildDefinition", id), undefined);
    });
  });

  describe("authorizations and checks", () => {
    let environmentId: string;
    before(async () => {
      environmentId = (await cloud.make("Environment", { projectId, name: "production" })).id;
    });

    it("let a pipeline at a resource, however often it is said", async () => {
      const inputs = { projectId, resourceId: environmentId, type: "environment", pipelineId: definitionId };
      const { id } = await cloud.make("PipelineAuthorization", inputs);
      assert.equal(id, `${projectId}/environment/${environmentId};pipeline_id=${definitionId}`);
      assert.equal((await cloud.make("PipelineAuthorization", inputs)).id, id);
      assert.deepEqual(await cloud.read("PipelineAuthorization", id), inputs);
    });

    it("let pipelines at each type of resource, which must be in the project", async () => {
      const group = await cloud.make("VariableGroup", { projectId, name: "g", variables: [{ name: "a", value: "b" }] });
      const queue = (await cloud.invoke("getAgentQueue", { projectId, name: "Default" })).json.result;
      for (const [type, resourceId] of [
        ["variablegroup", group.id],
        ["queue", queue?.id],
        ["repository", repositoryId],
      ]) {
        await cloud.make("PipelineAuthorization", { projectId, resourceId, type });
        const absent = { projectId, resourceId: "99999", type };
        assert.equal((await cloud.refused("PipelineAuthorization", absent)).says, "404 ResourceNotFound", String(type));
      }
    });

    it("refuse a feed, and pipelines that do not exist", async () => {
      const feed = { projectId, resourceId: "1", type: "feed" };
      assert.equal((await cloud.refused("PipelineAuthorization", feed)).says, "400 ResourceTypeInvalid");
      const pipeline = { projectId, resourceId: environmentId, type: "environment", pipelineId: 99999 };
      assert.equal((await cloud.refused("PipelineAuthorization", pipeline)).says, "404 DefinitionNotFound");
    });

    it("go with the resource or the pipeline that they are about", async () => {
      const environment = await cloud.make("Environment", { projectId, name: "passing" });
      const pipeline = await cloud.make("BuildDefinition", definition("passing too"));
      const inputs = { projectId, type: "environment", resourceId: environmentId, pipelineId: Number(pipeline.id) };
      const one = await cloud.make("PipelineAuthorization", { ...inputs, resourceId: environment.id });
      const two = await cloud.make("PipelineAuthorization", inputs);
      await cloud.verb("delete", "Environment", { id: environment.id });
      assert.equal(await cloud.read("PipelineAuthorization", one.id), undefined);
      await cloud.verb("delete", "BuildDefinition", { id: pipeline.id });
      assert.equal(await cloud.read("PipelineAuthorization", two.id), undefined);
    });

    it("want a template by its repository, reference and path", async () => {
      const template = { repositoryName: "Pipes/code", repositoryRef: main, templatePath: "templates/application.yml" };
      const right = {
        projectId,
        targetResourceId: environmentId,
        targetResourceType: "environment",
        requiredTemplates: [template],
      };
      const { id, properties } = await cloud.make("CheckRequiredTemplate", right);
      assert.equal(properties.version, 1);
      assert.equal((await cloud.verb("find", "CheckRequiredTemplate", { inputs: right })).json.id, id);
      const repository = {
        ...right,
        targetResourceType: "repository",
        targetResourceId: `${projectId}.${repositoryId}`,
      };
      await cloud.make("CheckRequiredTemplate", repository);
      for (const [part, says] of [
        [{ requiredTemplates: [] }, "400 CheckInvalid"],
        [{ requiredTemplates: [{ ...template, repositoryRef: "main" }] }, "400 CheckInvalid"],
        [{ requiredTemplates: [{ ...template, templatePath: "" }] }, "400 CheckInvalid"],
        [{ requiredTemplates: [{ ...template, repositoryType: "svn" }] }, "400 CheckInvalid"],
        [{ targetResourceId: "99999" }, "404 ResourceNotFound"],
        [{ targetResourceType: "feed" }, "400 ResourceTypeInvalid"],
        [{ targetResourceType: "constructor" }, "400 ResourceTypeInvalid"],
      ] as const) {
        assert.equal((await cloud.refused("CheckRequiredTemplate", { ...right, ...part })).says, says);
      }
    });
  });
});
