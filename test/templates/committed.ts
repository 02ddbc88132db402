/** The files of the templates that code decides, so that none of them drifts from it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { PIPELINE_FOLDER } from "../../components/platform-plan";
import { renderApplicationPipeline, renderPreviewPipeline } from "../../pipelines";
import { loadApps, type RenderedFile } from "../../spec";

export const root = join(__dirname, "../..");
export const templates = join(root, "templates");

/** With their paths in `templates/`. */
export function committedFiles(): RenderedFile[] {
  const preview = renderPreviewPipeline({ pool: { kind: "hosted", vmImage: "ubuntu-24.04" } });
  const [hello] = loadApps(join(templates, "platform/apps"));
  const application = renderApplicationPipeline(hello!, {
    project: "Platform",
    templateRepository: "wheelhouse",
    folder: PIPELINE_FOLDER,
  });
  return [
    { path: "platform/Pulumi.yaml", content: withKeysOfThePlatform("platform/Pulumi.yaml") },
    ...["platform", "team"].map((name) => ({ path: `${name}/${preview.path}`, content: preview.content })),
    { path: `application/${application.path}`, content: application.content },
  ];
}

/** The file as it is, but for its keys: those of the platform's own program. */
function withKeysOfThePlatform(path: string): string {
  const own = parseDocument(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
  const template = parseDocument(readFileSync(join(templates, path), "utf8"));
  template.set("config", own.get("config"));
  return template.toString({ lineWidth: 120 });
}

/** What UPDATE_GOLDEN=1 writes; continuous integration refuses it, as for golden files. */
export function updateWhereAsked(): void {
  if (process.env.UPDATE_GOLDEN !== "1" || process.env.CI !== undefined || process.env.TF_BUILD !== undefined) return;
  for (const { path, content } of committedFiles()) writeFileSync(join(templates, path), content);
}
