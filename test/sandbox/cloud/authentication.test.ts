import assert from "node:assert/strict";
import { account, call, signIn, TestCloud } from "./client";

describe("signing in to the stand-in cloud", () => {
  let cloud: TestCloud;
  before(async () => {
    cloud = await TestCloud.start();
  });
  after(() => cloud.end());

  const basic = (user: string, password: string): string =>
    `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const spaces: [string, string, object | undefined][] = [
    ["GET", "/devops/acme/_apis/projects", undefined],
    ["POST", "/devops/acme/_sandbox/read", { token: "x", id: "y" }],
    ["GET", "/devops/acme/p/_git/r/info/refs?service=git-upload-pack", undefined],
    ["GET", "/feeds/acme/_apis/packaging/feeds", undefined],
    ["GET", "/packages/acme/_packaging/python/pypi/simple/", undefined],
    [
      "POST",
      "/azure/_sandbox/read",
      { token: "x", id: "y", subscriptionId: account.subscriptionId, tenantId: account.tenantId },
    ],
  ];

  for (const [method, path, body] of spaces) {
    const wrong = path.startsWith("/azure/") ? basic(account.clientId, "wrong") : basic("anybody", "wrong");

    it(`refuses ${method} ${path} without credentials, and says how to sign in`, async () => {
      const reply = await call(cloud.address, method, path, body, { authorization: "" });
      assert.equal(reply.status, 401);
      assert.match(reply.headers.get("www-authenticate") ?? "", /^Basic /);
    });

    it(`refuses ${method} ${path} with wrong credentials`, async () => {
      for (const authorization of [wrong, "Bearer something", "Basic ???", basic("only-a-user", "")]) {
        assert.equal((await call(cloud.address, method, path, body, { authorization })).status, 401, authorization);
      }
    });

    it(`lets ${method} ${path} in with the right ones`, async () => {
      assert.notEqual((await cloud.call(method, path, body)).status, 401);
    });
  }

  it("does not take one cloud's credentials for the other", async () => {
    const body = { token: "x", id: "y" };
    const azure = await call(cloud.address, "POST", "/azure/_sandbox/read", body, { authorization: signIn.devops });
    const devops = await call(cloud.address, "POST", "/devops/acme/_sandbox/read", body, {
      authorization: signIn.azure,
    });
    assert.deepEqual([azure.status, devops.status], [401, 401]);
  });

  it("knows no other organization, service, tenant or subscription", async () => {
    assert.equal((await cloud.call("GET", "/devops/other/_apis/projects")).json.code, "OrganizationNotFound");
    assert.equal((await cloud.call("GET", "/elsewhere/acme")).json.code, "ServiceNotFound");
    const read = { token: "azure-native:resources:ResourceGroup", id: "x" };
    const { subscriptionId, tenantId } = account;
    const tenant = await cloud.call("POST", "/azure/_sandbox/read", { ...read, subscriptionId, tenantId: "other" });
    assert.deepEqual([tenant.status, tenant.json.code], [401, "InvalidAuthenticationTokenTenant"]);
    const subscription = await cloud.call("POST", "/azure/_sandbox/read", {
      ...read,
      subscriptionId: "other",
      tenantId,
    });
    assert.deepEqual([subscription.status, subscription.json.code], [404, "SubscriptionNotFound"]);
  });
});
