import assert from "node:assert/strict";
import { account, azureTokens as kinds, refusal, TestCloud } from "./client";

const roles = `/subscriptions/${account.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions`;
const acrPush = `${roles}/8311e382-0749-4cb8-b61a-304f252e45ec`;
const acrPull = `${roles}/7f951dda-4ed3-4680-a7ca-43fe172d538d`;

describe("Azure", () => {
  let cloud: TestCloud;
  const resourceGroupName = "rg-platform";
  before(async () => {
    cloud = await TestCloud.start();
    await cloud.make(kinds.group, { resourceGroupName, location: "West Europe", tags: { team: "platform" } });
  });
  after(() => cloud.end());

  const registry = (registryName: string, sku: string, more: object = {}): object => ({
    resourceGroupName,
    registryName,
    sku: { name: sku },
    ...more,
  });

  describe("resource groups", () => {
    it("have an id, and their region as ids write it", async () => {
      const shown = await cloud.read(
        kinds.group,
        `/SUBSCRIPTIONS/${account.subscriptionId}/resourcegroups/RG-PLATFORM`,
      );
      assert.deepEqual(
        [shown?.name, shown?.location, shown?.tags],
        [resourceGroupName, "westeurope", { team: "platform" }],
      );
    });

    it("are refused with bad names, unknown regions, and names that are taken", async () => {
      for (const name of ["", "a b", "a.", "x".repeat(91), "a/b"]) {
        const inputs = { resourceGroupName: name, location: "westeurope" };
        assert.equal((await cloud.refused(kinds.group, inputs)).says, "400 InvalidResourceName", name);
      }
      const nowhere = { resourceGroupName: "x", location: "atlantis" };
      assert.equal((await cloud.refused(kinds.group, nowhere)).says, "400 LocationNotAvailableForResourceType");
      const taken = { resourceGroupName: "RG-Platform", location: "westeurope" };
      assert.equal((await cloud.refused(kinds.group, taken)).says, "409 ResourceExists");
    });

    it("do not move", async () => {
      const id = `/subscriptions/${account.subscriptionId}/resourceGroups/${resourceGroupName}`;
      const reply = await cloud.verb("update", kinds.group, {
        id,
        olds: {},
        news: { resourceGroupName, location: "eastus" },
      });
      assert.equal(refusal(reply).says, "409 InvalidResourceGroupLocation");
    });

    it("delete all that they hold", async () => {
      const { id } = await cloud.make(kinds.group, { resourceGroupName: "rg-passing", location: "westeurope" });
      const inside = { resourceGroupName: "rg-passing" };
      const held = await cloud.make(kinds.registry, { ...registry("passing", "Basic"), ...inside });
      const identity = await cloud.make(kinds.identity, { ...inside, resourceName: "id-passing" });
      const scope = { scope: held.id, roleDefinitionId: acrPush, principalId: identity.properties.principalId };
      const role = await cloud.make(kinds.role, scope);
      assert.equal((await cloud.verb("delete", kinds.group, { id })).status, 200);
      for (const [kind, gone] of [
        [kinds.registry, held.id],
        [kinds.identity, identity.id],
        [kinds.role, role.id],
      ] as const) {
        assert.equal(await cloud.read(kind, gone), undefined, kind);
      }
    });
  });

  describe("identities", () => {
    const credential = (name: string, more: object = {}): object => ({
      resourceGroupName,
      resourceName: "id-push",
      federatedIdentityCredentialResourceName: name,
      issuer: "https://issuer.example/1",
      subject: "sc://acme/Platform/push",
      audiences: ["api://AzureADTokenExchange"],
      ...more,
    });
    before(async () => {
      await cloud.make(kinds.identity, { resourceGroupName, resourceName: "id-push" });
      await cloud.make(kinds.credential, credential("azure-devops"));
    });

    it("have a client id and a principal id that stay", async () => {
      const { id, properties } = await cloud.make(kinds.identity, { resourceGroupName, resourceName: "id-stays" });
      const news = { resourceGroupName, resourceName: "id-stays", tags: { a: "b" } };
      const changed = (await cloud.verb("update", kinds.identity, { id, olds: {}, news })).json.properties;
      assert.deepEqual([changed?.clientId, changed?.principalId], [properties.clientId, properties.principalId]);
      assert.equal(properties.tenantId, account.tenantId);
    });

    it("are refused with bad names, absent groups, and names that are taken", async () => {
      for (const [part, says] of [
        [{ resourceName: "id" }, "400 InvalidResourceName"],
        [{ resourceName: "-id-x" }, "400 InvalidResourceName"],
        [{ resourceGroupName: "none" }, "404 ResourceGroupNotFound"],
        [{ resourceName: "ID-PUSH" }, "409 ResourceExists"],
      ] as const) {
        const inputs = Object.assign({ resourceGroupName, resourceName: "id-new" }, part);
        assert.equal((await cloud.refused(kinds.identity, inputs)).says, says);
      }
    });

    const refused: [string, object, string][] = [
      ["an issuer that is no https address", { issuer: "http://issuer.example" }, "400 InvalidIssuer"],
      ["no subject", { subject: "" }, "400 InvalidSubject"],
      ["no audience", { audiences: [] }, "400 InvalidAudiences"],
      ["two audiences", { audiences: ["a", "b"] }, "400 InvalidAudiences"],
      ["no issuer", { issuer: undefined }, "400 InvalidArgument"],
      ["an identity that does not exist", { resourceName: "id-none" }, "404 ParentResourceNotFound"],
      ["issuer and subject of another credential", {}, "409 FederatedIdentityCredentialExists"],
    ];
    for (const [what, part, says] of refused) {
      it(`trust nobody by a federated credential with ${what}`, async () => {
        assert.equal((await cloud.refused(kinds.credential, credential("another", part))).says, says);
      });
    }

    it("hold twenty federated credentials at most, each with a name of its own", async () => {
      const again = credential("azure-devops", { subject: "other" });
      assert.equal((await cloud.refused(kinds.credential, again)).says, "409 ResourceExists");
      for (let index = 1; index < 20; index += 1) {
        await cloud.make(kinds.credential, credential(`c-${index}`, { subject: `s-${index}` }));
      }
      const tooMany = credential("c-20", { subject: "s-20" });
      assert.equal((await cloud.refused(kinds.credential, tooMany)).says, "409 TooManyFederatedIdentityCredentials");
    });
  });

  describe("role assignments", () => {
    let scope: string;
    let principalId: string;
    before(async () => {
      scope = (await cloud.make(kinds.registry, registry("acmeroles", "Basic"))).id;
      principalId = String(
        (await cloud.make(kinds.identity, { resourceGroupName, resourceName: "id-roles" })).properties.principalId,
      );
    });

    it("are made once for the same principal, role and scope, whatever their name", async () => {
      const inputs = { scope, principalId, principalType: "ServicePrincipal", roleDefinitionId: acrPush };
      const { id, properties } = await cloud.make(kinds.role, inputs);
      assert.match(String(properties.name), /^[0-9a-f-]{36}$/);
      const { says, message } = await cloud.refused(kinds.role, inputs);
      assert.equal(says, "409 RoleAssignmentExists");
      assert.ok(message.includes(String(properties.name)));
      assert.equal((await cloud.verb("find", kinds.role, { inputs })).json.id, id);
      await cloud.make(kinds.role, { ...inputs, roleDefinitionId: acrPull });
    });

    it("need a scope, principal and role that exist", async () => {
      const right = { scope, principalId, roleDefinitionId: `${roles}/acdd72a7-3385-48ef-bd42-f606fba81ae7` };
      for (const [part, says] of [
        [{ scope: `${scope}x` }, "404 ResourceNotFound"],
        [{ principalId: "55555555-5555-4555-8555-555555555555" }, "400 PrincipalNotFound"],
        [{ principalType: "User" }, "400 UnmatchedPrincipalType"],
        [{ roleDefinitionId: `${roles}/55555555-5555-4555-8555-555555555555` }, "400 RoleDefinitionDoesNotExist"],
        [{ roleDefinitionId: `${roles}/constructor` }, "400 RoleDefinitionDoesNotExist"],
        [{ roleDefinitionId: "AcrPush" }, "400 RoleDefinitionDoesNotExist"],
        [{ roleAssignmentName: "mine" }, "400 InvalidRoleAssignmentId"],
      ] as const) {
        assert.equal((await cloud.refused(kinds.role, { ...right, ...part })).says, says);
      }
    });

    it("change nothing but what they say about themselves", async () => {
      const group = `/subscriptions/${account.subscriptionId}/resourceGroups/${resourceGroupName}`;
      const inputs = { scope: group, principalId, roleDefinitionId: acrPull };
      const { id } = await cloud.make(kinds.role, inputs);
      const described = await cloud.verb("update", kinds.role, { id, olds: {}, news: { ...inputs, description: "d" } });
      assert.equal(described.json.properties?.description, "d");
      const other = await cloud.verb("update", kinds.role, {
        id,
        olds: {},
        news: { ...inputs, roleDefinitionId: acrPush },
      });
      assert.equal(refusal(other).says, "409 PropertyChangeNotAllowed");
    });
  });

  it("says who is signed in", async () => {
    const { json } = await cloud.invoke("azure-native:authorization:getClientConfig", {});
    const { clientId, subscriptionId, tenantId } = account;
    assert.deepEqual({ ...json.result, objectId: "" }, { clientId, subscriptionId, tenantId, objectId: "" });
  });
});
