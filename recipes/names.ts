/** The names of stages, bake targets and folders that recipes and pipelines agree on. */
import { appImages, applicationFolder, baseImageFolder, type AppImage } from "../spec";
import type { App } from "../spec";
import { RecipeError } from "./errors";

/** One image of an application, with the name of its bake target, which is that of its Dockerfile stage, too. */
export interface ApplicationImage extends AppImage {
  readonly target: string;
}

/**
 * The name of a repository, which here is that of a stage, a bake target and a folder, too.
 * @throws RecipeError unless it has only lower-case letters, digits and single hyphens between them.
 */
export function repositoryName(property: string, name: string): string {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw new RecipeError(
      property,
      name,
      "Name it with lower-case letters and digits, and single hyphens between them.",
    );
  }
  return name;
}

/**
 * The images of an application with their targets.
 * @throws RecipeError where two scripts make the same image, or one a name that no image can have.
 */
export function applicationImages(app: Pick<App, "name" | "scripts">): ApplicationImage[] {
  const images = appImages(app).map((image, index) => {
    repositoryName(image.script === undefined ? "name" : `scripts[${index}]`, image.repository);
    return { ...image, target: `image-${image.repository}` };
  });
  for (const [index, image] of images.entries()) {
    if (images.findIndex((other) => other.target === image.target) !== index) {
      throw new RecipeError(
        `scripts[${index}]`,
        image.script ?? "",
        `Rename it: another script makes ${image.repository}, too.`,
      );
    }
  }
  return images;
}

/**
 * Where the recipe of a base image lies in the template repository.
 * @throws RecipeError for a name that could lead elsewhere.
 */
export function baseImageRecipeFolder(name: string): string {
  return baseImageFolder(repositoryName("name", name));
}

/**
 * Where the recipe of an application lies in the template repository.
 * @throws RecipeError for a name that could lead elsewhere.
 */
export function applicationRecipeFolder(name: string): string {
  return applicationFolder(repositoryName("name", name));
}
