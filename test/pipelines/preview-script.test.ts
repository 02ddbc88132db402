/** What the script of a preview does, in a real shell with stand-ins for the programs that it calls. */
import { strict as assert } from "node:assert";
import { parse } from "yaml";
import { renderPreviewPipeline } from "../../pipelines";
import { settings } from "./settings";
import { Shell } from "./shell";

const rendered = parse(renderPreviewPipeline({ pool: settings().pool }).content) as {
  readonly jobs: readonly { readonly steps: readonly { readonly inputs?: Readonly<Record<string, string>> }[] }[];
};
const script = rendered.jobs[0]?.steps.at(-1)?.inputs?.inlineScript ?? "";

describe("previewing stacks", () => {
  let shell: Shell;
  beforeEach(() => {
    shell = new Shell();
    shell.standIn("pulumi", "exit 0");
    shell.standIn("az", 'echo "5a9d0b0c-0000-4000-8000-000000000001"');
    shell.standIn(
      "npx",
      'for a; do printf "<%s>" "$a"; done; echo; echo "$ARM_USE_OIDC $ARM_CLIENT_ID $ARM_TENANT_ID $ARM_SUBSCRIPTION_ID $ARM_OIDC_TOKEN"; ' +
        'echo "stack:${PULUMI_STACK-none} passphrase:${PULUMI_CONFIG_PASSPHRASE-none}"; exit "${CODE:-0}"',
    );
  });
  afterEach(() => shell.remove());

  const variables = {
    PULUMI_BACKEND_URL: "azblob://state",
    PULUMI_STACK: "production",
    PULUMI_CONFIG_PASSPHRASE: "$(PULUMI_CONFIG_PASSPHRASE)",
    POLICY_PACK: "policy",
    servicePrincipalId: "client",
    tenantId: "tenant",
    idToken: "token",
  };
  const run = (more: Record<string, string> = {}) => shell.run(script, { ...variables, ...more });

  it("passes each stack and the policy pack, and the identity of the connection", () => {
    const { status, output } = run({ PULUMI_STACK: " production  contoso/wheelhouse/test " });
    assert.equal(status, 0, output);
    assert.match(
      output,
      /^<--no-install><wheelhouse><preview-comment><--stack><production><--stack><contoso\/wheelhouse\/test><--policy-pack><policy><--artifact><.*\/wheelhouse\/preview\.md>$/m,
    );
    assert.match(output, /^true client tenant 5a9d0b0c-0000-4000-8000-000000000001 token$/m);
  });

  it("leaves the engine no list of stacks to take for the name of one, and no macro for a passphrase", () => {
    assert.match(run().output, /^stack:none passphrase:none$/m);
    assert.match(run({ PULUMI_CONFIG_PASSPHRASE: "correct horse" }).output, /passphrase:correct horse$/m);
  });

  it("ends as the preview does", () => {
    for (const code of ["1", "3"]) assert.equal(run({ CODE: code }).status, Number(code));
  });

  it("says what is missing before it asks for anything", () => {
    for (const [name, said] of [
      ["PULUMI_BACKEND_URL", /##vso\[task\.logissue type=error\]Set the pipeline variable PULUMI_BACKEND_URL to where/],
      ["PULUMI_STACK", /##vso\[task\.logissue type=error\]Set the pipeline variable PULUMI_STACK to the stacks/],
    ] as const) {
      const { status, output } = run({ [name]: "" });
      assert.equal(status, 1);
      assert.match(output, said);
      assert.doesNotMatch(output, /preview-comment/);
    }
  });

  it("does not go on where Azure does not answer, and expands no pattern in a stack's name", () => {
    assert.match(run({ PULUMI_STACK: "*" }).output, /<--stack><\*>/);
    shell.standIn("az", "exit 1");
    const { status, output } = run();
    assert.notEqual(status, 0);
    assert.doesNotMatch(output, /preview-comment/);
  });
});
