import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Platform, SHARED_FORMAT, type SharedPlatform } from "../../components";
import { differs, readShared } from "../../components/team-shared";
import { applicationTemplatePath, renderApplicationPipeline } from "../../pipelines";
import { findCredential, isSecretName, recipeFacts, type Settings } from "../../spec";
import { matchesGolden } from "../recipes/golden";
import { keysIn, record } from "./recording";
import { app, baseImage, everyKind, settings } from "./samples";

/** What a platform of every kind of application puts out, as another stack reads it. */
async function share(more: Partial<Settings> = {}): Promise<{ shared: SharedPlatform; isSecret: boolean }> {
  let told: { shared: SharedPlatform; isSecret: boolean } | undefined;
  await record(() => {
    const { outputs } = new Platform("wheelhouse", {
      settings: { ...settings, ...more },
      baseImages: [baseImage],
      apps: everyKind,
      tool: "wheelhouse",
    });
    pulumi.all([outputs.shared, pulumi.isSecret(outputs.shared)]).apply(([shared, isSecret]) => {
      told = { shared: throughState(shared), isSecret };
    });
  });
  assert.ok(told !== undefined);
  return told;
}

/** As it comes out of a stack's outputs: keys without a value are gone. */
function throughState(shared: SharedPlatform): SharedPlatform {
  return JSON.parse(JSON.stringify(shared)) as SharedPlatform;
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Every setting that is there only sometimes. */
const everything: Partial<Settings> = {
  indexes: [
    { name: "nexus", url: "https://packages.example/simple/", connection: "Nexus" },
    { name: "open", url: "https://open.example/simple/", connection: undefined },
  ],
  sbomGenerator: `scanner@sha256:${"ab".repeat(32)}`,
  upstreamRegistry: "mirror.example",
  platformRepository: "platform",
  pool: { kind: "named", name: "Linux builders", demands: ["docker"] },
};

describe("what a platform shares", () => {
  for (const [title, more] of [
    ["with every setting", everything],
    ["with as few as can be", {}],
  ] as const) {
    it(`is read again as it was ${title}`, async () => {
      const { shared } = await share(more);
      assert.deepEqual(throughState(readShared(shared, shared.version)), shared);
    });

    it(`holds nothing secret and no credential ${title}`, async () => {
      const { shared, isSecret } = await share(more);
      assert.equal(isSecret, false);
      assert.deepEqual(
        textsIn(shared).filter((text) => findCredential(text) !== undefined || /\/\/[^/]*@/.test(text)),
        [],
      );
      assert.deepEqual(keysIn(shared).filter(isSecretName), []);
    });
  }

  it("names what others have to stay away from, and the stack that has it", async () => {
    const { shared } = await share(everything);
    assert.equal(shared.stack, "wheelhouse/test");
    assert.deepEqual(shared.platformRepositories, ["platform"]);
    assert.deepEqual(shared.feedReaders, ["commerce"]);
    assert.deepEqual(
      shared.applications.map(({ name }) => name),
      everyKind.map(({ name }) => name),
    );
    assert.deepEqual(
      shared.applications.find(({ name }) => name === "settled"),
      { name: "settled", scripts: [], repository: "legacy", pipelineFile: "ci/wheelhouse.yml" },
    );
  });

  it("has of a base image only what recipes take from it", async () => {
    const { shared } = await share();
    assert.deepEqual(shared.baseImages, [
      { name: "python-web", python: "3.13", platforms: ["linux/amd64"], user: "app" },
    ]);
  });

  it("is refused where it is not there, says why and names the mend", () => {
    for (const nothing of [undefined, null]) {
      assert.throws(
        () => readShared(nothing, "1.0.0"),
        (error: Error) =>
          pulumi.RunError.isInstance(error) && /no output `shared`[^]*export `shared`/.test(error.message),
      );
    }
  });

  it("is refused from a package of another format, older or newer, before its form is looked at", () => {
    const told = (format: number): string => {
      try {
        readShared({ format, version: "9.1.0", stack: "contoso/wheelhouse/production" }, "1.0.0");
      } catch (error) {
        assert.ok(pulumi.RunError.isInstance(error));
        return error.message;
      }
      return "";
    };
    assert.match(told(SHARED_FORMAT + 1), /stack contoso\/wheelhouse\/production .* wheelhouse 9\.1\.0/);
    assert.match(told(SHARED_FORMAT + 1), /npm install \.\/wheelhouse-9\.1\.0\.tgz/);
    assert.match(told(SHARED_FORMAT - 1), /have the platform's team take wheelhouse 1\.0\.0/);
  });

  it("is refused where a value is not what a platform puts out, with the value's place", async () => {
    const { shared } = await share();
    const wrong: Record<string, unknown>[] = [
      { ...shared, projectId: undefined },
      { ...shared, baseImages: [{ ...shared.baseImages[0], platforms: ["windows"] }] },
      { ...shared, pool: "ubuntu-24.04" },
      { ...shared, recipeSettings: undefined },
    ];
    const places = ["shared.projectId", "shared.baseImages.0.platforms.0", "shared.pool", "shared.recipeSettings"];
    wrong.forEach((value, index) => {
      assert.throws(
        () => readShared(value, "1.0.0"),
        (error: Error) => error.message.includes(`: ${places[index]!}: `),
        places[index],
      );
    });
  });

  it("is of a higher format when what both packages must agree on is another", async () => {
    const { shared } = await share(everything);
    const template = renderApplicationPipeline(app("orders", { indexes: ["nexus"] }), {
      project: "Platform",
      templateRepository: "wheelhouse",
      folder: "\\wheelhouse",
    });
    const agreed = {
      shared: [...new Set(keysIn(shared))].sort(),
      recipeFacts: createHash("sha256")
        .update(JSON.stringify(z.toJSONSchema(recipeFacts)))
        .digest("hex"),
      template: `${applicationTemplatePath} with ${/parameters:.*/s.exec(template.content)![0].trim()}`,
    };
    // Raise SHARED_FORMAT when this file changes: packages with different ones of it would not understand each other.
    matchesGolden(join(__dirname, "golden", "shared-format"), [
      { path: "agreed.json", content: `${JSON.stringify({ format: SHARED_FORMAT, agreed }, undefined, 2)}\n` },
    ]);
  });
});

describe("two versions of the package", () => {
  it("differ for each other unless only the last number is another", () => {
    assert.equal(differs("0.1.0", "0.1.7"), false);
    assert.equal(differs("0.1.0", "0.2.0"), true);
    assert.equal(differs("1.1.0", "2.1.0"), true);
  });
});
