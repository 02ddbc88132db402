/** Finds in a stack what each service connection may do with a container registry, and what guards it. */
import {
  CHECK_REQUIRED_TEMPLATE,
  ENDPOINT_AZURE_ECR,
  ENDPOINT_AZURE_RM,
  PIPELINE_AUTHORIZATION,
  REGISTRY,
  ROLE_ASSIGNMENT,
  USER_ASSIGNED_IDENTITY,
} from "./resource-types";
import { isRegistryScope, mayPush, roleOf } from "./roles";
import { refersTo, type ReadStack, type StackResource } from "./stack-rule";
import { at, elements, textOf, UNKNOWN } from "./values";

/** Types that a rule has to read to ask for connections. */
export const CONNECTION_TYPES = [
  CHECK_REQUIRED_TEMPLATE,
  ENDPOINT_AZURE_ECR,
  ENDPOINT_AZURE_RM,
  PIPELINE_AUTHORIZATION,
  REGISTRY,
  ROLE_ASSIGNMENT,
  USER_ASSIGNED_IDENTITY,
] as const;

export interface Connection {
  readonly endpoint: StackResource;
  /** Whether its identity may push images; `undefined` where the stack, or a first preview, does not tell. */
  readonly pushes: boolean | undefined;
  /** Required-template checks on it that name a template. */
  readonly checks: readonly StackResource[];
  readonly authorizations: readonly StackResource[];
}

/** Connections to Azure whose identity, or lack of one, this stack declares. */
export function connections(stack: ReadStack): Connection[] {
  return stack.ofType(ENDPOINT_AZURE_ECR, ENDPOINT_AZURE_RM).map((endpoint) => ({
    endpoint,
    pushes: pushes(stack, endpoint),
    checks: stack
      .ofType(CHECK_REQUIRED_TEMPLATE)
      .filter((check) => refersTo(check, "targetResourceId", check.outputs.targetResourceId, endpoint, ["id"]))
      .filter(({ outputs }) => outputs.requiredTemplates === UNKNOWN || elements(outputs.requiredTemplates).length > 0),
    authorizations: stack
      .ofType(PIPELINE_AUTHORIZATION)
      .filter((authorization) => textOf(authorization.outputs.type) === "endpoint")
      .filter((authorization) =>
        refersTo(authorization, "resourceId", authorization.outputs.resourceId, endpoint, ["id"]),
      ),
  }));
}

function pushes(stack: ReadStack, endpoint: StackResource): boolean | undefined {
  const { credentials } = endpoint.outputs;
  // Azure DevOps makes the identity of a registry connection by itself then, with the role AcrPush.
  if (credentials === undefined) return endpoint.type === ENDPOINT_AZURE_ECR ? true : undefined;
  const client = at(credentials, "serviceprincipalid");
  const identities = stack
    .ofType(USER_ASSIGNED_IDENTITY)
    .filter((identity) => refersTo(endpoint, "credentials", client, identity, ["clientId"]));
  const assignments = stack
    .ofType(ROLE_ASSIGNMENT)
    .filter((assignment) =>
      identities.some((identity) =>
        refersTo(assignment, "principalId", assignment.outputs.principalId, identity, ["principalId"]),
      ),
    );
  const answers = assignments.map((assignment) => assignmentPushes(stack, assignment));
  if (answers.includes(true)) return true;
  return answers.length === 0 || answers.includes(undefined) ? undefined : false;
}

function assignmentPushes(stack: ReadStack, assignment: StackResource): boolean | undefined {
  const { scope, roleDefinitionId } = assignment.outputs;
  const role = roleOf(roleDefinitionId);
  if (role === undefined) return undefined;
  const onRegistry =
    isRegistryScope(scope) ??
    (stack.ofType(REGISTRY).some(({ urn }) => assignment.madeOf("scope").includes(urn)) ? true : undefined);
  return onRegistry === undefined ? (mayPush(role, false) ? undefined : false) : mayPush(role, onRegistry);
}
