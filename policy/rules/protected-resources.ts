/** What cannot be had back, or what others would take at once, is not deleted by a slip. */
import { z } from "zod";
import { resourceRule, type ReadResource } from "../resource-rule";
import {
  CONTAINER_REGISTRY,
  FEED,
  GIT,
  PROJECT,
  REGISTRY,
  RESOURCE_GROUP,
  TEMPLATE_REPOSITORY,
} from "../resource-types";

const WHY: Readonly<Record<string, string>> = {
  [FEED]: "without it every build fails, and its name stays taken",
  [GIT]: "it decides what every pipeline runs",
  [PROJECT]: "everything in it goes with it",
  [REGISTRY]: "its images are gone for good, and a stranger can take its name",
  [RESOURCE_GROUP]: "the registry in it goes with it",
};

export const protectedResources = resourceRule({
  name: "protected-resources",
  description: "Feed, registry, template repository and project are protected from deletion.",
  severity: "high",
  mend: "Set the resource option protect, in the platform by wheelhouse:protect.",
  parameters: z.strictObject({
    types: z
      .array(z.string())
      .default([])
      .describe("Further types to protect, such as azuredevops:Environment or azure-native:storage:StorageAccount."),
  }),
  check: (resource, { types }) =>
    resource.protect || !(mustBeProtected(resource) || types.includes(resource.type))
      ? []
      : [
          {
            where: "option protect",
            what: "it is not set",
            why: WHY[resource.type] ?? "this rule's configuration asks for it",
            mend: "Set protect: true, in the platform by wheelhouse:protect",
          },
        ],
});

/** Of repositories and resource groups, those that the platform's own components make. */
function mustBeProtected({ type, parentType }: ReadResource): boolean {
  switch (type) {
    case FEED:
    case PROJECT:
    case REGISTRY:
      return true;
    case GIT:
      return parentType === TEMPLATE_REPOSITORY;
    case RESOURCE_GROUP:
      return parentType === CONTAINER_REGISTRY;
    default:
      return false;
  }
}
