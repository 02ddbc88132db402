/** AzureCLI@2 and UseNode@1, run in jobs. */
import { strict as assert } from "node:assert";

import type { JobContext } from "../../../../sandbox/agent/job";
import type { TaskStep } from "../../../../sandbox/agent/model";
import type { AzureLogin } from "../../../../sandbox/agent/tasks";
import { Machine, script, task } from "../job/harness";

const idToken = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzYzovL2NvbnRvc28vUGxhdGZvcm0vcHJldmlldyJ9.c2lnbmF0dXJlLW9mLWVudHJh";
const subscriptionId = "5a9d0b0c-0000-4000-8000-000000000001";

describe("AzureCLI@2", () => {
  let machine: Machine;
  let login: AzureLogin;
  let context: Partial<JobContext>;
  beforeEach(() => {
    machine = new Machine();
    login = {
      endpointId: "e1",
      clientId: "client",
      tenantId: "tenant",
      subscriptionId,
      seesSubscription: true,
      idToken,
    };
    context = {
      azure: (connection) =>
        connection === "preview"
          ? Promise.resolve(login)
          : Promise.reject(new Error(`the service connection ${connection} is not authorized for this pipeline`)),
    };
  });
  afterEach(() => machine.remove());

  const cli = (text: string, inputs: Record<string, string> = {}, parts: Partial<TaskStep> = {}) =>
    task(
      "AzureCLI@2",
      {
        azureSubscription: "preview",
        scriptType: "bash",
        scriptLocation: "inlineScript",
        inlineScript: text,
        ...inputs,
      },
      parts,
    );
  const spn = { addSpnToEnvironment: "true" };

  it("runs the script signed in, with az for its subscription, and leaves neither az nor the script behind", async () => {
    const told = await machine.run(
      [
        cli('az account show --query id --output tsv; pwd; echo "$AZURE_CONFIG_DIR"'),
        script('command -v az || echo "no az"; ls -A "$AGENT_TEMPDIRECTORY" | grep -c azureclitask-'),
      ],
      { context },
    );
    assert.deepEqual(told.results[0], "succeeded", told.log());
    assert.ok(told.lines[0]?.includes(subscriptionId), told.log(0));
    assert.match(told.log(0), /^\[command\]az account set --subscription 5a9d0b0c/m);
    assert.match(told.log(0), /^Script exited with return code: 0$/m);
    assert.match(told.log(1), /^no az$/m);
    assert.match(told.log(1), /^0$/m);
  });

  it("gives the script the identity and its token where it is asked to, masks the token, and gives it to no later step", async () => {
    const told = await machine.run(
      [
        cli('echo "$servicePrincipalId|$tenantId|${#idToken}|$idToken"', spn),
        script('echo "${servicePrincipalId-none}|${idToken-none}"'),
        cli('echo "${servicePrincipalId-none}|${idToken-none}"'),
      ],
      { context },
    );
    assert.match(told.log(0), new RegExp(`^client\\|tenant\\|${idToken.length}\\|\\*\\*\\*$`, "m"));
    assert.match(told.log(1), /^none\|none$/m);
    assert.match(told.log(2), /^none\|none$/m);
    assert.ok(!told.everything.includes(idToken));
  });

  it("carries out the script's logging commands, and takes its own environment", async () => {
    const told = await machine.run(
      [
        cli(
          'echo "##vso[task.logissue type=warning]no comment: $WHY"; echo "##vso[task.setvariable variable=DONE]yes"',
          {},
          {
            env: { WHY: "$(Build.Reason)" },
          },
        ),
        script('echo "done: $DONE"'),
      ],
      { context },
    );
    assert.deepEqual(
      told.issues.map(({ type, message }) => [type, message]),
      [["warning", "no comment: Manual"]],
    );
    assert.match(told.log(1), /^done: yes$/m);
  });

  it("fails with the script's exit code, and where it may not write to standard error and does", async () => {
    const told = await machine.run([cli("exit 3")], { context });
    assert.deepEqual(told.results, ["failed"]);
    assert.match(told.log(), /##\[error\]Script failed with exit code: 3/);
    const quiet = await machine.run([cli("echo oh >&2", { failOnStandardError: "true" })], { context });
    assert.match(quiet.log(), /Script has output to stderr\. Failing as failOnStdErr is set to true\./);
    const fine = await machine.run([cli("echo oh >&2")], { context });
    assert.deepEqual(fine.results, ["succeeded"]);
  });

  it("has an az that says what it cannot do", async () => {
    const told = await machine.run([cli("az group list")], { context });
    assert.deepEqual(told.results, ["failed"]);
    assert.match(
      told.log(),
      /the sandbox has no Azure CLI, but for "az account show --query id --output tsv"; asked for: az group list/,
    );
  });

  it("runs a script of the repository in its own folder, with arguments", async () => {
    const told = await machine.run(
      [
        script("mkdir -p tools; printf 'echo \"$PWD $1 $#\"' > tools/show.sh"),
        cli("", { scriptLocation: "scriptPath", scriptPath: "tools/show.sh", arguments: '"two words" x' }),
        cli("", { scriptLocation: "scriptPath", scriptPath: "tools/absent.sh" }),
      ],
      { context },
    );
    assert.match(told.log(1), /\/s\/tools two words 2$/m);
    assert.match(told.log(2), /Script file could not be found at specified script location: '.*\/tools\/absent\.sh'/);
  });

  it("stops before the script where Azure shows no subscription, unless none is wanted", async () => {
    login = { ...login, seesSubscription: false };
    const told = await machine.run([cli("echo ran")], { context });
    assert.match(
      told.log(),
      /The subscription of '5a9d0b0c-0000-4000-8000-000000000001' doesn't exist in cloud 'AzureCloud'/,
    );
    assert.doesNotMatch(told.log(), /^ran$/m);
    const without = await machine.run(
      [cli("echo ran; az account show --query id --output tsv", { allowNoSubscriptions: "true" })],
      { context },
    );
    assert.match(without.log(), /^ran$/m);
    assert.match(without.log(), /Please run 'az login' to setup account/);
  });

  it("fails where the connection is refused, and for inputs that it does not have or that the sandbox does not", async () => {
    const refused = await machine.run([cli("echo ran", { azureSubscription: "other" })], { context });
    assert.match(refused.log(), /Script failed with error: the service connection other is not authorized/);
    for (const [inputs, said] of [
      [{ colour: "red" }, /AzureCLI@2 has no input "colour"/],
      [{ scriptType: "pscore" }, /runs scripts of the type bash, and not pscore/],
      [{ scriptLocation: "elsewhere" }, /elsewhere is not a valid value for task input 'Script Location'/],
      [{ inlineScript: "" }, /Input required: inlineScript/],
      [{ azureSubscription: "" }, /Input required: connectedServiceNameARM/],
      [{ keepAzSessionActive: "true" }, /the sandbox does not have keepAzSessionActive/],
    ] as const) {
      const told = await machine.run([cli("echo ran", inputs)], { context });
      assert.deepEqual(told.results, ["failed"], JSON.stringify(inputs));
      assert.match(told.log(), said);
    }
  });
});

describe("UseNode@1", () => {
  let machine: Machine;
  beforeEach(() => void (machine = new Machine()));
  afterEach(() => machine.remove());
  const [major = "", minor = ""] = process.versions.node.split(".");

  for (const version of [
    major,
    `${major}.x`,
    `${major}.${minor}`,
    process.versions.node,
    ">=18.1",
    `>=${major}.${minor}`,
  ]) {
    it(`puts the machine's Node.js first on the path for ${version}`, async () => {
      const told = await machine.run([task("UseNode@1", { version }), script("command -v node; node --version")]);
      assert.equal(told.result, "succeeded", told.log());
      assert.ok(told.lines[1]?.includes(process.execPath), told.log(1));
      assert.ok(told.lines[1]?.includes(process.version), told.log(1));
    });
  }

  for (const version of [
    undefined,
    "4.x",
    `${major}.${minor}.999`,
    `>=${Number(major) + 1}`,
    "^20",
    "lts",
    "20 || 22",
  ]) {
    it(`refuses ${version ?? "its own default, 10.x"}, which the machine does not have`, async () => {
      const told = await machine.run([task("UseNode@1", version === undefined ? {} : { version })]);
      assert.deepEqual(told.results, ["failed"]);
      assert.match(told.log(), /Unable to find Node version '/);
      assert.match(told.log(), /Node install failed: the sandbox's agent/);
    });
  }
});

describe("NodeTool@0", () => {
  let machine: Machine;
  beforeEach(() => void (machine = new Machine()));
  afterEach(() => machine.remove());
  const [major = ""] = process.versions.node.split(".");

  it("puts the machine's Node.js first on the path, by a version or by a file", async () => {
    const told = await machine.run([
      task("NodeTool@0", { versionSpec: `${major}.x` }),
      script(`command -v node; echo ${major} > .nvmrc`),
      task("NodeTool@0", { versionSource: "fromFile", versionFilePath: ".nvmrc" }),
    ]);
    assert.equal(told.result, "succeeded", told.log());
    assert.ok(told.lines[1]?.includes(process.execPath), told.log(1));
  });

  for (const [inputs, said] of [
    [{}, /Unable to find Node version '6\.x'/],
    [{ versionSource: "fromFile", versionFilePath: "absent" }, /ENOENT.*absent/],
    [{ versionSource: "guess" }, /versionSource is spec or fromFile, and not guess/],
    [{ version: "20.x" }, /NodeTool@0 has no input "version"/],
  ] as const) {
    it(`refuses ${JSON.stringify(inputs)}`, async () => {
      const told = await machine.run([task("NodeTool@0", inputs)]);
      assert.deepEqual(told.results, ["failed"]);
      assert.match(told.log(), said);
    });
  }
});

describe("what the owner of an agent's machine gives jobs", () => {
  let machine: Machine;
  beforeEach(() => void (machine = new Machine()));
  afterEach(() => machine.remove());

  it("is in the environment of steps, below the job's variables and the agent's own", async () => {
    const machineVariables = { CACHE: "/cache", BUILD_REASON: "machine", HOME: "/machine" };
    const told = await machine.run([script('echo "$CACHE|$BUILD_REASON|$HOME"')], { context: { machineVariables } });
    assert.match(told.log(), /^\/cache\|Manual\|.*wheelhouse-job-/m);
  });
});
