/** Platforms of every kind have no finding, and one with an index beside the feed has the one that says so. */
import assert from "node:assert/strict";
import { Platform } from "../../components";
import type { App, Settings } from "../../spec";
import { record } from "../components/recording";
import { app, baseImage, everyKind, settings } from "../components/samples";
import { ask, type Finding } from "./asking";
import type { Declared } from "./declared";
import { rules } from "../../policy/index";

/**
 * Rules that ask for ids as the services make them, or for what is made of what, of which the recording keeps neither. They
 * are asked under the real engine.
 */
const elsewhere = [
  "connections-name-their-pipelines",
  "one-upstream-set",
  "pull-requests-are-built",
  "push-connections-are-checked",
  "push-connections-not-for-pull-requests",
  "role-assignments-on-the-registry",
];

async function findings(apps: readonly App[], more: Partial<Settings>, preview: boolean): Promise<Finding[]> {
  const { resources } = await record(() => {
    new Platform("wheelhouse", {
      settings: { ...settings, ...more },
      baseImages: [baseImage],
      apps,
      tool: "wheelhouse",
    });
  }, preview);
  const declared: Declared[] = resources.map(({ type, name, urn, inputs, protect }) => {
    const parent = urn.split("::")[0]!.split("$").at(-2);
    return { token: type, name, args: inputs, protect, ...(parent === undefined ? {} : { parent }) };
  });
  assert.ok(declared.length > 20);
  return rules.filter(({ name }) => !elsewhere.includes(name)).flatMap(({ name }) => ask(name, declared));
}

const kinds: Readonly<Record<string, Partial<Settings>>> = {
  "by default": {},
  "with a project, a preview and agents of its own": {
    createProject: true,
    platformRepository: "platform",
    elasticPool: {
      name: "Linux builders",
      scaleSet:
        "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/agents",
      connection: "azure",
      maxAgents: 4,
      idleAgents: 1,
      idleMinutes: 30,
      recycle: true,
    },
  },
  "with a closed registry and a feed of the organization": {
    registry: {
      name: "contosowheelhouse",
      sku: "Premium",
      untaggedRetentionDays: 7,
      allowedNetworks: ["192.0.2.0/24"],
    },
    feed: { ...settings.feed, scope: "organization" },
  },
};

describe("the rules and the platform", () => {
  for (const [kind, more] of Object.entries(kinds)) {
    for (const preview of [true, false]) {
      it(`agree on one ${kind}, ${preview ? "before it is made" : "once it is there"}`, async () => {
        assert.deepEqual(await findings(everyKind, more, preview), []);
      });
    }
  }

  it("tell of each application that takes packages from beside the feed, and of nothing else in it", async () => {
    const index = { name: "other", url: "https://other.example.com/simple/", connection: undefined };
    const apps = [
      app("plain"),
      app("prices", { indexes: ["other"] }),
      app("ledger", { dockerfile: "Dockerfile", indexes: ["other"] }),
    ];
    const found = await findings(apps, { indexes: [index] }, false);
    assert.deepEqual(
      found.map(({ rule, resource }) => `${rule} ${resource}`),
      [
        "single-package-index wheelhouse-app-prices-Dockerfile",
        "single-package-index wheelhouse-app-ledger-docker-bake.json",
      ],
    );
    for (const { message } of found) assert.match(message, /the application is in compatibility mode/);
  });
});
