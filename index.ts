/** The program that `pulumi up` runs: configuration and specs in, one platform out. */
import * as pulumi from "@pulumi/pulumi";
import { makeTool, Platform, type PlatformArgs } from "./components";
import { loadSpecs, readSettings, SpecError, type ConfigReader } from "./spec";

const config = new pulumi.Config();

/** Pulumi.yaml gives each optional key a default, and the empty text stands for none. */
const reader: ConfigReader = {
  get: (key) => {
    const text = config.get(key);
    return text === "" ? undefined : text;
  },
  getObject: (key) => config.getObject<unknown>(key),
};

function read(): Omit<PlatformArgs, "tool"> {
  try {
    const settings = readSettings(reader, Object.keys(pulumi.runtime.allConfig()));
    return { settings, ...loadSpecs({ baseImages: "base-images", apps: "apps" }, settings) };
  } catch (error) {
    // A mistake in what the user wrote says all there is to say; a stack trace would bury it.
    throw error instanceof SpecError ? new pulumi.RunError(error.message) : error;
  }
}

const platform = new Platform("wheelhouse", { ...read(), tool: makeTool() });

export const { feedUrl, registry, baseImages, applications } = platform.outputs;
