/** Turns what a program in any language wrote into what the components take, checked by the schemas that check a platform's files. */
import type { z } from "zod";
import type { App, BaseImage, PackageIndex, Pool, PreviewSettings, Settings, Specs } from "../spec";
import { baseImageSchema } from "../spec/base-image-schema";
import { checkApp, checkBaseImage, type Checked } from "../spec/check";
import { crossReferences } from "../spec/cross-references";
import { showPath, type SourceFile } from "../spec/document";
import { pool, toPool } from "../spec/fields";
import { findings } from "../spec/issues";
import { packageIndexes, toPackageIndexes } from "../spec/package-indexes";
import { preview, toPreview } from "../spec/preview-schema";
import { configSchema, toSettings } from "../spec/settings-schema";
import { fromProblem, pathOf, type Mistake } from "./mistakes";
import type * as settings from "./settings";
import type * as specifications from "./specifications";
import type * as values from "./values";

/** The settings. */
export function readSettings(
  path: string,
  written: settings.PlatformSettings,
  mistakes: Mistake[],
): Settings | undefined {
  const read = readBy(configSchema, path, written, mistakes);
  return read === undefined ? undefined : toSettings(read);
}

/** A pool. Default: `ubuntu-24.04`, hosted by Microsoft. */
export function readPool(path: string, written: values.AgentPool | undefined, mistakes: Mistake[]): Pool | undefined {
  const read = readBy(pool, path, written ?? { vmImage: "ubuntu-24.04" }, mistakes);
  return read === undefined ? undefined : toPool(read);
}

/** What pull requests preview. Default: nothing that is told here. */
export function readPreview(
  path: string,
  written: settings.Preview | undefined,
  mistakes: Mistake[],
): PreviewSettings | undefined {
  const read = written === undefined ? undefined : readBy(preview, path, written, mistakes);
  return read === undefined ? undefined : toPreview(read);
}

/** Package indexes beside the feed. Default: none. */
export function readIndexes(
  path: string,
  written: readonly values.PackageIndex[] | undefined,
  mistakes: Mistake[],
): readonly PackageIndex[] {
  return toPackageIndexes(readBy(packageIndexes, path, written ?? [], mistakes) ?? []);
}

/** What recipes are rendered with, from arguments of these names. */
export function readRecipeSettings(
  written: {
    readonly indexes?: values.PackageIndex[];
    readonly sbomGenerator?: string;
    readonly upstreamRegistry?: string;
  },
  mistakes: Mistake[],
): Pick<Settings, "indexes" | "sbomGenerator" | "upstreamRegistry"> {
  const { sbomGenerator, upstreamRegistry } = written;
  const { shape } = configSchema;
  readBy(shape.sbomGenerator, "sbomGenerator", sbomGenerator, mistakes);
  readBy(shape.upstreamRegistry, "upstreamRegistry", upstreamRegistry, mistakes);
  return { indexes: readIndexes("indexes", written.indexes, mistakes), sbomGenerator, upstreamRegistry };
}

/** What an application's recipe takes from its base image. */
export function readApplicationBase(
  path: string,
  written: specifications.ApplicationBase,
  mistakes: Mistake[],
): Pick<BaseImage, "name" | "python" | "platforms" | "user"> | undefined {
  const { name, python, platforms, user } = written;
  return readBy(baseImageSchema, path, { name, python, platforms, user }, mistakes);
}

/** One application; whether its base image is there is not looked at. */
export function readApplication(
  path: string,
  written: specifications.ApplicationSpecification,
  mistakes: Mistake[],
): App | undefined {
  return specOf(checkedApplication(path, written), mistakes);
}

/** One base image. */
export function readBaseImage(
  path: string,
  written: specifications.BaseImageSpecification,
  mistakes: Mistake[],
): BaseImage | undefined {
  return specOf(checkedBaseImage(path, written), mistakes);
}

/** All of a platform, checked against each other and the settings, too. */
export function readSpecs(
  baseImages: readonly specifications.BaseImageSpecification[],
  apps: readonly specifications.ApplicationSpecification[],
  platform: Settings | undefined,
  mistakes: Mistake[],
): Specs {
  const checkedImages = baseImages.map((image, index) => checkedBaseImage(`baseImages[${index}]`, image));
  const checkedApps = apps.map((app, index) => checkedApplication(`apps[${index}]`, app));
  const read = {
    baseImages: checkedImages.flatMap((checked) => specOf(checked, mistakes) ?? []),
    apps: checkedApps.flatMap((checked) => specOf(checked, mistakes) ?? []),
  };
  mistakes.push(...crossReferences(checkedImages, checkedApps, platform).map(fromProblem));
  return read;
}

function checkedApplication(path: string, written: specifications.ApplicationSpecification): Checked<App> {
  return checkApp(asFile(path, written), written.name);
}

function checkedBaseImage(path: string, written: specifications.BaseImageSpecification): Checked<BaseImage> {
  const { requirements = "", systemPackages, ...specification } = written;
  return checkBaseImage({
    folder: written.name,
    specification: asFile(path, specification),
    requirements: textFile(`${path}.requirements`, requirements),
    systemPackages: systemPackages === undefined ? undefined : textFile(`${path}.systemPackages`, systemPackages),
  });
}

/** JSON is YAML, so an object is checked as the file that a team would have written; its path stands for the file's name. */
function asFile(path: string, value: object): SourceFile {
  return textFile(path, JSON.stringify(value, undefined, 1));
}

function textFile(file: string, text: string): SourceFile {
  return { file, bytes: Buffer.from(text) };
}

function specOf<Spec>({ spec, problems }: Checked<Spec>, mistakes: Mistake[]): Spec | undefined {
  mistakes.push(...problems.map(fromProblem));
  return spec;
}

function readBy<Read>(schema: z.ZodType<Read>, path: string, written: unknown, mistakes: Mistake[]): Read | undefined {
  mistakes.push(
    ...findings(schema, written).map((finding) => ({
      propertyPath: pathOf(path, showPath(finding.path)),
      reason: `${finding.message}; ${finding.mend}`,
    })),
  );
  const result = schema.safeParse(written);
  return result.success ? result.data : undefined;
}
