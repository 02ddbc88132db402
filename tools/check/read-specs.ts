/**
 * Reads each specification once more, with the places of what it says: for what the loader does not tell, since that
 * knows one stack and only what lies on the disk.
 */
import { readdirSync } from "node:fs";
import * as path from "node:path";
import { checkApp, checkBaseImage, type Checked } from "../../spec/check";
import type { SourceFile } from "../../spec/document";
import type { App, BaseImage } from "../../spec/model";
import { readInside } from "../../spec/paths";
import { isFolder, type Project } from "./project";

/** Larger files are refused by the loader. */
const LARGEST = 256 * 1024;

/** Every specification that can be read, whether right or wrong. */
export interface ReadSpecs {
  readonly baseImages: readonly Checked<BaseImage>[];
  readonly apps: readonly Checked<App>[];
}

/** What cannot be read is left out: the loader has told it. */
export function readSpecs({ apps, baseImages }: Pick<Project, "apps" | "baseImages">): ReadSpecs {
  return {
    baseImages: namesIn(baseImages)
      .filter((name) => isFolder(path.join(baseImages, name)))
      .flatMap((name) => {
        const specification = read(baseImages, `${name}/base-image.yaml`);
        if (specification === undefined) return [];
        const requirements = read(baseImages, `${name}/requirements.in`);
        const systemPackages = read(baseImages, `${name}/bindep.txt`);
        return [checkBaseImage({ folder: name, specification, requirements, systemPackages })];
      }),
    apps: namesIn(apps)
      .filter((name) => name.endsWith(".yaml"))
      .flatMap((name) => {
        const source = read(apps, name);
        return source === undefined ? [] : [checkApp(source, name.slice(0, -".yaml".length))];
      }),
  };
}

/** In the loader's order, in which the later of two that clash is the mistake. */
function namesIn(folder: string): string[] {
  if (!isFolder(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith("."))
    .sort();
}

function read(folder: string, relative: string): SourceFile | undefined {
  const result = readInside(folder, relative, LARGEST);
  return result.kind === "content" ? { file: path.join(folder, relative), bytes: result.bytes } : undefined;
}
