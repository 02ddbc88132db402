import assert from "node:assert/strict";
import { ask, found } from "../asking";
import { devops, feed, registry, type Declared } from "../declared";

const rule = "protected-resources";
const of = (token: string, parent?: string): Declared => ({
  token,
  name: token,
  args: {},
  ...(parent === undefined ? {} : { parent }),
});
const group = "azure-native:resources:ResourceGroup";

describe(rule, () => {
  it("lets pass what is protected", () => {
    const template = { ...of(devops("Git"), "wheelhouse:index:TemplateRepository"), protect: true };
    assert.deepEqual(found(rule, [feed("feed"), registry("registry"), template]), []);
  });

  it("refuses feed, registry, project, template repository and the registry's group without protection", () => {
    const bare = [
      of(devops("Feed")),
      of("azure-native:containerregistry:Registry"),
      of(devops("Project")),
      of(devops("Git"), "wheelhouse:index:Platform$wheelhouse:index:TemplateRepository"),
      of(group, "wheelhouse:index:ContainerRegistry"),
    ];
    assert.deepEqual(
      found(rule, bare),
      bare.map(({ token }) => token),
    );
  });

  it("lets pass what teams may delete: their repositories, other groups, pipelines", () => {
    const theirs = of(devops("Git"), "wheelhouse:index:AppImagePipeline");
    assert.deepEqual(found(rule, [theirs, of(devops("Git")), of(group), of(devops("BuildDefinition"))]), []);
  });

  it("refuses what the organization names, in the form that messages have", () => {
    const account = of("azure-native:storage/v20240101:StorageAccount");
    assert.deepEqual(found(rule, [account]), []);
    const [finding] = ask(rule, [account], { types: ["azure-native:storage:StorageAccount"] });
    assert.match(finding!.message, /option protect: it is not set/);
  });
});
