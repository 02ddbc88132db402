/** The recipes room: pure functions from a spec to the Dockerfile and the bake file of its images. */
export { applicationRecipePaths, renderApplicationRecipe } from "./application";
export type { ApplicationBase } from "./application-base";
export { renderBaseImageRecipe } from "./base-image";
export { RecipeError } from "./errors";
export type { RecipeSettings } from "./further-indexes";
