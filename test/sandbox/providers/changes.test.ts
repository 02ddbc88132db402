/** What a change of inputs means: nothing, an update, or a replacement, and in which order. */
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { azureNative } from "../../../sandbox/providers/azure-native/definition";
import { azuredevops } from "../../../sandbox/providers/azuredevops/definition";
import { docker } from "../../../sandbox/providers/docker/definition";
import { resourceToken } from "../../../sandbox/providers/azuredevops/tokens";
import { revealMap, secretOf, unknown, type PlainMap, type PropertyMap } from "../../../sandbox/providers/properties";
import { PluginClient, urn } from "./plugin-client";
import { sample, validInputs, withProperty } from "./valid-inputs";

const git = urn(resourceToken("Git"), "repo");
const registry = urn("azure-native:containerregistry:Registry", "registry");
const clean = { name: "repo", projectId: "p", initialization: { initType: "Clean" } };
const sku = { name: "Basic" };

// Replace by what is inside them, which tests of their own show.
const nested = new Set([
  `${resourceToken("Git")} initialization`,
  `${resourceToken("ServiceEndpointAzureEcr")} credentials`,
]);

describe("a change of inputs", () => {
  let devops: PluginClient;
  let azure: PluginClient;
  let images: PluginClient;
  before(async () => {
    devops = await PluginClient.of(azuredevops);
    azure = await PluginClient.of(azureNative);
    images = await PluginClient.of(docker);
  });
  after(() => {
    devops.close();
    azure.close();
    images.close();
  });

  for (const definition of [azuredevops, azureNative, docker]) {
    for (const [token, { inputs: properties }] of Object.entries(definition.schema.resources)) {
      const rules = definition.rules[token] ?? {};
      const listed = Array.isArray(rules.replaces) ? (rules.replaces as readonly string[]) : [];
      for (const [name, property] of Object.entries(properties).filter(([other]) => !nested.has(`${token} ${other}`))) {
        const replaces = property.replaces === true || listed.includes(name);
        const [olds, news] = [0, 1].map((which) => {
          const value = sample(definition.schema, rules, property, name, which);
          return withProperty(revealMap(validInputs(definition, token)), name, value);
        }) as [PlainMap, PlainMap];
        it(`${replaces ? "replaces" : "updates"} ${token.split(":").pop()} when ${name} is another`, async () => {
          const client = definition === azuredevops ? devops : definition === docker ? images : azure;
          const result = await client.diff(urn(token), olds, news);
          const tops = new Set(Object.keys(result.paths).map((path) => /^\w+/.exec(path)?.[0]));
          deepStrictEqual([...tops], [name]);
          deepStrictEqual(result.replaces, replaces ? [name] : []);
        });
      }
    }
  }

  it("shows each path that changes, with its kind", async () => {
    const olds = { ...clean, name: "a", disabled: true };
    const news = { ...clean, name: "b", defaultBranch: "refs/heads/main" };
    const { paths } = await devops.diff(git, olds, news);
    deepStrictEqual(paths, { name: "UPDATE", disabled: "DELETE", defaultBranch: "ADD" });
  });

  it("shows items of a list by their index, and the rest of a longer list as additions", async () => {
    const template = { repositoryName: "r", repositoryRef: "refs/heads/main", templatePath: "a.yml" };
    const base = { projectId: "p", targetResourceId: "t", targetResourceType: "endpoint" };
    const { paths } = await devops.diff(
      urn(resourceToken("CheckRequiredTemplate")),
      { ...base, requiredTemplates: [template] },
      { ...base, requiredTemplates: [{ ...template, templatePath: "b.yml" }, template] },
    );
    deepStrictEqual(paths, { "requiredTemplates[0].templatePath": "UPDATE", "requiredTemplates[1]": "ADD" });
  });

  it("replaces a repository that is initialized differently, but not one that was never initialized", async () => {
    const imported = { initType: "Import", sourceType: "Git", sourceUrl: "https://example.com/x.git" };
    const from = async (initType: string): Promise<string[]> =>
      (await devops.diff(git, { ...clean, initialization: { initType } }, { ...clean, initialization: imported }))
        .replaces;
    deepStrictEqual(await from("Clean"), ["initialization"]);
    deepStrictEqual(await from("Uninitialized"), []);
  });

  it("replaces a connection whose identity is another", async () => {
    const result = await devops.diff(
      urn(resourceToken("ServiceEndpointAzureEcr")),
      { credentials: { serviceprincipalid: "a" } },
      { credentials: { serviceprincipalid: "b" } },
    );
    deepStrictEqual(result.paths, { "credentials.serviceprincipalid": "UPDATE_REPLACE" });
    strictEqual(result.deleteBeforeReplace, false);
  });

  it("deletes first where the replacement has the same given name, and not where names are automatic", async () => {
    const replacing = async (name: string): Promise<boolean> =>
      (await devops.diff(git, { ...clean, name, projectId: "p1" }, { ...clean, name, projectId: "p2" }))
        .deleteBeforeReplace;
    strictEqual(await replacing("wheelhouse"), true);
    strictEqual(await replacing("repo-0a1b2c3"), false);
  });

  it("deletes Azure resources first whose name is given, also where the name itself changes", async () => {
    const renamed = async (from: string, to: string): Promise<boolean> =>
      (await azure.diff(registry, { sku, registryName: from }, { sku, registryName: to })).deleteBeforeReplace;
    strictEqual(await renamed("contoso", "contoso2"), true);
    strictEqual(await renamed("registry0a1b2c3d", "registry4e5f6a7b"), false);
  });

  it("treats a value that is not known yet as a change", async () => {
    const { paths } = await devops.diff(git, clean, { ...clean, projectId: unknown, name: unknown });
    deepStrictEqual(paths, { projectId: "UPDATE_REPLACE", name: "UPDATE" });
  });

  it("does not take nothing, false and an empty text for changes in Azure DevOps, but does in Azure", async () => {
    strictEqual((await devops.diff(git, { ...clean, disabled: false }, clean)).changed, false);
    strictEqual((await devops.diff(git, clean, { ...clean, parentRepositoryId: "" })).changed, false);
    strictEqual((await azure.diff(registry, { sku, adminUserEnabled: false }, { sku })).changed, true);
    strictEqual((await azure.diff(registry, { sku, tags: {} }, { sku })).changed, false);
  });

  it("takes locations in both spellings, and names in any case, for the same", async () => {
    strictEqual(
      (await azure.diff(registry, { sku, location: "westeurope" }, { sku, location: "West Europe" })).changed,
      false,
    );
    strictEqual((await devops.diff(git, clean, { ...clean, name: "REPO" })).changed, false);
  });

  it("takes a branch with and without its prefix for the same", async () => {
    const repository = { repoId: "r", repoType: "TfsGit", branchName: "refs/heads/main" };
    const definition = urn(resourceToken("BuildDefinition"));
    const { changed } = await devops.diff(
      definition,
      { repository },
      { repository: { ...repository, branchName: "main" } },
    );
    strictEqual(changed, false);
  });

  it("does not mind the order of members", async () => {
    const membership = urn(resourceToken("GroupMembership"));
    strictEqual((await devops.diff(membership, { members: ["a", "b"] }, { members: ["b", "a"] })).changed, false);
    deepStrictEqual((await devops.diff(membership, { members: ["a", "b"] }, { members: ["b"] })).paths, {
      members: "UPDATE",
    });
  });

  it("leaves what the service chose alone when the program is silent", async () => {
    strictEqual((await devops.diff(git, { ...clean, defaultBranch: "refs/heads/main" }, clean)).changed, false);
  });

  it("compares secrets by what they hold", async () => {
    const endpoint = urn(resourceToken("ServiceEndpointDockerRegistry"));
    const of = (value: string): PropertyMap => ({ dockerPassword: secretOf(value) });
    strictEqual((await devops.diff(endpoint, of("a"), { dockerPassword: "a" })).changed, false);
    deepStrictEqual((await devops.diff(endpoint, of("a"), of("b"))).paths, { dockerPassword: "UPDATE" });
  });

  it("leaves out what is to be ignored, by name, by path, by index and by wildcard", async () => {
    const scopes = [{ repositoryRef: "refs/heads/a" }, { repositoryRef: "refs/heads/a" }];
    const policy = urn(resourceToken("BranchPolicyBuildValidation"));
    const olds = { enabled: true, settings: { displayName: "a", scopes } };
    const news = { enabled: false, settings: { displayName: "b", scopes: scopes.map(() => ({ repositoryRef: "x" })) } };
    const left = async (...ignored: string[]): Promise<string[]> =>
      Object.keys((await devops.diff(policy, olds, news, ignored)).paths).sort();
    const first = "settings.scopes[0].repositoryRef";
    const second = "settings.scopes[1].repositoryRef";
    deepStrictEqual(await left(), ["enabled", "settings.displayName", first, second]);
    deepStrictEqual(await left("enabled", "settings.scopes[0]"), ["settings.displayName", second]);
    deepStrictEqual(await left("settings.scopes[*].repositoryRef"), ["enabled", "settings.displayName"]);
    deepStrictEqual(await left('settings["displayName"]'), ["enabled", first, second]);
    deepStrictEqual(await left("settings", "enabled"), []);
    strictEqual((await devops.diff(policy, olds, news, ["settings", "enabled"])).changed, false);
  });

  it("never lets an ignored property replace anything", async () => {
    const { replaces } = await devops.diff(git, clean, { ...clean, projectId: "other" }, ["projectId"]);
    ok(replaces.length === 0);
  });
});
