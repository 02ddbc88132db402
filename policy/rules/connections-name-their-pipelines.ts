/** A connection that can change something is opened to one pipeline after the other. */
import { connections, CONNECTION_TYPES } from "../connections";
import { ENDPOINT_AZURE_RM } from "../resource-types";
import { stackRule } from "../stack-rule";

export const connectionsNameTheirPipelines = stackRule({
  name: "connections-name-their-pipelines",
  description: "Service connections that may push images, or change Azure, are authorized for pipelines by name.",
  severity: "high",
  mend: "Give each PipelineAuthorization of the connection a pipelineId.",
  types: CONNECTION_TYPES,
  check: (stack) =>
    connections(stack)
      .filter(({ endpoint, pushes }) => pushes === true || endpoint.type === ENDPOINT_AZURE_RM)
      .flatMap(({ authorizations }) => authorizations)
      .filter(({ outputs, madeOf }) => outputs.pipelineId === undefined && madeOf("pipelineId").length === 0)
      .map((resource) => ({
        resource,
        where: "pipelineId",
        what: "it is missing, which means every pipeline of the project",
        why: "whoever can make a pipeline can then use the connection",
        mend: "Declare one authorization for each pipeline, with its pipelineId",
      })),
});
