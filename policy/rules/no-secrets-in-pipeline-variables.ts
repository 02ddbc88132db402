/** Variables of pipelines and variable groups hold no credential in plain text. */
import { findCredentials, isSecretName } from "../credentials";
import { resourceRule } from "../resource-rule";
import { BUILD_DEFINITION, VARIABLE_GROUP } from "../resource-types";
import { at, elements, isOn, textOf, UNKNOWN } from "../values";

export const noSecretsInPipelineVariables = resourceRule({
  name: "no-secrets-in-pipeline-variables",
  description: "Variables of pipelines and variable groups that are secrets are marked so.",
  severity: "high",
  mend: "Set isSecret and secretValue, or take the variable from a key vault; revoke what stood there.",
  types: [BUILD_DEFINITION, VARIABLE_GROUP],
  check: ({ inputs }) =>
    elements(inputs.variables).flatMap((variable, index) => {
      const value = at(variable, "value");
      const marked = at(variable, "isSecret");
      if (value === undefined || value === "" || isOn(marked) || marked === UNKNOWN) return [];
      const named = isSecretName(textOf(at(variable, "name")) ?? "");
      if (!named && findCredentials(textOf(value) ?? "").length === 0) return [];
      return [
        {
          where: `variables[${index}].value`,
          what: named ? "the variable is named as a secret and is none" : "the value looks like a credential",
          why: "everyone who can see the pipeline reads it, and so do its logs",
          mend: "Set isSecret and secretValue instead, and revoke what stood there",
        },
      ];
    }),
});
