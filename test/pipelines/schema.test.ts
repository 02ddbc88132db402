/** The rendered files against the published YAML schema, where the tool for that is beside the project. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import {
  renderApplicationPipeline,
  renderApplicationTemplate,
  renderBaseImagePipeline,
  renderBaseImageTemplate,
  renderPreviewPipeline,
} from "../../pipelines";
import { applications, baseImages, platform } from "../recipes/specs";
import { builders } from "./builders";
import { expanded } from "./expand";
import { settings } from "./settings";

const tool = resolve(__dirname, "../../../shared/tools/check-pipelines");

describe("rendered pipelines", () => {
  it("are valid by the published schema", function () {
    if (!existsSync(tool)) {
      console.log(`      skipped: no ${tool}, which holds the schema`);
      return this.skip();
    }
    this.timeout(120_000);
    const template = renderApplicationTemplate(settings()).content;
    const texts: Record<string, string> = {
      "push.yml": stringify(expanded(template, "IndividualCI", { app: "orders" })),
      "pull-request.yml": stringify(expanded(template, "PullRequest", { app: "orders" })),
      ...Object.fromEntries(
        Object.entries(builders).flatMap(([name, builder]) => [
          [
            `push-with-${name}.yml`,
            stringify(expanded(renderApplicationTemplate(settings({ builder })).content, "Manual", { app: "orders" })),
          ],
          [
            `base-run-with-${name}.yml`,
            stringify(
              expanded(renderBaseImageTemplate(settings({ builder })).content, "Manual", { baseImage: "python-web" }),
            ),
          ],
        ]),
      ),
      "push-with-indexes.yml": stringify(
        expanded(renderApplicationTemplate(settings({ indexes: platform.indexes })).content, "IndividualCI", {
          app: "prices",
          indexes: ["open", "nexus-two"],
        }),
      ),
      "base-run.yml": stringify(
        expanded(renderBaseImageTemplate(settings()).content, "Schedule", { baseImage: "python-web" }),
      ),
      "preview.yml": renderPreviewPipeline({ pool: settings().pool }).content,
    };
    for (const [name, base] of Object.entries(baseImages)) {
      texts[`base-${name}.yml`] = renderBaseImagePipeline(base, settings()).content;
    }
    for (const [name, app] of Object.entries(applications)) {
      texts[`application-${name}.yml`] = renderApplicationPipeline(app, settings()).content;
    }
    const folder = mkdtempSync(join(tmpdir(), "rendered-pipelines-"));
    try {
      for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
      const names = Object.keys(texts).map((name) => join(folder, name));
      const checked = spawnSync(tool, names, { encoding: "utf8", timeout: 100_000 });
      assert.equal(checked.status, 0, checked.stdout + checked.stderr);
      assert.equal(checked.stdout.match(/: valid$/gm)?.length, names.length);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
