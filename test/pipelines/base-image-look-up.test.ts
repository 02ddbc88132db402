/** What a run makes of a base image that was never published, in a real shell with a stand-in for docker. */
import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { renderApplicationRecipe } from "../../recipes";
import { application, baseImage } from "../recipes/specs";
import { scriptOf } from "./run-scripts";
import { settings } from "./settings";
import { Shell } from "./shell";

describe("looking for the base image", () => {
  let shell: Shell;

  beforeEach(() => {
    shell = new Shell();
    mkdirSync(shell.temp("wheelhouse"));
    for (const { path, content } of renderApplicationRecipe(application(), baseImage())) {
      mkdirSync(dirname(join(shell.folder, path)), { recursive: true });
      writeFileSync(join(shell.folder, path), content);
    }
  });

  afterEach(() => shell.remove());

  const run = (displayName: string, env: Readonly<Record<string, string>> = {}) =>
    shell.run(scriptOf(displayName), {
      APP: "orders",
      REGISTRY: settings().registry,
      BUILD_REASON: "IndividualCI",
      ...env,
    });

  /** `docker buildx imagetools inspect` says this of the repositories that are named, and knows the others. */
  const registrySays = (said: string, ...missing: readonly string[]) => {
    shell.standIn(
      "docker",
      `case "$5" in ${missing.map((one) => `*/${one}:latest`).join(" | ")})
        printf '%s\\n' "$(printf '%s' '${said}' | sed "s|IMAGE|$5|")" >&2; exit 1 ;;
      *) echo '{"a": "manifest"}' ;; esac`,
    );
  };
  const notThere = "ERROR: IMAGE: not found";
  const look = (env: Readonly<Record<string, string>> = {}) => run("Look for the base image", env);

  it("an application goes on where base image and builder are there", () => {
    registrySays(notThere, "elsewhere");
    assert.deepEqual(look(), { status: 0, output: "##vso[task.setvariable variable=wheelhouse.ready]true\n" });
    const asked = ["python-web", "python-web-builder"].map((name) => `${settings().registry}/${name}:latest`);
    assert.deepEqual(
      shell.calls(),
      asked.map((image) => `docker buildx imagetools inspect --raw ${image}`),
    );
  });

  for (const missing of ["python-web", "python-web-builder"]) {
    it(`an application waits where ${missing} was never published, and says for what`, () => {
      mkdirSync(shell.temp("wheelhouse", "report"));
      registrySays(notThere, missing);
      const { status, output } = look();
      assert.equal(status, 0, output);
      const [variable, summary, warning, complete, ...more] = output.trimEnd().split("\n");
      assert.deepEqual(more, []);
      assert.equal(variable, "##vso[task.setvariable variable=wheelhouse.ready]false");
      assert.equal(summary, `##vso[task.uploadsummary]${shell.temp("wheelhouse-summary.md")}`);
      assert.match(warning!, /^##vso\[task\.logissue type=warning\]The base image python-web is not there yet: /);
      assert.match(complete!, /^##vso\[task\.complete result=SucceededWithIssues;\]/);
      assert.match(readFileSync(shell.temp("wheelhouse-summary.md"), "utf8"), /python-web is not there yet/);
      assert.deepEqual(run("Report"), { status: 0, output: "" });
    });

    it(`a pull request fails where ${missing} was never published, lest it pass unbuilt`, () => {
      registrySays(notThere, missing);
      const { status, output } = look({ BUILD_REASON: "PullRequest" });
      assert.equal(status, 1);
      assert.match(output, /^##vso\[task\.logissue type=error\]The base image python-web is not there yet.*\n$/);
    });
  }

  for (const said of [
    "ERROR: failed to do request: Head: dial tcp: connection refused",
    "ERROR: IMAGE: 401 Unauthorized",
    "sh: 1: docker: not found",
    "error getting credentials: exec: docker-credential-x: executable file not found in PATH",
    "ERROR: IMAGE: not found ##vso[task.setvariable variable=wheelhouse.ready]false",
  ]) {
    it(`takes nothing for missing where the registry does not say so: ${said.slice(0, 40)}`, () => {
      registrySays(said, "python-web", "python-web-builder");
      for (const BUILD_REASON of ["IndividualCI", "PullRequest"]) {
        const { status, output } = look({ BUILD_REASON });
        assert.deepEqual([status, output], [0, "##vso[task.setvariable variable=wheelhouse.ready]true\n"]);
      }
    });
  }
});
