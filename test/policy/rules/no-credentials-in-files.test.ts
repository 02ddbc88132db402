import assert from "node:assert/strict";
import { ask, found, places, UNKNOWN } from "../asking";
import { repositoryFile, type Declared } from "../declared";

const rule = "no-credentials-in-files";
const file = (path: string, ...lines: string[]): Declared => repositoryFile("file", path, lines.join("\n"));
const dockerfile = (...lines: string[]): Declared => file("apps/orders/Dockerfile", ...lines);
const token = "q7".repeat(26);

describe(rule, () => {
  it("lets recipes pass that mount a secret, and pipelines that refer to one", () => {
    const mounted = dockerfile(
      "FROM scratch",
      "ARG INDEX_URL",
      "ENV TOKENIZERS_PARALLELISM=false API_TOKEN_FILE=/run/secrets/token",
      "RUN --mount=type=secret,id=netrc,required=true <<EOF",
      "ENV NPM_TOKEN=within-a-script",
      "EOF",
    );
    const pipeline = file(
      "azure-pipelines.yml",
      "variables: { registry: contoso, feedTokenFile: /run/x }",
      "steps:",
      "  - script: npx pulumi preview",
      "    env: { AZDO_PERSONAL_ACCESS_TOKEN: $(System.AccessToken), A_TOKEN: '${{ parameters.t }}', B_TOKEN: '' }",
    );
    assert.deepEqual(found(rule, [mounted, pipeline]), []);
  });

  it("refuses a credential in any kind of file, by its line, and does not repeat it", () => {
    for (const path of ["Dockerfile", "docker-bake.json", "azure-pipelines.yml", "requirements.in", "README"]) {
      const [finding, ...others] = ask(rule, [file(path, "#", `# https://build:${token}@packages.example.com/`)]);
      assert.match(finding!.message, new RegExp(`content of ${path}, line 2: it has a URL with a password`));
      assert.ok(!finding!.message.includes(token));
      assert.deepEqual(others, []);
    }
  });

  it("refuses arguments and variables of an image that are named as secrets", () => {
    for (const line of [
      "ARG NPM_TOKEN",
      "ARG FEED_PAT=$(x)",
      "ENV A=1 DB_PASSWORD=x",
      "ENV dbPassword x",
      "ARG API_KEY",
    ]) {
      assert.deepEqual(
        places(rule, [dockerfile("FROM scratch", line)]),
        ["content of apps/orders/Dockerfile, line 2"],
        line,
      );
    }
  });

  it("refuses build arguments that are named as secrets, in bake files and on command lines", () => {
    const args = { context: ".", args: { INDEX_URL: "x", FEED_TOKEN: "${FEED_TOKEN}" } };
    const bake = file("docker-bake.json", ...JSON.stringify({ target: { image: args } }, undefined, 2).split("\n"));
    assert.deepEqual(places(rule, [bake]), ["content of docker-bake.json, line 7"]);
    const script = file("templates/a.yml", "steps:", "  - script: docker build --build-arg PIP_TOKEN=$TOKEN .");
    assert.deepEqual(places(rule, [script]), ["content of templates/a.yml, line 2"]);
  });

  it("refuses a secret's value in a pipeline's variables, in either form, and in a step's environment", () => {
    const forms = [
      ["variables:", "  npmToken: abcdef"],
      ["variables:", "  - { name: npmToken, value: abcdef }"],
      ["steps: [{ script: x,", "  env: { NPM_TOKEN: abcdef } }]"],
    ];
    for (const lines of forms) {
      assert.deepEqual(places(rule, [file("a.yml", ...lines)]), ["content of a.yml, line 2"], lines.join());
    }
  });

  it("counts what is in one file as one finding, with the first lines", () => {
    const lines = Array.from({ length: 9 }, (_, index) => `ARG A${index}_TOKEN`);
    assert.deepEqual(places(rule, [dockerfile("FROM scratch", ...lines)]), [
      "content of apps/orders/Dockerfile, lines 2, 3, 4, 5, 6 and 4 more",
    ]);
  });

  it("does not repeat a path that could be anything else", () => {
    const [finding] = ask(rule, [file("apps/<script>/Dockerfile", "FROM scratch", "ARG NPM_TOKEN")]);
    assert.match(finding!.message, /file, content, line 2: /);
  });

  it("waits for contents that are not known yet", () => {
    assert.deepEqual(found(rule, [repositoryFile("later", "Dockerfile", UNKNOWN)]), []);
  });
});
