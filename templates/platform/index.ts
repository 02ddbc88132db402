/** The platform: what the stack's configuration, base-images/ and apps/ ask for. */
import { makeTool, Platform, readPlatform } from "wheelhouse";

const platform = new Platform("wheelhouse", { ...readPlatform(), tool: makeTool() });

// The stacks of teams read `shared`; the rest is for people.
export const { feedUrl, registry, baseImages, applications, shared } = platform.outputs;
