/** Reads compose files and the commands that build by them, as far as an old pipeline's image builds go. */
import { strict as assert } from "node:assert";
import { buildsOfCompose, composeCommand, composeFiles } from "../../../tools/migrate/compose";

const words = (text: string) => text.split(" ");

describe("compose of old pipelines", () => {
  it("is known by either name, with its files, services and arguments, and without what options take", () => {
    assert.deepEqual(composeCommand(words("docker compose -f ci.yml --profile all build --build-arg=A=b --pull web")), {
      verb: "build",
      files: ["ci.yml"],
      services: ["web"],
      arguments: ["A=b"],
    });
    const old = composeCommand(words("/usr/bin/docker-compose --file=a.yml -f b.yml push"));
    assert.deepEqual([old?.verb, old?.files], ["push", ["a.yml", "b.yml"]]);
    assert.equal(composeCommand(words("docker build .")), undefined);
    assert.equal(composeCommand([]), undefined);
  });

  it("reads the files that a command names, or else the first usual one", () => {
    const read = (file: string) => (["docker-compose.yml", "compose.yml", "ci/x.yml"].includes(file) ? "" : undefined);
    const command = { verb: "build", services: [], arguments: [] };
    assert.deepEqual(composeFiles({ ...command, files: [] }, read), ["compose.yml"]);
    assert.deepEqual(composeFiles({ ...command, files: ["./ci/x.yml", "gone.yml"] }, read), ["ci/x.yml"]);
  });

  it("builds services by their context and Dockerfile, relative to the file, with arguments of either form", () => {
    const text = [
      "services:",
      "  web:",
      "    image: registry.example:5000/web:1",
      "    build: { context: .., dockerfile: docker/Dockerfile.ci, target: web, args: { TOKEN: '${TOKEN}', EMPTY: } }",
      "  worker: { build: worker }",
      "  listed: { build: { args: [A=1, B] } }",
      "  database: { image: postgres }",
    ].join("\n");
    assert.deepEqual(buildsOfCompose("deploy/compose.yml", text), [
      {
        service: "web",
        context: "",
        dockerfile: "docker/Dockerfile.ci",
        arguments: ["TOKEN=${TOKEN}", "EMPTY"],
        target: "web",
        image: "registry.example:5000/web",
      },
      {
        service: "worker",
        context: "deploy/worker",
        dockerfile: "deploy/worker/Dockerfile",
        arguments: [],
        target: undefined,
        image: undefined,
      },
      {
        service: "listed",
        context: "deploy",
        dockerfile: "deploy/Dockerfile",
        arguments: ["A=1", "B"],
        target: undefined,
        image: undefined,
      },
    ]);
  });

  it("builds nothing outside of the repository, from an address, by a variable, or of what is no compose file", () => {
    for (const context of ["../..", "https://example.com/x.git", "$HOME", "/srv", "git@example.com:x"]) {
      assert.deepEqual(buildsOfCompose("a/compose.yml", `services: { x: { build: "${context}" } }`), [], context);
    }
    for (const text of ["", "services: [", "- a", "services: 1", "services: { x: 1, y: null }", "a: &a [*a]"]) {
      assert.deepEqual(buildsOfCompose("compose.yml", text), [], text);
    }
  });
});
