/** Finds what must exist already in Azure DevOps, and says how to mend it when it does not. */
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";

/** Something in a project, by its name. */
export interface InProject {
  readonly projectId: pulumi.Input<string>;
  readonly name: string;
}

/** The GUID of a project. */
export function existingProject(name: string, options: pulumi.InvokeOptions): pulumi.Output<string> {
  const found = azuredevops.getProject({ name }, options).then(({ id }) => id);
  return pulumi.output(
    explained(found, `project "${name}"`, "make it, or set wheelhouse:createProject to true to have it made"),
  );
}

/** The Graph descriptor of a project's group or team. */
export function existingGroup({ projectId, name }: InProject, options: pulumi.InvokeOptions): pulumi.Output<string> {
  return pulumi.output(projectId).apply((id) => {
    const found = azuredevops.getGroup({ name, projectId: id }, options).then(({ descriptor }) => descriptor);
    return explained(
      found,
      `team "${name}"`,
      "make a team or group of that name in the project, or correct `team` in apps/",
    );
  });
}

/** The id of a project's agent queue, which has the name of its pool. */
export function existingQueue({ projectId, name }: InProject, options: pulumi.InvokeOptions): pulumi.Output<string> {
  return pulumi.output(projectId).apply((id) => {
    const found = azuredevops.getAgentQueue({ name, projectId: id }, options).then((queue) => queue.id);
    return explained(found, `agent pool "${name}"`, "add it under Project settings, Agent pools, or correct `pool`");
  });
}

/** The GUID of a project's service connection to Azure. `key`: of the configuration, where its name is. */
export function existingAzureConnection(
  { projectId, name }: InProject,
  options: pulumi.InvokeOptions,
  key: "elasticPool" | "preview" = "elasticPool",
): pulumi.Output<string> {
  return pulumi.output(projectId).apply((id) => {
    const found = azuredevops
      .getServiceEndpointAzureRM({ projectId: id, serviceEndpointName: name }, options)
      .then(({ serviceEndpointId }) => serviceEndpointId);
    return explained(
      found,
      `service connection "${name}"`,
      `make one of the kind Azure Resource Manager, or correct \`connection\` in wheelhouse:${key}`,
    );
  });
}

/** A repository of Azure Repos. */
export function existingRepository(
  { projectId, name }: InProject,
  options: pulumi.InvokeOptions,
): { readonly id: pulumi.Output<string>; readonly webUrl: pulumi.Output<string> } {
  const repository = pulumi.output(projectId).apply((id) => {
    const found = azuredevops.getGitRepository({ name, projectId: id }, options);
    return explained(found, `repository "${name}"`, "make it, or correct its name in apps/ or in the configuration");
  });
  return { id: repository.id, webUrl: repository.webUrl };
}

/** What was found; else an error that names it, and that Pulumi shows without a stack trace. */
async function explained<Found>(found: Promise<Found>, what: string, mend: string): Promise<Found> {
  try {
    return await found;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw withFixedMessage(new pulumi.RunError(`cannot look up ${what}: if there is none, ${mend}\n  ${reason}`));
  }
}

/** Pulumi puts «error serializing property …» before the message of the one error once for each input that waits for it. */
function withFixedMessage(error: pulumi.RunError): pulumi.RunError {
  const { message } = error;
  return Object.defineProperty(error, "message", { get: () => message, set: () => undefined });
}
