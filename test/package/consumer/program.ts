/** A platform team's program, for the compiler alone: what has a type must keep it. */
import * as pulumi from "@pulumi/pulumi";
import {
  ContainerRegistry,
  loadSpecs,
  makeTool,
  Platform,
  readSettings,
  SpecError,
  TeamApplications,
  type App,
  type PlatformArgs,
  type PlatformOutputs,
  type Settings,
} from "../../../components/library";
import { renderApplicationPipeline } from "../../../pipelines";
import { rules, startPack } from "../../../policy";
import { renderApplicationRecipe } from "../../../recipes";
import { checkable, type BaseImage, type RenderedFile } from "./use";

const settings: Settings = readSettings({ get: () => undefined, getObject: () => undefined });
const specs = loadSpecs({ baseImages: "base-images", apps: "apps" }, settings);
const args: PlatformArgs = { settings, ...specs, tool: makeTool() };
const outputs: PlatformOutputs = new Platform("wheelhouse", args).outputs;
const feedUrl: pulumi.Output<string> = outputs.feedUrl;
export { feedUrl };

const registry = new ContainerRegistry("registry", {
  registryName: "contoso",
  resourceGroupName: "rg",
  location: "westeurope",
  sku: "Premium",
});
registry.loginServer.apply((host: string) => host.length);

// @ts-expect-error there is no such tier: had the declarations no types, nothing would be wrong here
new ContainerRegistry("wrong", { registryName: "contoso", resourceGroupName: "rg", location: "x", sku: "Free" });
// @ts-expect-error an output decides how many resources there are
new TeamApplications("team", { shared: pulumi.output(undefined), apps: pulumi.output<App[]>([]) });

const [app] = specs.apps;
const [baseImage] = specs.baseImages;
if (app !== undefined && baseImage !== undefined) {
  const file: RenderedFile = renderApplicationPipeline(app, { project: "p", templateRepository: "t", folder: "\\w" });
  const recipe: RenderedFile[] = renderApplicationRecipe(app, baseImage satisfies BaseImage);
  checkable(file, ...recipe);
}
export const names: string[] = rules.map((rule) => rule.name);
export const start: (options: { folder: string }) => unknown = startPack;
export const problems = (error: unknown): number => (error instanceof SpecError ? error.problems.length : 0);
