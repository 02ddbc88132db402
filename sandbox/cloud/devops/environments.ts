/** Environments and variable groups of a project. */
import { z } from "zod";
import { conflict, invalid, missing } from "../errors";
import { numbered, recordKind, text, type Kind } from "../kind";
import { requireProject } from "./identities";
import { checkName } from "./names";
import { tokens } from "./tokens";

const environmentInputs = z.looseObject({
  projectId: z.string(),
  name: z.string(),
  description: z.string().default(""),
});

/** Environments: what deployments go to. */
export const environment: Kind = recordKind<z.infer<typeof environmentInputs>>({
  token: tokens.environment,
  called: "environment",
  inputs: environmentInputs,
  key: ({ projectId, name }) => `${projectId}/${name.toLowerCase()}`,
  newId: numbered("environment"),
  within: ({ projectId }) => [{ token: tokens.project, id: projectId }],
  check({ projectId, name }, cloud) {
    checkName("environment", name);
    requireProject(cloud, projectId);
  },
  duplicate: ({ name }) => conflict("EnvironmentExists", `the project has an environment named "${name}" already`),
});

const variable = z.looseObject({
  name: z.string(),
  value: z.string().optional(),
  secretValue: z.string().optional(),
  isSecret: z.boolean().default(false),
});

const groupInputs = z.looseObject({
  projectId: z.string(),
  name: z.string(),
  description: z.string().default(""),
  allowAccess: z.boolean().default(false),
  variables: z.array(variable),
  keyVault: z
    .looseObject({ name: z.string(), serviceEndpointId: z.string(), searchDepth: z.number().int().default(20) })
    .optional(),
});

/** Parts the secret values from variables: the service keeps them and never shows them. */
export function splitVariables(variables: readonly z.infer<typeof variable>[]): {
  shown: Record<string, unknown>[];
  secretValues: Record<string, string>;
} {
  const secretValues: Record<string, string> = {};
  const shown = variables.map(({ secretValue, ...rest }) => {
    if (secretValue !== undefined) {
      secretValues[rest.name] = secretValue;
    }
    return rest;
  });
  return { shown, secretValues };
}

/** Groups of variables that pipelines share. */
export const variableGroup: Kind = recordKind<z.infer<typeof groupInputs>>({
  token: tokens.variableGroup,
  called: "variable group",
  inputs: groupInputs,
  key: ({ projectId, name }) => `${projectId}/${name.toLowerCase()}`,
  newId: numbered("variableGroup"),
  within: ({ projectId }) => [{ token: tokens.project, id: projectId }],
  check({ projectId, name, variables, keyVault }, cloud) {
    checkName("variable group", name);
    requireProject(cloud, projectId);
    if (variables.length === 0) {
      throw invalid("VariableGroupInvalid", `the variable group "${name}" holds no variable; it needs one at least`);
    }
    const names = variables.map((one) => one.name.toLowerCase());
    const twice = names.find((one, index) => names.indexOf(one) !== index);
    if (twice !== undefined || names.includes("")) {
      throw invalid(
        "VariableGroupInvalid",
        `the variable group "${name}" has a variable without a name, or "${twice ?? ""}" twice`,
      );
    }
    const endpoint =
      keyVault === undefined ? undefined : cloud.state.get(tokens.serviceEndpointAzureRM, keyVault.serviceEndpointId);
    if (keyVault !== undefined && (endpoint === undefined || text(endpoint, "projectId") !== projectId)) {
      throw missing(
        "ServiceEndpointNotFound",
        `the project has no Azure service connection ${keyVault.serviceEndpointId}`,
      );
    }
  },
  duplicate: ({ name }) => conflict("VariableGroupExists", `the project has a variable group named "${name}" already`),
  split(inputs) {
    const { shown, secretValues } = splitVariables(inputs.variables);
    return { shown: { ...inputs, variables: shown }, hidden: { secretValues } };
  },
});
