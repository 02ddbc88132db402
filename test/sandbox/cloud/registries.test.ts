import assert from "node:assert/strict";
import { account, azureTokens as kinds, refusal, TestCloud } from "./client";

describe("container registries", () => {
  let cloud: TestCloud;
  const resourceGroupName = "rg-platform";
  before(async () => {
    cloud = await TestCloud.start();
    await cloud.make(kinds.group, { resourceGroupName, location: "West Europe" });
  });
  after(() => cloud.end());

  const registry = (registryName: string, sku: string, more: object = {}): object => ({
    resourceGroupName,
    registryName,
    sku: { name: sku },
    ...more,
  });

  it("show what Azure decides", async () => {
    const { id, properties } = await cloud.make(kinds.registry, registry("AcmeShown", "Standard"));
    assert.equal(
      id,
      `/subscriptions/${account.subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.ContainerRegistry/registries/AcmeShown`,
    );
    assert.equal(properties.loginServer, "acmeshown.azurecr.io");
    assert.deepEqual(
      [properties.adminUserEnabled, properties.location, properties.sku],
      [false, "westeurope", { name: "Standard", tier: "Standard" }],
    );
    assert.equal("networkRuleSet" in properties, false);
  });

  it("have the host of the registry behind them, and another one after a start with another", async () => {
    const own = await TestCloud.start({ registryHost: "127.0.0.1:5001" });
    try {
      await own.make(kinds.group, { resourceGroupName, location: "West Europe" });
      const { id, properties } = await own.make(kinds.registry, registry("AcmeHosted", "Standard"));
      assert.equal(properties.loginServer, "127.0.0.1:5001");
      await own.restart({ registryHost: "127.0.0.1:5002" });
      assert.equal((await own.read(kinds.registry, id))?.loginServer, "127.0.0.1:5002");
      await own.restart();
      assert.equal((await own.read(kinds.registry, id))?.loginServer, "acmehosted.azurecr.io");
    } finally {
      await own.end();
    }
  });

  const refused: [string, () => object, string][] = [
    ["a name of four letters", () => registry("acme", "Basic"), "400 InvalidResourceName"],
    ["a dash in the name", () => registry("acme-registry", "Basic"), "400 InvalidResourceName"],
    [
      "a group that does not exist",
      () => ({ ...registry("acmeone", "Basic"), resourceGroupName: "none" }),
      "404 ResourceGroupNotFound",
    ],
    ["an unknown tier", () => registry("acmeone", "Gold"), "400 SkuNotSupported"],
    ["retention on Standard", () => registry("acmeone", "Standard", retention(7)), "400 FeatureNotSupportedForSku"],
    [
      "network rules on Standard",
      () => registry("acmeone", "Standard", rules("192.0.2.0/24")),
      "400 FeatureNotSupportedForSku",
    ],
    [
      "a closed network on Basic",
      () => registry("acmeone", "Basic", { publicNetworkAccess: "Disabled" }),
      "400 FeatureNotSupportedForSku",
    ],
    [
      "zone redundancy on Standard",
      () => registry("acmeone", "Standard", { zoneRedundancy: "Enabled" }),
      "400 FeatureNotSupportedForSku",
    ],
    [
      "anonymous pull on Basic",
      () => registry("acmeone", "Basic", { anonymousPullEnabled: true }),
      "400 FeatureNotSupportedForSku",
    ],
    ["a retention of 366 days", () => registry("acmeone", "Premium", retention(366)), "400 InvalidRetentionDays"],
    [
      "a private address in a network rule",
      () => registry("acmeone", "Premium", rules("10.0.0.0/8")),
      "400 InvalidIpRule",
    ],
    ["an address that is none", () => registry("acmeone", "Premium", rules("300.1.1.1")), "400 InvalidIpRule"],
    ["retention together with soft deletion", () => registry("acmeone", "Premium", both()), "409 PolicyConflict"],
    [
      "an unknown region",
      () => registry("acmeone", "Basic", { location: "atlantis" }),
      "400 LocationNotAvailableForResourceType",
    ],
  ];
  for (const [what, inputs, says] of refused) {
    it(`are refused with ${what}`, async () => {
      assert.equal((await cloud.refused(kinds.registry, inputs())).says, says);
    });
  }

  function retention(days: number): object {
    return { policies: { retentionPolicy: { status: "enabled", days } } };
  }
  function both(): object {
    return { policies: { retentionPolicy: { status: "enabled" }, softDeletePolicy: { status: "enabled" } } };
  }
  function rules(range: string): object {
    return { networkRuleSet: { defaultAction: "Deny", ipRules: [{ iPAddressOrRange: range }] } };
  }

  it("have all of this on Premium, and anonymous pull from Standard on", async () => {
    await cloud.make(kinds.registry, registry("acmepremium", "Premium", { ...retention(7), ...rules("192.0.2.0/24") }));
    await cloud.make(kinds.registry, registry("acmestandard", "Standard", { anonymousPullEnabled: true }));
  });

  it("cannot be made less than what they use", async () => {
    const { id } = await cloud.make(kinds.registry, registry("acmeshrinks", "Premium", retention(7)));
    const change = (news: object) => cloud.verb("update", kinds.registry, { id, olds: {}, news });
    const still = registry("acmeshrinks", "Standard", retention(7));
    assert.equal(refusal(await change(still)).says, "400 FeatureNotSupportedForSku");
    assert.equal((await change(registry("acmeshrinks", "Standard"))).status, 200);
    const moved = registry("acmeshrinks", "Standard", { location: "eastus" });
    assert.equal(refusal(await change(moved)).says, "409 PropertyChangeNotAllowed");
  });

  it("have names that are unique in all of Azure, whatever the group or case", async () => {
    await cloud.make(kinds.group, { resourceGroupName: "rg-other", location: "eastus" });
    await cloud.make(kinds.registry, registry("acmeunique", "Basic"));
    assert.equal((await cloud.refused(kinds.registry, registry("AcmeUnique", "Basic"))).says, "409 ResourceExists");
    const elsewhere = { ...registry("ACMEUNIQUE", "Basic"), resourceGroupName: "rg-other" };
    assert.equal((await cloud.refused(kinds.registry, elsewhere)).says, "409 AlreadyInUse");
  });

  it("run tasks that can be", async () => {
    await cloud.make(kinds.registry, registry("acmetasks", "Basic"));
    const right = {
      resourceGroupName,
      registryName: "acmetasks",
      taskName: "purge",
      platform: { os: "Linux" },
      step: { type: "EncodedTask", encodedTaskContent: Buffer.from("version: v1.1.0\n").toString("base64") },
      trigger: { timerTriggers: [{ name: "daily", schedule: "0 3 * * *" }] },
    };
    const { properties } = await cloud.make(kinds.task, right);
    assert.deepEqual([properties.status, properties.timeout, properties.location], ["Enabled", 3600, "westeurope"]);
    for (const [part, says] of [
      [{}, "409 ResourceExists"],
      [{ taskName: "abc" }, "400 InvalidResourceName"],
      [{ taskName: "other", registryName: "absentregistry" }, "404 ParentResourceNotFound"],
      [{ taskName: "other", step: undefined }, "400 InvalidTask"],
      [{ taskName: "other", step: { type: "Shell" } }, "400 InvalidStep"],
      [{ taskName: "other", step: { type: "EncodedTask", encodedTaskContent: "not base64!" } }, "400 InvalidStep"],
      [{ taskName: "other", platform: { os: "Solaris" } }, "400 InvalidPlatform"],
      [{ taskName: "other", timeout: 10 }, "400 InvalidTimeout"],
      [{ taskName: "other", status: "Sometimes" }, "400 InvalidTaskStatus"],
      [
        { taskName: "other", trigger: { timerTriggers: [{ name: "t", schedule: "daily" }] } },
        "400 InvalidTimerTrigger",
      ],
    ] as const) {
      assert.equal((await cloud.refused(kinds.task, { ...right, ...part })).says, says);
    }
  });
});
