import assert from "node:assert/strict";
import { found, UNKNOWN } from "../asking";
import {
  authorization,
  connection,
  devops,
  PROJECT,
  reference,
  roleDefinition,
  ROLES,
  type Declared,
} from "../declared";

const rule = "connections-name-their-pipelines";
const pushing = () => connection("push", roleDefinition(ROLES.push));
const pulling = () => connection("pull", roleDefinition(ROLES.pull));

describe(rule, () => {
  it("lets a push connection pass that is opened to one pipeline, and a pull connection that is open to all", () => {
    const named = authorization("named", "push", { pipelineId: 4 });
    const later = authorization("later", "push", { pipelineId: reference("definition") });
    assert.deepEqual(found(rule, [...pushing(), named, later, ...pulling(), authorization("all", "pull")]), []);
  });

  it("refuses to open a push connection, or one to Azure, to every pipeline", () => {
    assert.deepEqual(found(rule, [...pushing(), authorization("all", "push")]), ["all"]);
    const azure: Declared = {
      token: devops("ServiceEndpointAzureRM"),
      name: "azure",
      args: { projectId: PROJECT, serviceEndpointName: "azure", credentials: { serviceprincipalid: PROJECT } },
    };
    assert.deepEqual(found(rule, [azure, authorization("all", "azure")]), ["all"]);
  });

  it("looks at connections alone: pools and repositories are open to all", () => {
    assert.deepEqual(found(rule, [...pushing(), authorization("queue", "push", { type: "queue" })]), []);
  });

  it("waits where it is not known what the connection may do, or whose the authorization is", () => {
    const later = authorization("later", "push", { pipelineId: UNKNOWN });
    assert.deepEqual(found(rule, [...connection("push", UNKNOWN), authorization("all", "push")]), []);
    assert.deepEqual(found(rule, [...pushing(), later]), []);
  });
});
