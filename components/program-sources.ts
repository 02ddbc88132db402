/** What a program reads before it declares anything: configuration and specs, with mistakes told without a stack trace. */
import * as pulumi from "@pulumi/pulumi";
import { loadApps, loadSpecs, readSettings, SpecError, type App, type SpecFolders } from "../spec";
import type { PlatformArgs } from "./platform";

/** Name of the program's project, and so the namespace of the configuration keys. */
const NAMESPACE = "wheelhouse";

/** Where the specs of a program are, unless it says otherwise; relative to its folder. */
const FOLDERS: SpecFolders = { baseImages: "base-images", apps: "apps" };

/**
 * The settings from the stack's configuration, and every base image and application.
 * @param folders Default `base-images` and `apps`.
 * @throws pulumi.RunError with every mistake in them, and for a project that is not named `wheelhouse`.
 */
export function readPlatform(folders = FOLDERS): Pick<PlatformArgs, "settings" | "baseImages" | "apps"> {
  return told(() => {
    const config = new pulumi.Config();
    if (config.name !== NAMESPACE) {
      throw new pulumi.RunError(
        `the project is named ${config.name}, so its configuration keys are ${config.name}:…, and those of a platform are ${NAMESPACE}:…\n` +
          `  write name: ${NAMESPACE} in Pulumi.yaml; platforms of one organization differ in the names of their stacks`,
      );
    }
    const settings = readSettings(
      { get: (key) => config.get(key), getObject: (key) => config.getObject<unknown>(key) },
      Object.keys(pulumi.runtime.allConfig()),
    );
    return { settings, ...loadSpecs(folders, settings) };
  });
}

/**
 * The applications of a team's stack.
 * @param folder Default `apps`, relative to the program's folder.
 * @throws pulumi.RunError with every mistake in them.
 */
export function readApplications(folder = FOLDERS.apps): readonly App[] {
  return told(() => loadApps(folder));
}

/** A mistake in what the user wrote says all there is to say; a stack trace would bury it. */
function told<Read>(read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    throw error instanceof SpecError ? new pulumi.RunError(error.message) : error;
  }
}
