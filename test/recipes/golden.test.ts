/** The recipes of a matrix of specs, held against golden files. */
import { join } from "node:path";
import { renderApplicationRecipe, renderBaseImageRecipe } from "../../recipes";
import { matchesGolden } from "./golden";
import { applications, baseImageOf, baseImages, platform } from "./specs";

const golden = join(__dirname, "golden");

describe("recipes", () => {
  for (const [name, base] of Object.entries(baseImages)) {
    it(`render the ${name} base image as its golden files say`, () => {
      matchesGolden(join(golden, "base-image", name), renderBaseImageRecipe(base, platform));
    });
  }
  for (const [name, app] of Object.entries(applications)) {
    it(`render the ${name} application as its golden files say`, () => {
      matchesGolden(join(golden, "application", name), renderApplicationRecipe(app, baseImageOf(app), platform));
    });
  }
});
