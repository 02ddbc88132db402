/** The program that `pulumi up` runs: configuration and specs in, one platform out. */
import { makeTool, Platform, readPlatform } from "./components";

const platform = new Platform("wheelhouse", { ...readPlatform(), tool: makeTool() });

export const { feedUrl, registry, baseImages, applications, shared } = platform.outputs;
