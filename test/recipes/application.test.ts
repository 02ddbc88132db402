/** What must hold for every application's recipe. */
import { strict as assert } from "node:assert";
import type { App } from "../../spec";
import { RecipeError, renderApplicationRecipe } from "../../recipes";
import { instructions, stages } from "./parse";
import { application, applications, baseImage, baseImageOf, platform } from "./specs";

function file(app: App, name: string): string {
  const found = renderApplicationRecipe(app, baseImageOf(app), platform).find(
    ({ path }) => path === `apps/${app.name}/${name}`,
  );
  assert.ok(found, `no ${name}`);
  return found.content;
}

interface Bake {
  readonly variable: Record<string, { default?: string }>;
  readonly group: { default: { targets: string[] } };
  readonly target: Record<
    string,
    {
      target?: string;
      dockerfile: string;
      contexts: Record<string, string>;
      secret?: string[];
      output: string[];
      args?: Record<string, string>;
      attest?: string[];
      platforms: string[];
      "cache-from"?: string[];
      "cache-to"?: string[];
      labels?: Record<string, string>;
    }
  >;
}

const bake = (app: App) => JSON.parse(file(app, "docker-bake.json")) as Bake;
const withDockerfile = Object.entries(applications).filter(([, app]) => app.dockerfile === undefined);

describe("application recipe", () => {
  for (const [name, app] of withDockerfile) {
    describe(`of ${name}`, () => {
      const text = file(app, "Dockerfile");

      it("runs nothing in a stage that becomes an image", () => {
        for (const target of bake(app).group.default.targets) {
          const stage = stages(text).find((candidate) => candidate.name === target);
          assert.ok(stage, `no stage ${target}`);
          assert.equal(stage.from, "runtime-image");
          assert.deepEqual(
            stage.instructions
              .map(({ keyword }) => keyword)
              .filter((keyword) => ["RUN", "WORKDIR", "ADD"].includes(keyword)),
            [],
          );
          assert.ok(
            stage.instructions.every(({ keyword, text: rest }) => keyword !== "COPY" || rest.startsWith("--link ")),
          );
        }
      });

      it("gives no context the name of a stage, for which BuildKit would look up the stage's own contexts, too", () => {
        const names = stages(text).map((stage) => stage.name);
        for (const { contexts } of Object.values(bake(app).target)) {
          assert.deepEqual(
            Object.keys(contexts).filter((context) => names.includes(context)),
            [],
          );
        }
      });

      it("names no image outside its bake file's contexts", () => {
        const contexts = Object.values(bake(app).target).flatMap((target) => Object.keys(target.contexts));
        const known = new Set([...contexts, ...stages(text).map((stage) => stage.name), "scratch"]);
        for (const stage of stages(text)) assert.ok(known.has(stage.from), stage.from);
      });

      it("gives every install the netrc as a secret, and stops when that is empty", () => {
        const installs = instructions(text).filter(({ script }) => /feed_pip --python .*install/.test(script));
        assert.ok(installs.length > 0);
        for (const { text: options, script } of installs) {
          assert.match(options, /--mount=type=secret,id=netrc,target=\/run\/secrets\/netrc,required=true/);
          assert.match(script, /^#!\/bin\/sh\nset -eu\ntest -s \/run\/secrets\/netrc \|\|/);
          assert.equal(script.match(/--index-url "\$INDEX_URL"/g)?.length, 1);
          assert.match(script, /--no-deps/);
        }
        assert.ok(installs.some(({ script }) => script.includes("--require-hashes")));
      });

      it("has no other argument or variable for an index, and no address of one", () => {
        assert.deepEqual(
          [
            ...new Set(
              instructions(text)
                .filter(({ keyword }) => keyword === "ARG")
                .map((arg) => arg.text),
            ),
          ],
          ["INDEX_URL"],
        );
        if (app.indexes.length > 0) return;
        assert.doesNotMatch(text, /extra-index-url|https?:\/\//);
        assert.doesNotMatch(file(app, "docker-bake.json"), /https?:\/\//);
      });

      it("builds every stage that its bake file names", () => {
        const names = stages(text).map((stage) => stage.name);
        for (const [target, { target: stage }] of Object.entries(bake(app).target)) {
          assert.ok(stage !== undefined && names.includes(stage), `${target}: ${stage}`);
        }
      });
    });
  }

  it("has no RUN on the base where no system packages are wanted", () => {
    const onBase = stages(file(application({ scripts: ["orders"] }), "Dockerfile")).filter(
      ({ from }) => from === "base",
    );
    assert.deepEqual(
      onBase.map((stage) => stage.instructions.map(({ keyword }) => keyword)),
      [["COPY"]],
    );
  });

  it("installs system packages on the base, as root, where they are wanted, and leaves root again", () => {
    const text = file(application({ systemPackages: "bindep.txt" }), "Dockerfile");
    const runtime = stages(text).find(({ name }) => name === "runtime");
    assert.deepEqual(
      runtime?.instructions.map(({ keyword }) => keyword),
      ["USER", "RUN", "COPY"],
    );
    assert.match(runtime.instructions[1]?.script ?? "", /--list_all newline default\)/);
    const install = stages(text).find(({ name }) => name === "install");
    assert.match(install?.instructions[0]?.script ?? "", /--list_all newline default compile\)/);
    const last = stages(text)
      .at(-1)
      ?.instructions.filter(({ keyword }) => keyword === "USER");
    assert.deepEqual(
      last?.map((user) => user.text),
      ['"10001"'],
    );
  });

  it("compiles the application itself with the packages of the profile compile, too", () => {
    const text = file(application({ systemPackages: "bindep.txt", scripts: ["orders"] }), "Dockerfile");
    const [install, project] = ["install", "project"].map((name) => stages(text).find((stage) => stage.name === name));
    assert.ok(install !== undefined && project !== undefined);
    assert.deepEqual(project.instructions[0], install.instructions[0]);
    assert.match(project.instructions[0]?.script ?? "", /--list_all newline default compile\)/);
  });

  it("makes one image a console script, each with its own entry point", () => {
    const app = application({ scripts: ["orders-api", "Migrate.Now"] });
    assert.deepEqual(bake(app).group.default.targets, ["image-orders-api", "image-orders-migrate-now"]);
    const entries = instructions(file(app, "Dockerfile")).filter(({ keyword }) => keyword === "ENTRYPOINT");
    assert.deepEqual(
      entries.map(({ text }) => JSON.parse(text) as unknown),
      [["/opt/venv/bin/orders-api"], ["/opt/venv/bin/Migrate.Now"]],
    );
  });

  it("keeps packages apart by script where extras may differ, and together elsewhere", () => {
    const runtimes = (app: App) => Object.keys(bake(app).target).filter((target) => target.startsWith("runtime"));
    const scripts = ["orders-api", "orders-worker"];
    assert.deepEqual(runtimes(application({ scripts })), ["runtime-orders-api", "runtime-orders-worker"]);
    assert.deepEqual(runtimes(application({ scripts, lock: "requirements.lock" })), ["runtime"]);
    assert.deepEqual(runtimes(application({ scripts, requirements: "requirements.txt" })), ["runtime"]);
  });

  it("takes a committed lock from the source and any other from the resolved ones", () => {
    const lock = (app: App) => bake(app).target.dependencies?.contexts.lock;
    assert.equal(lock(application()), "${LOCK}/orders");
    assert.equal(lock(application({ lock: "locks/all.txt" })), "${SOURCE}");
    assert.match(
      file(application({ lock: "locks/all.txt" }), "Dockerfile"),
      /from=lock,source=locks\/all\.txt,target=/,
    );
  });

  it("pushes images by digest alone, and only where the run says so", () => {
    for (const app of Object.values(applications)) {
      const { target, group, variable } = bake(app);
      for (const image of group.default.targets) {
        const [output, ...others] = target[image]?.output ?? [];
        assert.deepEqual(others, []);
        assert.match(
          output ?? "",
          /^type=image,name=\$\{REGISTRY\}\/[a-z0-9-]+,push-by-digest=true,name-canonical=true,oci-mediatypes=true(,rewrite-timestamp=true)?,push=\$\{PUSH\}$/,
        );
      }
      assert.equal(variable.PUSH?.default, "false");
    }
  });

  it("pins the base image by digest", () => {
    const contexts = bake(application()).target.runtime?.contexts ?? {};
    assert.equal(contexts.base, "docker-image://${REGISTRY}/python-web@${BASE_DIGEST}");
  });

  it("says in labels where an image comes from", () => {
    const labels = bake(application({ description: "Takes orders" })).target["image-orders"]?.labels ?? {};
    assert.equal(labels["org.opencontainers.image.description"], "Takes orders");
    assert.equal(labels["org.opencontainers.image.revision"], "${REVISION}");
    assert.equal(labels["org.opencontainers.image.source"], "${SOURCE_URL}");
    assert.equal(labels["org.opencontainers.image.created"], "${CREATED}");
    assert.equal(labels["org.opencontainers.image.base.name"], "${REGISTRY}/python-web");
    assert.equal(labels["org.opencontainers.image.base.digest"], "${BASE_DIGEST}");
    assert.equal(labels["wheelhouse.lock.sha256"], "${LOCK_HASH}");
  });

  it("leaves a team its own Dockerfile and offers it the credentials as secrets only", () => {
    const app = application({ dockerfile: "docker/Dockerfile" });
    assert.deepEqual(
      renderApplicationRecipe(app, baseImage()).map(({ path }) => path),
      ["apps/orders/docker-bake.json"],
    );
    const target = bake(app).target["image-orders"];
    assert.equal(target?.dockerfile, "docker/Dockerfile");
    assert.deepEqual(target.secret, [
      "id=netrc,src=${SECRETS}/netrc",
      "id=pip.conf,src=${SECRETS}/pip.conf",
      "id=pip_index_url,src=${SECRETS}/pip_index_url",
      "id=PIP_INDEX_URL,src=${SECRETS}/pip_index_url",
      "id=PIP_EXTRA_INDEX_URL,src=${SECRETS}/pip_index_url",
      "id=PIP_EXTRA_URL,src=${SECRETS}/pip_index_url",
    ]);
  });

  it("runs as the user that the application names, else as the base's", () => {
    const users = (app: App) =>
      instructions(file(app, "Dockerfile"))
        .filter(({ keyword }) => keyword === "USER")
        .map(({ text }) => text);
    assert.deepEqual(users(application()), ['"10001"']);
    assert.deepEqual(users(application({ user: "app" })), ['"10001"']);
    assert.deepEqual(users(application({ user: "1000" })), ['"1000"']);
  });

  it("does not depend on the order in which variables and ports are written", () => {
    const one = application({ env: { A: "1", B: "2" }, ports: [80, 443] });
    const other = application({ env: { B: "2", A: "1" }, ports: [443, 80] });
    assert.deepEqual(renderApplicationRecipe(one, baseImage()), renderApplicationRecipe(other, baseImage()));
  });

  it("refuses two scripts that make the same image", () => {
    assert.throws(
      () => renderApplicationRecipe(application({ scripts: ["api", "orders-api"] }), baseImage()),
      RecipeError,
    );
  });

  it("refuses a path that a mount could take apart, and says which property has it", () => {
    for (const lock of [
      "a,source=/etc",
      "a b",
      "$HOME/lock",
      "../lock",
      "a/../../lock",
      "/lock",
      'a"b',
      "a\\b",
      "",
      "a\nRUN x",
    ]) {
      assert.throws(
        () => renderApplicationRecipe(application({ lock }), baseImage()),
        (error) => error instanceof RecipeError && error.property === "lock",
        lock,
      );
    }
  });
});
