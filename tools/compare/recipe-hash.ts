/** Reads the hash that a base image's recipe puts on its images. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { BaseImageFacts } from "../../spec/recipe-facts";
import type { Recipe } from "../recipe";
import { labelNames } from "./compare";

const bakeFile = z.looseObject({
  target: z.record(z.string(), z.looseObject({ labels: z.record(z.string(), z.string()).optional() })),
});

/** SHA-256 of the recipe; `undefined` where its bake file has no such label. */
export function recipeHash({ bakeFile: file }: Pick<Recipe, "bakeFile">, facts: BaseImageFacts): string | undefined {
  const parsed = bakeFile.safeParse(JSON.parse(readFileSync(file, "utf8")));
  const labels = parsed.success ? parsed.data.target[facts.targets.runtime]?.labels : undefined;
  return labels?.[labelNames.recipe];
}
