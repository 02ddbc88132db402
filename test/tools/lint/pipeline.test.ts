/** Build arguments with secrets in pipelines. */
import { strict as assert } from "node:assert";
import { lintPipeline } from "../../../tools/lint";

const places = (text: string) =>
  lintPipeline(text, "p.yml").map(({ line, column, what }) => `${line}:${column} ${what}`);

describe("lint of a pipeline", () => {
  it("finds an index's address that a script passes as a build argument, with its place", () => {
    const text =
      "steps:\n  - script: |\n      set -e\n      docker build \\\n        --build-arg PIP_EXTRA_INDEX_URL=$(PIP_EXTRA_INDEX_URL) \\\n        -t app .\n";
    assert.deepEqual(places(text), ["5:9 --build-arg passes PIP_EXTRA_INDEX_URL from PIP_EXTRA_INDEX_URL"]);
  });

  it("finds one in Docker@2's arguments", () => {
    const text =
      "steps:\n- task: Docker@2\n  inputs:\n    command: build\n    arguments: --build-arg FEED=$(PIP_INDEX_URL) --build-arg VERSION=$(Build.BuildId)\n";
    assert.deepEqual(places(text), ["5:16 --build-arg passes FEED from PIP_INDEX_URL"]);
  });

  it("finds a secret of a workflow, in build-args and in a command", () => {
    const text =
      "jobs:\n  build:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          build-args: |\n            VERSION=1\n            INDEX=${{ secrets.FEED_URL }}\n      - run: docker buildx build --build-arg=KEY=${{ secrets.KEY }} .\n";
    assert.deepEqual(
      places(text).map((place) => place.split(":")[0]),
      ["8", "9"],
    );
  });

  it("finds an argument without a value, which takes the agent's variable", () => {
    assert.deepEqual(places("- bash: docker build --build-arg SYSTEM_ACCESSTOKEN .\n"), [
      "1:22 --build-arg passes SYSTEM_ACCESSTOKEN from SYSTEM_ACCESSTOKEN",
    ]);
  });

  it("finds an address with a password, and does not show it", () => {
    const text = "- bash: docker build --build-arg FEED=https://build:s3cr3t@h/simple .\n";
    const findings = lintPipeline(text, "p.yml");
    assert.equal(findings.length, 1);
    assert.ok(!JSON.stringify(findings).includes("s3cr3t"));
  });

  it("finds the argument in folded, quoted and listed texts of several documents", () => {
    const text =
      'a: >-\n  docker build\n  --build-arg AZURE_PAT=$(pat)\n  .\n---\nb: "docker build --build-arg \\"GH_TOKEN=$T\\" ."\n---\nbuild-args:\n  - FEED_TOKEN=$(t)\n';
    assert.equal(places(text).length, 3);
  });

  it("lets addresses without credentials, versions and secrets by --secret be", () => {
    const text = `steps:
  - script: |
      docker build --build-arg INDEX_URL=$(INDEX_URL) --build-arg VERSION=$(Build.BuildNumber) \\
        --build-arg TOKENIZERS_PARALLELISM=false \\
        --secret id=netrc,src=$(Agent.TempDirectory)/netrc --secret id=PIP_EXTRA_URL,env=PIP_EXTRA_INDEX_URL .
    env: { PIP_EXTRA_INDEX_URL: $(PIP_EXTRA_INDEX_URL) }
  - uses: docker/build-push-action@v6
    with: { build-args: "VERSION=1", secrets: "netrc=\${{ secrets.NETRC }}" }
`;
    assert.deepEqual(places(text), []);
  });

  it("says where a file is no YAML", () => {
    const [finding] = lintPipeline("a: [1,\nb: {", "p.yml");
    assert.equal(finding!.rule, "no-pipeline");
    assert.deepEqual(lintPipeline("", "p.yml"), []);
  });
});
