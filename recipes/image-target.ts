/** The parts of a bake file that the images of all applications have in common, whoever wrote their Dockerfile. */
import { builderRepository, type App } from "../spec";
import type { ApplicationBase } from "./application-base";
import { literal, type BakeVariable } from "./bake";
import type { RecipeSettings } from "./further-indexes";
import type { ApplicationImage } from "./names";
import { generatorVariable, runLabels, variables } from "./variables";

/** Group that a pipeline run builds: the images, and through their contexts all that they need. */
export const imageGroup = "default";

/** The base image's builder, by digest. */
export function builderContext(base: ApplicationBase): string {
  return `docker-image://\${REGISTRY}/${builderRepository(base)}@\${BUILDER_DIGEST}`;
}

/** The base image, by digest. */
export function baseContext(base: ApplicationBase): string {
  return `docker-image://\${REGISTRY}/${base.name}@\${BASE_DIGEST}`;
}

export function renderedFrom(app: Pick<App, "name">): string {
  return `Rendered by Wheelhouse from apps/${app.name}.yaml; change that file, not this one.`;
}

/** The variables of every application. */
export function imageVariables(base: ApplicationBase, settings: RecipeSettings): Record<string, BakeVariable> {
  return {
    BASE_IMAGE: { description: "Repository of the base image in the registry", default: literal(base.name) },
    BUILDER_IMAGE: {
      description: "Repository of its builder in the registry",
      default: literal(builderRepository(base)),
    },
    ...variables([
      "REGISTRY",
      "INDEX_URL",
      "BASE_DIGEST",
      "BUILDER_DIGEST",
      "SOURCE",
      "SECRETS",
      "VERSION",
      "REVISION",
      "CREATED",
      "SOURCE_URL",
      "SOURCE_DATE_EPOCH",
      "PUSH",
    ]),
    ...generatorVariable(settings.sbomGenerator),
  };
}

/** OCI labels. Source: https://github.com/opencontainers/image-spec/blob/main/annotations.md */
export function imageLabels(app: App, base: ApplicationBase, image: ApplicationImage): Record<string, string> {
  return {
    "org.opencontainers.image.title": literal(image.repository),
    ...(app.description === undefined ? {} : { "org.opencontainers.image.description": literal(app.description) }),
    ...runLabels,
    "org.opencontainers.image.base.name": `\${REGISTRY}/${base.name}`,
    "org.opencontainers.image.base.digest": "${BASE_DIGEST}",
  };
}
