/** Azure resources carry the tags that the organization asks for. */
import { z } from "zod";
import { regularExpression } from "../parameters";
import { resourceRule } from "../resource-rule";
import { REGISTRY, REGISTRY_TASK, RESOURCE_GROUP, USER_ASSIGNED_IDENTITY } from "../resource-types";
import { at, textOf, UNKNOWN } from "../values";

export const requiredTags = resourceRule({
  name: "required-tags",
  description: "Azure resources have the tags that the organization asks for.",
  level: "advisory",
  severity: "low",
  mend: "Add the tag, in the platform by wheelhouse:tags.",
  parameters: z.strictObject({
    tags: z
      .record(z.string(), regularExpression)
      .default({})
      .describe("Names of tags, each with a regular expression for its value, such as .+ for any."),
    types: z
      .array(z.string())
      .default([])
      .describe("Further types that take tags, such as azure-native:storage:StorageAccount."),
  }),
  check: ({ type, inputs }, { tags, types }) =>
    [REGISTRY, REGISTRY_TASK, RESOURCE_GROUP, USER_ASSIGNED_IDENTITY, ...types].includes(type)
      ? Object.entries(tags).flatMap(([name, pattern]) => {
          const value = at(inputs.tags, name);
          const text = typeof value === "number" || typeof value === "boolean" ? String(value) : textOf(value);
          if (value === UNKNOWN || (text !== undefined && new RegExp(pattern, "u").test(text))) return [];
          return [
            {
              where: `tags.${name}`,
              what: text === undefined ? "the tag is missing" : `the tag does not fit ${pattern}`,
              why: "costs and owners are told by it",
              mend: "Set it, in the platform by wheelhouse:tags",
            },
          ];
        })
      : [],
});
