/** Inputs that are known only later, and names of secrets that are secrets themselves. */
import { match, ok, rejects, strictEqual, throws } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { checked, checkedInput, checkedVariable, checkedVariableName } from "../../components/app-image-inputs";
import { secretSources, type SecretInputs } from "../../components/app-image-secrets";

/** What an output becomes, or why it does not. */
function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { promise(): Promise<T> }).promise();
}

describe("an input of AppImage", () => {
  let component: pulumi.ComponentResource;
  before(async () => {
    await pulumi.runtime.setMocks({ newResource: () => ({ id: "x", state: {} }), call: () => ({}) });
    component = new pulumi.ComponentResource("test:index:Test", "x");
    process.env.WHEELHOUSE_TEST_NETRC = "machine x";
  });
  after(() => delete process.env.WHEELHOUSE_TEST_NETRC);

  it("that is known only later is checked then", async () => {
    const digest = (value: string): string => checked("baseDigest", "digest", value);
    await rejects(settled(checkedInput(pulumi.output("latest"), digest)), /baseDigest is not what is wanted/);
    const good = `sha256:${"0".repeat(64)}`;
    strictEqual(await settled(checkedInput(pulumi.output(good), digest)), good);
  });

  it("that names a secret may be known later, but be no secret", async () => {
    const [later] = sources({ secretVariables: { netrc: pulumi.output("WHEELHOUSE_TEST_NETRC") } });
    strictEqual(await settled(later!), "WHEELHOUSE_TEST_NETRC");
    const [secret] = sources({ secretVariables: { netrc: pulumi.secret("WHEELHOUSE_TEST_NETRC") } });
    await rejects(settled(secret!), /the source of the secret "netrc" is a secret itself: give the name/);
  });

  it("names a variable as people name them", () => {
    for (const name of ["NETRC", "WHEELHOUSE_NETRC", "_x", "feed_netrc_2"])
      strictEqual(checkedVariableName("netrc", name), name);
  });

  it("does not set a variable whose name says that it is a secret", () => {
    let message = "";
    try {
      checkedVariable("FEED_TOKEN", "harmless");
    } catch (error) {
      message = String(error);
    }
    match(message, /variables\.FEED_TOKEN has a credential's name: name it in secretVariables or secretFiles/);
    ok(!message.includes("harmless"));
  });

  it("is not taken from what every object has", () => {
    throws(
      () => secretSources(component, { secretVariables: {}, secretFiles: {} }, "base-image", ["constructor"]),
      /the secret "constructor" has no source/,
    );
  });

  function sources(inputs: SecretInputs): pulumi.Output<string>[] {
    return secretSources(component, inputs, "base-image", ["netrc"]).map((source) =>
      "env" in source ? source.env : source.src,
    );
  }
});
