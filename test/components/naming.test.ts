import assert from "node:assert/strict";
import fc from "fast-check";
import {
  buildServiceDescriptor,
  fileName,
  nameFrom,
  roleDefinitionId,
  stableGuid,
  subscriptionOf,
} from "../../components/naming";
import { baseImageOf, poolsOf, teamsOf } from "../../components/platform-plan";
import { app, baseImage, settings } from "./samples";

describe("names that are computed", () => {
  it("are GUIDs of version 5, and never change", () => {
    assert.equal(stableGuid("contoso", "wheelhouse-push", "role"), "de30ff1e-bae9-584d-aca2-5d57e30a6664");
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) => {
        assert.match(stableGuid(...parts), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });

  it("are resource names of letters, digits and dashes, a different one for each text", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        assert.match(nameFrom(left), /^[a-z0-9]+(-[a-z0-9]+)*$|^$/);
        assert.equal(nameFrom(left) === nameFrom(right), left === right);
      }),
    );
    assert.equal(nameFrom("commerce"), "commerce");
  });

  it("name a file's resource by the file", () => {
    assert.equal(fileName("apps/orders/Dockerfile"), "Dockerfile");
    assert.equal(fileName("bindep.txt"), "bindep.txt");
  });

  it("find the subscription in an Azure id", () => {
    assert.equal(subscriptionOf("/subscriptions/abc/resourceGroups/rg"), "abc");
    assert.throws(() => subscriptionOf("abc"), /"abc" is no id of an Azure resource/);
    assert.equal(
      roleDefinitionId("abc", "role"),
      "/subscriptions/abc/providers/Microsoft.Authorization/roleDefinitions/role",
    );
  });

  it("find the build identity of a project", () => {
    assert.equal(
      Buffer.from(buildServiceDescriptor("org", "project").replace(/^svc\./, ""), "base64url").toString(),
      "org:Build:project",
    );
    assert.doesNotMatch(buildServiceDescriptor("o", "p"), /=/);
  });
});

describe("the plan of a platform", () => {
  it("names each team once, in the same order whatever the order of the files", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("shop", "data", "Shop", undefined)), (teams) => {
        const apps = teams.map((team) => app("x", { team }));
        assert.deepEqual(teamsOf(apps), teamsOf([...apps].reverse()));
        assert.deepEqual(new Set(teamsOf(apps)), new Set(teams.filter((team) => team !== undefined)));
        assert.equal(teamsOf(apps).length, new Set(teamsOf(apps)).size);
      }),
    );
  });

  it("names each pool once, the hosted ones under one name", () => {
    const named = { kind: "named", name: "Builders", demands: ["docker"] } as const;
    assert.deepEqual(poolsOf(settings, []), ["Azure Pipelines"]);
    assert.deepEqual(
      poolsOf(settings, [
        app("a"),
        app("b", { pool: named }),
        { ...baseImage, pool: { kind: "hosted", vmImage: "x" } },
      ]),
      ["Azure Pipelines", "Builders"],
    );
  });

  it("says which base images there are when an application names another", () => {
    assert.equal(baseImageOf(app("a"), [baseImage]), baseImage);
    assert.throws(
      () => baseImageOf(app("a", { baseImage: "ruby" }), [baseImage]),
      /application a names the base image ruby, which is not among: python-web/,
    );
  });
});
