/** Platform for every language. */
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Platform as Component } from "../components/platform";
import { makeTool } from "../components/tool";
import { formatProblem, loadSpecs, SpecError, type Settings, type Specs } from "../spec";
import { facade } from "./facade";
import { found, refuse, type Mistake } from "./mistakes";
import { readSettings, readSpecs } from "./reading";
import type { PlatformSettings } from "./settings";
import type { ApplicationSpecification, BaseImageSpecification } from "./specifications";
import type { ApplicationOutputs, BaseImageOutputs, Json } from "./values";

export interface PlatformArgs {
  /** The keys that the program in TypeScript takes from its stack's configuration. */
  readonly settings: PlatformSettings;
  /** Every base image; or `specifications`. */
  readonly baseImages?: BaseImageSpecification[];
  /** Every application; or `specifications`. Default: none. */
  readonly apps?: ApplicationSpecification[];
  /**
   * Folder with `base-images/<name>/base-image.yaml` and `apps/<name>.yaml`, relative to the folder that Pulumi runs the
   * program in; instead of `baseImages` and `apps`.
   */
  readonly specifications?: string;
}

/**
 * A paved road for Python teams: feed, registry, connections, templates, a pipeline for each base image that refreshes it
 * every day, and one for each application.
 */
export class Platform extends facade(Component) {
  /** Address of the feed's simple index, without credentials. */
  declare readonly feedUrl: pulumi.Output<string>;
  /** Login server of the registry. */
  declare readonly registry: pulumi.Output<string>;
  /** By name. */
  declare readonly baseImages: pulumi.Output<Record<string, BaseImageOutputs>>;
  /** By name. */
  declare readonly applications: pulumi.Output<Record<string, ApplicationOutputs>>;
  /** For the stacks of teams: export it, and give it to `TeamApplications` there. Nothing in it is secret. */
  declare readonly shared: pulumi.Output<Json>;

  constructor(name: string, args: PlatformArgs, options?: pulumi.ComponentResourceOptions) {
    const mistakes: Mistake[] = [];
    const settings = readSettings("settings", args.settings, mistakes);
    const specs = specsOf(args, settings, mistakes);
    refuse("Platform", mistakes);
    super(name, { settings: found(settings), ...specs, tool: makeTool() }, options);
    if (this instanceof Component) {
      const { feedUrl, registry, baseImages, applications, shared } = this.outputs;
      Object.assign(this, {
        feedUrl,
        registry,
        baseImages: pulumi.output(baseImages),
        applications: pulumi.output(applications),
        shared,
      });
    }
  }
}

function specsOf(args: PlatformArgs, settings: Settings | undefined, mistakes: Mistake[]): Specs {
  const { baseImages, apps, specifications } = args;
  if (specifications === undefined) {
    return readSpecs(baseImages ?? [], apps ?? [], settings, mistakes);
  }
  for (const [propertyPath, value] of Object.entries({ baseImages, apps })) {
    if (value !== undefined) {
      mistakes.push({ propertyPath, reason: "the folder `specifications` says what there is; give one of the two" });
    }
  }
  return specsIn(specifications, settings, mistakes);
}

function specsIn(folder: string, settings: Settings | undefined, mistakes: Mistake[]): Specs {
  try {
    return loadSpecs({ baseImages: join(folder, "base-images"), apps: join(folder, "apps") }, settings);
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const told = error.problems.map((problem) => formatProblem(problem).replace("\n  ", "; "));
    mistakes.push(...told.map((reason) => ({ propertyPath: "specifications", reason })));
    return { baseImages: [], apps: [] };
  }
}
