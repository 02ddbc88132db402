/** The names of stages, bake targets and folders that recipes and pipelines agree on. */
import { appImages, type AppImage } from "../spec";
import type { App } from "../spec";
import { RecipeError } from "./errors";

/** One image of an application, with the name of its bake target, which is that of its Dockerfile stage, too. */
export interface ApplicationImage extends AppImage {
  readonly target: string;
}

/**
 * The images of an application with their targets.
 * @throws RecipeError where two scripts make the same image.
 */
export function applicationImages(app: Pick<App, "name" | "scripts">): ApplicationImage[] {
  const images = appImages(app).map((image) => ({ ...image, target: `image-${image.repository}` }));
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

/** Where the recipe of a base image lies in the template repository. */
export function baseImageFolder(name: string): string {
  return `base-images/${name}`;
}

/** Where the recipe of an application lies in the template repository. */
export function applicationFolder(name: string): string {
  return `apps/${name}`;
}
