/** Folders of the template repository that pipelines read recipes from. */

/** Of one base image: its recipe and its pipeline. */
export function baseImageFolder(name: string): string {
  return `base-images/${name}`;
}
