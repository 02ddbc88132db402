/** Secret variables of pipelines and of variable groups: who gets them, and who does not. */
import { strict as assert } from "node:assert";

import { runJob } from "../../../../sandbox/agent/job";
import { SignedTokens } from "../../../../sandbox/cloud/signed-tokens";
import { basic } from "../../cloud/changes";
import { account, refusal } from "../../cloud/client";
import { jobTokenKey, Platform } from "./platform";

const secret = "correct-horse-battery-staple";
const other = "hunter2-hunter2-hunter2";

const file = `trigger: none
steps:
  - checkout: none
  - script: |
      echo "plain: $PLAIN; bare: \${PASSPHRASE-unset}; mapped: \${#MAPPED}; $MAPPED"
    displayName: Show
    env:
      MAPPED: $(PASSPHRASE)
`;

describe("secret variables", () => {
  let platform: Platform;
  let repoId: string;
  beforeEach(async () => {
    platform = await Platform.make();
    repoId = await platform.repository("secretive", { "azure-pipelines.yml": file });
  });
  afterEach(async () => platform.end());

  const start = () => platform.start({ runJob, cloud: { ...platform.access, jobTokenKey }, machineVariables: {} });
  const define = async (more: object): Promise<number> => {
    const repository = { repoId, repoType: "TfsGit", branchName: "refs/heads/main", ymlPath: "azure-pipelines.yml" };
    const inputs = {
      projectId: platform.projectId,
      name: "preview",
      repository,
      jobAuthorizationScope: "project",
      ...more,
    };
    return Number((await platform.cloud.make("BuildDefinition", inputs)).id);
  };
  const group = async (variables: object[], more: object = {}): Promise<number> =>
    Number(
      (
        await platform.cloud.make("VariableGroup", {
          projectId: platform.projectId,
          name: "preview",
          variables,
          ...more,
        })
      ).id,
    );
  const authorize = (id: number) =>
    platform.cloud.make("PipelineAuthorization", {
      projectId: platform.projectId,
      resourceId: String(id),
      type: "variablegroup",
    });
  /** Queues a run, and tells its result with its log and what was wrong. */
  const ran = async (definition: number, parameters?: Record<string, string>) => {
    const body = {
      definition: { id: definition },
      ...(parameters === undefined ? {} : { parameters: JSON.stringify(parameters) }),
    };
    const reply = await platform.cloud.call("POST", "/devops/acme/Platform/_apis/build/builds?api-version=7.1", body);
    assert.equal(reply.status, 200, reply.text);
    await platform.settle();
    const record = platform.agents.runs.require(Number(reply.json.id));
    const log = platform.agents.runs.logOf(record.id);
    return { result: record.result, log, issues: record.issues.map(({ message }) => message).join("\n") };
  };

  it("of a pipeline are in a step only where they are mapped, and in no log", async () => {
    const id = await define({
      variables: [
        { name: "PASSPHRASE", secretValue: secret, isSecret: true },
        { name: "PLAIN", value: "yes" },
      ],
    });
    await start();
    const { result, log } = await ran(id);
    assert.equal(result, "succeeded", log);
    assert.match(log, new RegExp(`plain: yes; bare: unset; mapped: ${secret.length}; \\*\\*\\*`));
    assert.ok(!log.includes(secret));
  });

  it("of an authorized variable group come below the pipeline's own", async () => {
    const groupId = await group([
      { name: "PASSPHRASE", secretValue: secret, isSecret: true },
      { name: "PLAIN", value: "of the group" },
    ]);
    const id = await define({ variableGroups: [groupId], variables: [{ name: "plain", value: "own" }] });
    await authorize(groupId);
    await start();
    const { result, log } = await ran(id);
    assert.equal(result, "succeeded", log);
    assert.match(log, new RegExp(`plain: own; bare: unset; mapped: ${secret.length}; \\*\\*\\*`));
  });

  it("stay secret where a run sets them", async () => {
    const variables = [{ name: "PASSPHRASE", secretValue: secret, isSecret: true, allowOverride: true }];
    const id = await define({ variables });
    await start();
    const { log } = await ran(id, { PASSPHRASE: other });
    assert.match(log, new RegExp(`bare: unset; mapped: ${other.length}; \\*\\*\\*`));
    assert.ok(!log.includes(other));
  });

  it("refuse the run where the group is gone, not authorized, or of a key vault", async () => {
    const groupId = await group([{ name: "PASSPHRASE", secretValue: secret, isSecret: true }]);
    const id = await define({ variableGroups: [groupId] });
    await start();
    assert.match((await ran(id)).issues, /has the variable group preview, which has not been authorized for use by it/);
    await authorize(groupId);
    const endpoint = await platform.cloud.make("ServiceEndpointAzureRM", {
      projectId: platform.projectId,
      serviceEndpointName: "vault",
      azurermSpnTenantid: account.tenantId,
      azurermSubscriptionId: account.subscriptionId,
      azurermSubscriptionName: "Production",
      serviceEndpointAuthenticationScheme: "WorkloadIdentityFederation",
      credentials: { serviceprincipalid: account.clientId },
    });
    const vault = await group([{ name: "PASSPHRASE", isSecret: true }], {
      name: "vault",
      keyVault: { name: "contoso", serviceEndpointId: endpoint.id },
      allowAccess: true,
    });
    const ofVault = await define({ name: "of a vault", variableGroups: [groupId, vault] });
    assert.match((await ran(ofVault)).issues, /has the variable group vault, whose values are in a key vault/);
    await platform.cloud.verb("delete", "VariableGroup", { id: String(groupId) });
    assert.match((await ran(id)).issues, new RegExp(`has the variable group ${groupId}, which could not be found`));
  });

  it("fail the job of agents that have no key for them", async () => {
    const id = await define({ variables: [{ name: "PASSPHRASE", secretValue: secret, isSecret: true }] });
    await platform.start({ runJob });
    const { result, issues } = await ran(id);
    assert.equal(result, "failed");
    assert.match(issues, /these agents have no key with which the clouds give out secret variables/);
  });

  it("are shown to nobody: not to the owner, not to a job, and not without a proof of just this question", async () => {
    const id = String(await define({ variables: [{ name: "PASSPHRASE", secretValue: secret, isSecret: true }] }));
    const { cloud } = platform;
    const token = "azuredevops:index/buildDefinition:BuildDefinition";
    assert.ok(!(await cloud.verb("read", token, { id })).text.includes(secret));
    assert.ok(!(await cloud.verb("list", token, {})).text.includes(secret));
    const ask = (proof: string, authorization = basic(account.personalAccessToken)) =>
      cloud.call("POST", "/devops/acme/_sandbox/secrets", { token, id, proof }, { authorization });
    assert.equal(refusal(await ask("")).says, "403 SecretsWithheld");
    const proofs = new SignedTokens(jobTokenKey);
    const proof = proofs.issue("agents", { token, id }, 60);
    for (const wrong of [
      proofs.issue("agents", { token, id: `${id}0` }, 60),
      proofs.issue("azure", { token, id }, 60),
      proofs.issue("agents", { token, id }, 0),
      new SignedTokens("other").issue("agents", { token, id }, 60),
    ]) {
      assert.equal(refusal(await ask(wrong)).says, "403 SecretsWithheld");
    }
    const job = platform.tokens.issue({ role: "reader", seconds: 60, job: { project: platform.projectId } });
    assert.equal(refusal(await ask(proof, basic(job))).says, "403 AccessCheckException");
    assert.deepEqual((await ask(proof)).json.secrets, { PASSPHRASE: secret });
  });
});
