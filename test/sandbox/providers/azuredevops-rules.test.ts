/** What the azuredevops provider refuses at run time for reasons that no table holds. */
import { deepStrictEqual, ok, rejects } from "node:assert";
import { azuredevops } from "../../../sandbox/providers/azuredevops/definition";
import { functionToken, resourceToken } from "../../../sandbox/providers/azuredevops/tokens";
import { secretOf, type PropertyMap } from "../../../sandbox/providers/properties";
import { PluginClient, urn } from "./plugin-client";
import { typeAt, validInputs } from "./valid-inputs";

describe("the azuredevops plugin", () => {
  let client: PluginClient;
  before(async () => {
    client = await PluginClient.of(azuredevops);
  });
  after(() => client.close());

  async function failures(name: string, inputs: PropertyMap): Promise<string[]> {
    const token = resourceToken(name);
    const checked = await client.check(urn(token), { ...validInputs(azuredevops, token), ...inputs });
    return checked.failures.map(({ property, reason }) => `${property}: ${reason}`);
  }

  async function refuses(name: string, inputs: PropertyMap, ...expected: RegExp[]): Promise<void> {
    const found = await failures(name, inputs);
    for (const pattern of expected) {
      ok(
        found.some((text) => pattern.test(text)),
        `expected ${pattern} among ${JSON.stringify(found)}`,
      );
    }
  }

  async function accepts(name: string, inputs: PropertyMap): Promise<void> {
    deepStrictEqual(await failures(name, inputs), []);
  }

  const registry = {
    projectId: "0d2c5f5e-6c1c-4f5e-9a43-3f6d1f6f0001",
    serviceEndpointName: "wheelhouse-push",
    azurecrSpnTenantid: "t",
    azurecrSubscriptionId: "s",
    azurecrSubscriptionName: "n",
    azurecrName: "contoso",
    resourceGroup: "g",
  };

  it("takes a registry connection with workload identity federation, with and without an identity", async () => {
    const scheme = { serviceEndpointAuthenticationScheme: "WorkloadIdentityFederation" };
    await accepts("ServiceEndpointAzureEcr", { ...registry, ...scheme });
    await accepts("ServiceEndpointAzureEcr", { ...registry, ...scheme, credentials: { serviceprincipalid: "c" } });
  });

  it("refuses a registry connection with a managed service identity, or a service principal of one's own", async () => {
    await refuses(
      "ServiceEndpointAzureEcr",
      { ...registry, serviceEndpointAuthenticationScheme: "ManagedServiceIdentity" },
      /^serviceEndpointAuthenticationScheme: ManagedServiceIdentity is not supported/,
    );
    await refuses(
      "ServiceEndpointAzureEcr",
      { ...registry, credentials: { serviceprincipalid: "c" } },
      /^serviceEndpointAuthenticationScheme: ServicePrincipal with credentials is not supported/,
    );
  });

  it("wants a subscription or a management group for an Azure connection, each with its name", async () => {
    const { projectId, serviceEndpointName } = registry;
    const base = { projectId, serviceEndpointName, azurermSpnTenantid: "t" };
    const none = { azurermSubscriptionId: null, azurermSubscriptionName: null };
    await refuses("ServiceEndpointAzureRM", { ...base, ...none }, /^azurermSubscriptionId: missing/);
    await refuses(
      "ServiceEndpointAzureRM",
      { ...base, azurermSubscriptionId: "s", azurermSubscriptionName: null },
      /^azurermSubscriptionName: missing/,
    );
    await refuses(
      "ServiceEndpointAzureRM",
      { ...base, ...none, azurermManagementGroupId: "m" },
      /^azurermManagementGroupName: missing/,
    );
    await accepts("ServiceEndpointAzureRM", {
      ...base,
      ...none,
      azurermManagementGroupId: "m",
      azurermManagementGroupName: "n",
    });
  });

  it("wants a source for an import, and a parent for a fork", async () => {
    await refuses("Git", { initialization: { initType: "Import" } }, /^initialization.sourceUrl: missing/);
    await refuses("Git", { initialization: { initType: "Fork" } }, /^parentRepositoryId: missing/);
    await accepts("Git", {
      initialization: { initType: "Import", sourceType: "Git", sourceUrl: "https://example.com/x.git" },
    });
  });

  it("refuses parts of an initialization that need others, or exclude them", async () => {
    await refuses(
      "Git",
      { initialization: { initType: "Clean", username: "u" } },
      /^initialization.username: needs initialization.sourceType/,
      /^initialization.username: needs initialization.sourceUrl/,
    );
    const source = { initType: "Import", sourceType: "Git", sourceUrl: "https://example.com/x.git" };
    await refuses(
      "Git",
      { initialization: { ...source, serviceConnectionId: "c", username: "u" } },
      /^initialization.username: cannot be given together with initialization.serviceConnectionId/,
    );
  });

  it("refuses folders that Azure Pipelines does not have", async () => {
    for (const name of ["BuildDefinition", "BuildFolder"]) {
      await refuses(name, { path: "wheelhouse" }, /^path: must start with a backslash/);
      await refuses(name, { path: "\\wheelhouse\\" }, /^path: must not end with a backslash/);
      await refuses(name, { path: "\\a/b" }, /^path: must not hold any of/);
      await accepts(name, { path: "\\wheelhouse\\teams" });
      await accepts(name, { path: "\\" });
    }
  });

  it("refuses triggers that YAML and the definition both hold, and two addresses of one repository", async () => {
    const override = { branchFilters: [{ includes: ["main"] }] };
    await refuses(
      "BuildDefinition",
      { ciTrigger: { useYaml: true, override } },
      /^ciTrigger.override: cannot be given/,
    );
    const forks = { enabled: false, shareSecrets: false };
    await refuses(
      "BuildDefinition",
      { pullRequestTrigger: { useYaml: true, override, forks } },
      /^pullRequestTrigger.override: cannot be given/,
    );
    const repository = { repoId: "r", repoType: "TfsGit", url: "https://a", githubEnterpriseUrl: "https://b" };
    await refuses("BuildDefinition", { repository }, /^repository.url: cannot be given together/);
  });

  it("knows the repository types by their exact letters", async () => {
    await refuses(
      "BuildDefinition",
      { repository: { repoId: "r", repoType: "tfsGit" } },
      /^repository.repoType: must be one of .*did you mean "TfsGit"/,
    );
  });

  it("accepts schedules, which the service never runs", async () => {
    await accepts("BuildDefinition", {
      schedules: [{ branchFilters: [{ includes: ["main"] }], daysToBuilds: ["Mon"] }],
    });
  });

  it("refuses features that a project does not have, and states that they do not have", async () => {
    await refuses("Project", { features: { wiki: "enabled" } }, /^features.wiki: is no feature/);
    await refuses("ProjectFeatures", { features: { boards: "off" } }, /^features.boards: must be one of/);
    await accepts("Project", { features: { boards: "disabled" } });
  });

  it("refuses reviewer rules that exclude each other", async () => {
    const settings = {
      scopes: [{ matchType: "DefaultBranch" }],
      reviewerCount: 1,
      onLastIterationRequireVote: true,
      onPushResetAllVotes: true,
    };
    await refuses("BranchPolicyMinReviewers", { settings }, /^settings.onPushResetAllVotes: cannot be given together/);
  });

  it("wants one required template at least, and a repository for a permission on a branch", async () => {
    await refuses("CheckRequiredTemplate", { requiredTemplates: [] }, /^requiredTemplates: must hold one/);
    await refuses("GitPermissions", { branchName: "main" }, /^branchName: needs repositoryId/);
  });

  it("never names the property of a failure about a secret, since the engine prints its value", async () => {
    const found = await failures("ServiceEndpointDockerRegistry", { dockerPassword: secretOf(7) });
    deepStrictEqual(found, [": dockerPassword: must be a text, but is a number"]);
  });

  it("reports everything that is wrong at once", async () => {
    const { failures: all } = await client.check(urn(resourceToken("Git")), {
      nam: "x",
      disabled: "yes",
      initialization: { initTyp: "Clean" },
    });
    deepStrictEqual(all.map(({ property }) => property).sort(), [
      "disabled",
      "initialization.initTyp",
      "initialization.initType",
      "nam",
      "projectId",
    ]);
  });

  it("refuses a resource that it does not have, and knows what was meant", async () => {
    await rejects(client.check(urn("azuredevops:index/gitt:Git"), {}), (error: Error) => {
      ok(error.message.includes('did you mean "azuredevops:index/git:Git"'), error.message);
      return true;
    });
  });

  it("has no rule for a resource, function or property that its schema does not hold", () => {
    const { schema, rules } = azuredevops;
    const lost = Object.entries(rules).flatMap(([token, rule]) => {
      const described = schema.resources[token] ?? schema.functions[token];
      if (described === undefined) {
        return [token];
      }
      const paths = [
        ...(rule.required ?? []),
        ...Object.keys(rule.defaults ?? {}),
        ...Object.keys(rule.values ?? {}),
        ...Object.keys(rule.ranges ?? {}),
        ...(rule.uuids ?? []),
        ...(rule.conflicts ?? []).flat(),
        ...(rule.oneOf ?? []).flat(),
        ...(rule.serviceChooses ?? []),
        ...(rule.unordered ?? []),
        ...(rule.writeOnly ?? []),
        ...Object.keys(rule.normalize ?? {}),
        ...(Array.isArray(rule.replaces) ? (rule.replaces as string[]) : []),
        ...(rule.autonaming === undefined ? [] : [rule.autonaming.property]),
      ];
      return paths
        .filter((path) => typeAt(schema, described.inputs, path) === undefined)
        .map((path) => `${token} ${path}`);
    });
    deepStrictEqual(lost, []);
  });

  it("asks for one of two ways to name a project or a feed in a function", async () => {
    for (const [name, other] of [
      ["getProject", "projectId"],
      ["getFeed", "feedId"],
    ] as const) {
      const { failures: found } = await client.invoke(functionToken(name), {});
      deepStrictEqual(found, [{ property: "name", reason: `one of name, ${other} must be given` }]);
    }
  });
});
