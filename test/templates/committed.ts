/** The files of the templates that code decides, so that none of them drifts from it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

/** The file as it is, but for its keys: those of the platform's own program, which close both files. */
function withKeysOfThePlatform(path: string): string {
  const [, keys] = splitAtKeys(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
  const [before] = splitAtKeys(readFileSync(join(templates, path), "utf8"));
  return `${before}${keys}`;
}

function splitAtKeys(text: string): readonly [string, string] {
  const at = text.search(/^config:$/m);
  if (at < 0) throw new Error("there is no section config");
  return [text.slice(0, at), text.slice(at)];
}

/** What UPDATE_GOLDEN=1 writes; continuous integration refuses it, as for golden files. */
export function updateWhereAsked(): void {
  if (process.env.UPDATE_GOLDEN !== "1" || process.env.CI !== undefined || process.env.TF_BUILD !== undefined) return;
  for (const { path, content } of committedFiles()) writeFileSync(join(templates, path), content);
}
