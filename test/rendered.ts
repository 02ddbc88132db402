/** The committed files that are rendered from code, and the pipelines of the samples as the service would run them. */
import * as path from "node:path";
import { stringify } from "yaml";
import {
  renderApplicationPipeline,
  renderApplicationTemplate,
  renderBaseImagePipeline,
  renderBaseImageTemplate,
  renderPreviewPipeline,
} from "../pipelines";
import { loadSpecs, renderJsonSchemas, type RenderedFile } from "../spec";
import { expanded } from "./pipelines/expand";
import { settings } from "./pipelines/settings";

export const root = path.join(__dirname, "..");

/** What `npm run render` writes: the JSON Schemas for editors, and the platform's own pipeline with its defaults. */
export function committedFiles(): readonly RenderedFile[] {
  return [...renderJsonSchemas(), renderPreviewPipeline({ pool: settings().pool })];
}

/** Every pipeline of the samples; templates expanded for each kind of run, since the schema knows no expressions. */
export function samplePipelines(): readonly RenderedFile[] {
  const { baseImages, apps } = loadSpecs({
    baseImages: path.join(root, "base-images"),
    apps: path.join(root, "apps"),
  });
  const platform = settings();
  const applicationRun = (reason: string, app: string): string =>
    stringify(expanded(renderApplicationTemplate(platform).content, reason, { app }));
  return [
    renderPreviewPipeline(platform),
    ...baseImages.flatMap((base) => {
      const run = expanded(renderBaseImageTemplate(platform).content, "Schedule", { baseImage: base.name });
      return [
        renderBaseImagePipeline(base, platform),
        { path: `runs/${base.name}-scheduled.yml`, content: stringify(run) },
      ];
    }),
    ...apps.flatMap((app) => [
      { ...renderApplicationPipeline(app, platform), path: `apps/${app.name}.yml` },
      { path: `runs/${app.name}-push.yml`, content: applicationRun("IndividualCI", app.name) },
      { path: `runs/${app.name}-pull-request.yml`, content: applicationRun("PullRequest", app.name) },
    ]),
  ];
}
