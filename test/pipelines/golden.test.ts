/** The pipelines of a matrix of specs, held against golden files. */
import { join } from "node:path";
import {
  renderApplicationPipeline,
  renderApplicationTemplate,
  renderBaseImagePipeline,
  renderBaseImageTemplate,
  renderPreviewPipeline,
} from "../../pipelines";
import { matchesGolden } from "../recipes/golden";
import { applications, baseImages, platform as recipes } from "../recipes/specs";
import { settings } from "./settings";

const golden = join(__dirname, "golden");

const platforms = {
  hosted: settings(),
  "own-pool": settings({
    project: "Data Platform",
    feed: { name: "everyone", scope: "organization" },
    pool: { kind: "named", name: "linux builders", demands: ["docker"] },
    indexes: recipes.indexes,
    builder: {
      driver: "remote",
      address: "tcp://buildkit.example.com:1234",
      certificates: { ca: "buildkit-ca.pem", certificate: "buildkit.pem", key: "buildkit-key.pem" },
    },
    timeoutMinutes: { application: 30, baseImage: 600 },
  }),
};

describe("pipelines", () => {
  for (const [name, platform] of Object.entries(platforms)) {
    it(`of a platform with ${name} agents are rendered as their golden files say`, () => {
      matchesGolden(join(golden, "platform", name), [
        renderApplicationTemplate(platform),
        renderBaseImageTemplate(platform),
        renderPreviewPipeline({ pool: platform.pool }),
        ...Object.values(baseImages).map((base) => renderBaseImagePipeline(base, platform)),
      ]);
    });
  }
  for (const [name, app] of Object.entries(applications)) {
    it(`of the ${name} application are rendered as their golden files say`, () => {
      matchesGolden(join(golden, "application", name), [renderApplicationPipeline(app, settings())]);
    });
  }
});
