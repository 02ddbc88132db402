import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ExpandedPipeline } from "../../../../sandbox/agent/model";
import { capabilitiesOf, problemsOf, registryRole, SignInRefused } from "../../../../sandbox/agent/service/checks";
import type { World } from "../../../../sandbox/agent/service/world";
import {
  checkoutOf,
  definition,
  directory,
  job,
  mainFile,
  pipeline,
  registryId,
  roleId,
  roles,
  task,
  world,
} from "./world";

const login = task("Docker@2", { command: "login", containerRegistry: "wheelhouse-push" });

function problems(
  expanded: ExpandedPipeline,
  seen: World = world(),
  branch = "refs/heads/main",
  wanted = seen.definitions[0]!,
): string[] {
  return problemsOf({ pipeline: expanded, definition: wanted, branch }, seen, (name) =>
    name === "docker" ? "docker" : undefined,
  );
}

function onlyProblem(...args: Parameters<typeof problems>): string {
  const found = problems(...args);
  strictEqual(found.length, 1, found.join("\n"));
  return found[0]!;
}

describe("the checks before a job", () => {
  it("let a pipeline through that names what it was let at", () => {
    const steps = [checkoutOf("self"), checkoutOf("git://Platform/wheelhouse@refs/heads/main"), login];
    deepStrictEqual(problems(pipeline([job(steps)])), []);
  });

  describe("of service connections", () => {
    it("refuse one that does not exist, with the step that names it", () => {
      const step = task("Docker@2", { command: "login", containerRegistry: "nowhere" });
      match(
        onlyProblem(pipeline([job([step])])),
        /^Job image: Step "Docker@2" input containerRegistry references service connection nowhere which could not be found\..*create it/,
      );
    });

    it("refuse one of another project as one that does not exist", () => {
      const seen = world();
      const endpoints = seen.endpoints.map((one) => ({ ...one, projectId: "p2" }));
      match(onlyProblem(pipeline([job([login])]), world({ endpoints })), /could not be found/);
    });

    it("refuse one that another pipeline alone is authorized for", () => {
      const other = definition({ id: 2 });
      match(
        onlyProblem(pipeline([job([login])]), world(), "refs/heads/main", other),
        /wheelhouse-push, which has not been authorized for use by the pipeline "orders"/,
      );
    });

    it("take an authorization of all pipelines for those of its own project only", () => {
      const pull = task("Docker@2", { ContainerRegistry: "Wheelhouse-Pull" });
      deepStrictEqual(problems(pipeline([job([pull])]), world(), "refs/heads/main", definition({ id: 2 })), []);
      const authorizations = [{ projectId: "p2", type: "endpoint", resourceId: "e2" }];
      match(
        onlyProblem(
          pipeline([job([pull])], { main: mainFile({ repositories: [] }), extends: undefined }),
          world({ authorizations }),
        ),
        /not been authorized/,
      );
    });

    it("do not take an authorization for another kind of resource with the same id", () => {
      const authorizations = [{ projectId: "p1", type: "queue", resourceId: "e1" }];
      const alone = pipeline([job([login])], { main: mainFile({ repositories: [] }) });
      match(onlyProblem(alone, world({ authorizations })), /not been authorized/);
    });

    it("refuse a name that is known only at run time", () => {
      const step = task("Docker@2", { containerRegistry: "$(registry)" });
      match(onlyProblem(pipeline([job([step])])), /\$\(registry\), which is known only when the job runs/);
    });

    it("look at steps whose condition may never hold, and at switched-off ones", () => {
      const never = { ...login, inputs: { containerRegistry: "nowhere" }, condition: "false", enabled: false };
      match(onlyProblem(pipeline([job([never])])), /could not be found/);
    });

    it("look at each of several", () => {
      const step = task("PipAuthenticate@1", { pythonDownloadServiceConnections: "one, two" });
      strictEqual(problems(pipeline([job([step])])).length, 2);
    });
  });

  describe("of repositories", () => {
    it("refuse one that is not there, is disabled, or is not authorized", () => {
      const missing = pipeline([job([checkoutOf("git://Platform/nowhere")])]);
      match(
        onlyProblem(missing),
        /checkout "git:\/\/Platform\/nowhere": the repository Platform\/nowhere was not found/,
      );
      const disabled = world().repositories.map((one) => ({ ...one, disabled: one.id === "r2" }));
      match(onlyProblem(pipeline([job([])]), world({ repositories: disabled })), /is disabled/);
      match(
        onlyProblem(pipeline([job([])]), world({ authorizations: [] })),
        /not been authorized to use the repository Platform\/wheelhouse/,
      );
    });

    it("want no authorization where the project does not protect repositories", () => {
      const settings = [{ projectId: "p1", enforceJobScope: true, enforceReferencedRepoScopedToken: false }];
      deepStrictEqual(problems(pipeline([job([])]), world({ authorizations: [], settings })), []);
    });

    it("refuse one of another project to jobs that act for their own", () => {
      const other = { alias: "wheelhouse", name: "Other/wheelhouse", ref: "refs/heads/main" };
      const expanded = pipeline([job([])], { main: mainFile({ repositories: [other] }) });
      const authorizations = [{ projectId: "p2", type: "repository", resourceId: "r3", definitionId: 1 }];
      match(onlyProblem(expanded, world({ authorizations })), /act for Platform only/);
      const wide = definition({ jobScope: "projectCollection" });
      match(onlyProblem(expanded, world({ authorizations, definitions: [wide] })), /act for Platform only/);
      const settings = [{ projectId: "p1", enforceJobScope: false, enforceReferencedRepoScopedToken: true }];
      deepStrictEqual(problems(expanded, world({ authorizations, definitions: [wide], settings })), []);
    });

    it("let the pipeline's own repository through under any name", () => {
      deepStrictEqual(problems(pipeline([job([checkoutOf("git://Platform/orders@main")])])), []);
    });
  });

  describe("of pools", () => {
    const inPool = (name: string, demands: string[] = []): ExpandedPipeline =>
      pipeline([job([], { pool: { name, demands } })]);

    it("refuse one without a queue in the project, and one that is not authorized", () => {
      match(onlyProblem(inPool("windows")), /Job image: the pool windows could not be found/);
      match(onlyProblem(inPool("linux")), /not been authorized to use the pool linux/);
      const authorizations = [...world().authorizations, { projectId: "p1", type: "queue", resourceId: "q2" }];
      deepStrictEqual(problems(inPool("Linux"), world({ authorizations })), []);
    });

    it("refuse images that this machine cannot stand in for", () => {
      const windows = pipeline([job([], { pool: { vmImage: "windows-latest" } })]);
      match(onlyProblem(windows), /no agents here with the image windows-latest/);
    });

    it("refuse what no agent has of a job's demands", () => {
      const authorizations = [...world().authorizations, { projectId: "p1", type: "queue", resourceId: "q2" }];
      const seen = world({ authorizations });
      deepStrictEqual(problems(inPool("linux", ["docker", "docker -equals docker"]), seen), []);
      match(
        onlyProblem(inPool("linux", ["gpu"]), seen),
        /no agent found in pool linux which satisfies the demand "gpu"/,
      );
      match(onlyProblem(inPool("linux", ["constructor"]), seen), /satisfies the demand "constructor"/);
      match(
        onlyProblem(inPool("linux", ["docker -equals podman"]), seen),
        /docker is docker on the agents here, and not podman/,
      );
    });

    it("tell an agent's capabilities from the programs on its path", () => {
      const folder = mkdtempSync(join(tmpdir(), "wheelhouse-demands-"));
      try {
        writeFileSync(join(folder, "node"), "");
        writeFileSync(join(folder, "readme"), "");
        chmodSync(join(folder, "node"), 0o755);
        const capability = capabilitiesOf({ PATH: folder });
        strictEqual(capability("node"), join(folder, "node"));
        deepStrictEqual(
          [capability("readme"), capability("../node"), capability("python3")],
          [undefined, undefined, undefined],
        );
        strictEqual(capability("Agent.OS"), "Linux");
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  describe("of required templates", () => {
    const required = { repository: "Platform/wheelhouse", ref: "refs/heads/main", path: "templates/application.yml" };
    const guarded = (...templates: (typeof required)[]): World =>
      world({ requiredTemplates: [{ projectId: "p1", type: "endpoint", resourceId: "e1", templates }] });
    const main = (change: object): ExpandedPipeline["main"] =>
      mainFile({ repositories: [{ ...mainFile().repositories[0]!, ...change }] });

    it("let through who extends one of them, however its path and names are written", () => {
      const other = { ...required, path: "templates/other.yml" };
      deepStrictEqual(
        problems(pipeline([job([login])]), guarded(other, { ...required, path: "/templates/application.yml" })),
        [],
      );
      deepStrictEqual(
        problems(pipeline([job([login])]), guarded({ ...required, repository: "platform/Wheelhouse" })),
        [],
      );
    });

    it("refuse who extends none, and say what is wanted and what is there", () => {
      const expanded = pipeline([job([login])], { extends: undefined });
      match(
        onlyProblem(expanded, guarded(required)),
        /^Required template check failed: the service connection wheelhouse-push may only be used by pipelines that extend templates\/application\.yml of Platform\/wheelhouse at refs\/heads\/main, and this one extends no template/,
      );
    });

    it("refuse the same path in another repository, another file, and another ref", () => {
      const own = pipeline([job([login])], { extends: { repository: "self", path: "templates/application.yml" } });
      match(onlyProblem(own, guarded(required)), /extends templates\/application\.yml of orders at refs\/heads\/main/);
      const file = pipeline([job([login])], {
        extends: { repository: "wheelhouse", path: "templates/application2.yml" },
      });
      match(onlyProblem(file, guarded(required)), /application2\.yml/);
      const ref = pipeline([job([login])], { main: main({ ref: "refs/heads/attack" }) });
      match(onlyProblem(ref, guarded(required)), /at refs\/heads\/attack\. Extend that template/);
    });

    it("refuse a repository of that name in another project", () => {
      const settings = [{ projectId: "p1", enforceJobScope: false, enforceReferencedRepoScopedToken: false }];
      const expanded = pipeline([job([login])], { main: main({ name: "Other/wheelhouse" }) });
      const wide = definition({ jobScope: "projectCollection" });
      match(
        onlyProblem(expanded, { ...guarded(required), settings, definitions: [wide] }),
        /Required template check failed/,
      );
    });

    it("refuse a template that is only included", () => {
      const included = pipeline([job([login])], {
        extends: { repository: "self", path: "mine.yml" },
        templates: [
          { repository: "self", path: "mine.yml" },
          { repository: "wheelhouse", path: "templates/application.yml" },
        ],
      });
      match(onlyProblem(included, guarded(required)), /Required template check failed/);
    });

    it("count for all checks of a resource, and for none where the resource is not used", () => {
      const seen = guarded(required);
      const two = {
        ...seen,
        requiredTemplates: [
          ...seen.requiredTemplates,
          { ...seen.requiredTemplates[0]!, templates: [{ ...required, path: "other.yml" }] },
        ],
      };
      match(onlyProblem(pipeline([job([login])]), two), /extend other\.yml/);
      deepStrictEqual(problems(pipeline([job([])], { extends: undefined }), seen), []);
    });

    it("guard a pool and a repository, too", () => {
      const authorizations = [...world().authorizations, { projectId: "p1", type: "queue", resourceId: "q2" }];
      const requiredTemplates = ["queue", "repository"].map((type) => ({
        projectId: "p1",
        type,
        resourceId: type === "queue" ? "q2" : "r2",
        templates: [required],
      }));
      const expanded = pipeline([job([], { pool: { name: "linux", demands: [] } })], { extends: undefined });
      const found = problems(expanded, world({ authorizations, requiredTemplates }));
      deepStrictEqual(
        found.map((text) => /the (pool|repository) \w+/.exec(text)?.[0]),
        ["the repository wheelhouse", "the pool linux"],
      );
    });
  });
});

describe("what a service connection may do at its registry", () => {
  const [pushing, pulling] = [world().endpoints[0]!, world().endpoints[1]!];
  const withRoles = (...assignments: [role: string, scope: string][]) =>
    directory({
      assignments: assignments.map(([role, scope]) => ({
        principalId: "principal-push",
        roleDefinitionId: roleId(role),
        scope,
      })),
    });

  it("is what its identity's roles say", () => {
    deepStrictEqual(registryRole(pushing, directory()), { role: "push", loginServer: "127.0.0.1:5000" });
    strictEqual(registryRole(pulling, directory()).role, "pull");
    strictEqual(registryRole(pushing, withRoles([roles.pull, registryId], [roles.push, registryId])).role, "push");
    strictEqual(registryRole(pushing, withRoles([roles.owner, "/subscriptions/S1"])).role, "push");
    strictEqual(
      registryRole(pushing, withRoles([roles.pull, "/subscriptions/s1/resourcegroups/images/"])).role,
      "pull",
    );
  });

  it("is nothing without a role that reaches the registry", () => {
    const none = [
      withRoles(),
      withRoles([roles.delete, registryId]),
      withRoles([roles.push, `${registryId}2`]),
      withRoles([roles.push, "/subscriptions/s1/resourceGroups/image"]),
    ];
    for (const one of none)
      throws(() => registryRole(pushing, one), /has no role on the registry contoso: assign it AcrPull or AcrPush/);
    const others = directory({
      assignments: directory().assignments.filter(({ principalId }) => principalId !== "principal-push"),
    });
    throws(() => registryRole(pushing, others), SignInRefused);
  });

  it("is nothing where the identity trusts somebody else", () => {
    for (const change of [
      { issuer: "https://issuer/" },
      { subject: "sc://acme/platform/wheelhouse-push" },
      { audiences: ["api://other"] },
    ]) {
      const credentials = directory().credentials.map((one) => ({ ...one, ...change }));
      throws(
        () => registryRole(pushing, directory({ credentials })),
        /AADSTS70021: no matching federated identity record/,
      );
    }
    // The right words, of another identity.
    const [own, other] = directory().credentials;
    const swapped = [{ ...own!, identityId: other!.identityId }];
    throws(() => registryRole(pushing, directory({ credentials: swapped })), /AADSTS70021/);
  });

  it("is nothing where there is no such identity or registry", () => {
    throws(() => registryRole({ ...pushing, clientId: "c9" }, directory()), /AADSTS700016: the application c9/);
    throws(() => registryRole({ ...pushing, tenantId: "t9" }, directory()), /AADSTS700016/);
    throws(() => registryRole(pushing, directory({ registries: [] })), /the registry Contoso .* does not exist/);
    const elsewhere = { ...pushing, registry: { ...pushing.registry!, resourceGroup: "image" } };
    throws(() => registryRole(elsewhere, directory()), /does not exist in the resource group image/);
  });

  it("is not looked for where the connection is of another kind", () => {
    throws(() => registryRole({ ...pushing, registry: undefined }, directory()), /is none to a container registry/);
    throws(
      () => registryRole({ ...pushing, scheme: "ServicePrincipal" }, directory()),
      /only WorkloadIdentityFederation/,
    );
  });
});
