/** Declares a platform with Pulumi's mocks, from plain JavaScript modules, and writes what came of it into a file. */
import { writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { ArtifactsFeed, loadSpecs, makeTool, Platform, readSettings, SpecError } from "../../../components/library.js";
import { renderApplicationPipeline } from "../../../pipelines/index.js";
import { renderApplicationRecipe } from "../../../recipes/index.js";
import { indexUrl } from "../../../spec/index.js";

/**
 * Ids as the services give them: components take numbers and Azure's ids apart.
 * @param {string} type
 * @param {string} name
 */
function idOf(type, name) {
  if (/BuildDefinition$|ElasticPool$|:Queue$/.test(type)) return "42";
  return type.startsWith("azure-native:")
    ? `/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-wheelhouse/providers/${name}`
    : `id-of-${name}`;
}

const [, , baseImages = "", apps = "", told = ""] = process.argv;

/** @type {{ type: string, name: string, inputs: any }[]} */
const declared = [];
await pulumi.runtime.setMocks(
  {
    newResource: ({ type, name, inputs, custom }) => {
      declared.push({ type, name, inputs });
      return { id: custom ? idOf(type, name) : undefined, state: { ...inputs, loginServer: "contoso.example.net" } };
    },
    call: () => ({ id: "00000000-0000-4000-8000-000000000001", descriptor: "vssgp.x" }),
  },
  "wheelhouse",
  "test",
);

/** @type {Record<string, string>} */
const keys = {
  organization: "contoso",
  project: "Platform",
  subscriptionName: "Contoso",
  location: "westeurope",
  resourceGroup: "rg-wheelhouse",
  registryName: "contosowheelhouse",
  feedName: "python",
};
const upstreams = [{ name: "Public", location: "https://index.example/simple/", kind: "public" }];
/** @type {import("../../../components/library.js").ConfigReader} */
const reader = { get: (key) => keys[key], getObject: (key) => (key === "upstreams" ? upstreams : undefined) };
const settings = readSettings(reader);
const specs = loadSpecs({ baseImages, apps }, settings);
const platform = new Platform("wheelhouse", { settings, ...specs, tool: makeTool() });
const feedUrl = await new Promise((resolve) => platform.outputs.feedUrl.apply(resolve));

let refused = "";
try {
  new ArtifactsFeed("leaky", { feedName: "x", feedsUrl: "https://x.example", indexUrl: "https://u:p@x.example/" });
} catch (error) {
  refused = String(error instanceof Error ? error.stack : error);
}
let wrong = false;
try {
  readSettings({ get: () => undefined, getObject: () => undefined });
} catch (error) {
  wrong = error instanceof SpecError;
}
const rendered = specs.apps
  .slice(0, 1)
  .flatMap((app) => [
    renderApplicationPipeline(app, { project: "p", templateRepository: "t", folder: "\\w" }),
    ...specs.baseImages
      .filter(({ name }) => name === app.baseImage)
      .flatMap((baseImage) => renderApplicationRecipe(app, baseImage)),
  ]);

process.on("exit", () =>
  writeFileSync(
    told,
    JSON.stringify({
      declared: declared.map(({ type, name }) => `${type} ${name}`),
      // Made content is marked as secret, so that no preview shows it: the text is in the mark.
      tool: declared.find(({ name }) => name.endsWith("wheelhouse.cjs"))?.inputs.content.value,
      operations: declared.find(({ type }) => type.endsWith(":FeedUpstreams"))?.inputs.__provider,
      feedUrl,
      isIndex: feedUrl === indexUrl(settings),
      refused,
      wrong,
      rendered: rendered.map(({ path }) => path),
    }),
  ),
);
