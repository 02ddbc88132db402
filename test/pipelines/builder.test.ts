/** How a run comes to its builder, for each kind that a platform can have. */
import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { parse } from "yaml";
import { PipelineError, renderApplicationTemplate, renderBaseImageTemplate } from "../../pipelines";
import type { BuilderSettings } from "../../spec";
import { builders } from "./builders";
import { expanded, type Parameter, type Step } from "./expand";
import { settings } from "./settings";
import { Shell } from "./shell";

const application = (builder: BuilderSettings, choice: object = {}) =>
  expanded(renderApplicationTemplate(settings({ builder })).content, "Manual", { app: "orders", ...choice }).jobs[0]!
    .steps;
const baseImage = (builder: BuilderSettings, choice: object = {}) =>
  expanded(renderBaseImageTemplate(settings({ builder })).content, "Manual", { baseImage: "python-web", ...choice })
    .jobs[0]!.steps;
const parameterOf = (content: string) =>
  (parse(content) as { parameters: Parameter[] }).parameters.find(({ name }) => name === "builder");

function made(steps: readonly Step[]): Step {
  const found = steps.filter(({ displayName }) => displayName === "Make a builder");
  assert.equal(found.length, 1);
  return found[0]!;
}

describe("the builder of a run", () => {
  let shell: Shell;

  beforeEach(() => {
    shell = new Shell();
    shell.standIn("docker", "");
  });

  afterEach(() => shell.remove());

  /** What docker is called with in a run with this builder; secure files lie at `/secure/<step>`. */
  function calls(builder: BuilderSettings, choice: object = {}): string[] {
    const { script, env } = made(application(builder, choice));
    const values = Object.entries(env ?? {}).map(([name, value]) => [
      name,
      value.replace(/^\$\((\w+)\.secureFilePath\)$/, "/secure/$1"),
    ]);
    const run = { BUILD_BUILDID: "7", SYSTEM_JOBATTEMPT: "1", ...(Object.fromEntries(values) as object) };
    assert.equal(shell.run(script!, run).status, 0);
    return shell.calls();
  }

  const create = "docker buildx create --name wheelhouse-7-1";
  const image = "--driver-opt image=registry.example.com/buildkit:v0.26.3";
  for (const [name, words] of Object.entries({
    container: `--driver docker-container ${image} --bootstrap`,
    socket: "--driver remote --bootstrap unix:///run/buildkit/buildkitd.sock",
    remote: [
      "--driver remote --driver-opt cacert=/secure/builderCa --driver-opt cert=/secure/builderCertificate",
      "--driver-opt key=/secure/builderKey --bootstrap tcp://buildkit.example.com:1234",
    ].join(" "),
    kubernetes: [
      `--driver kubernetes --driver-opt namespace=builders --driver-opt replicas=3 ${image}`,
      "--driver-opt requests.cpu=500m --driver-opt requests.memory=2Gi",
      "--driver-opt limits.cpu=4 --driver-opt limits.memory=8Gi --bootstrap",
    ].join(" "),
  })) {
    it(`is made as buildx wants it: ${name}`, () => {
      assert.deepEqual(calls(builders[name as keyof typeof builders]), [`${create} ${words}`]);
    });
  }

  for (const [name, said] of [
    ["remote", /type=error\]The builder at tcp:\/\/buildkit\.example\.com:1234 does not answer/],
    ["kubernetes", /type=error\]No builder comes up in the namespace builders: has this agent a kubeconfig/],
  ] as const) {
    it(`is told where it does not come up: ${name}`, () => {
      shell.standIn("docker", "exit 1");
      const { script, env } = made(application(builders[name]));
      const { status, output } = shell.run(script!, { BUILD_BUILDID: "7", SYSTEM_JOBATTEMPT: "1", ...env });
      assert.equal(status, 1);
      assert.match(output, said);
    });
  }

  it("is given nothing that the platform does not set", () => {
    const none = { cpu: undefined, memory: undefined };
    const plain = { driver: "kubernetes", namespace: "n", replicas: 1, image: undefined } as const;
    assert.deepEqual(calls({ ...plain, requests: none, limits: none }), [
      `${create} --driver kubernetes --driver-opt namespace=n --driver-opt replicas=1 --bootstrap`,
    ]);
  });

  it("gets its certificates from secure files, right before it is made and only where it is", () => {
    for (const steps of [application(builders.remote), baseImage(builders.remote)]) {
      const files = steps.filter(({ task }) => task === "DownloadSecureFile@1");
      assert.deepEqual(
        files.map(({ name, inputs }) => [name, inputs]),
        [
          ["builderCa", { secureFile: "buildkit-ca.pem" }],
          ["builderCertificate", { secureFile: "buildkit.pem" }],
          ["builderKey", { secureFile: "buildkit-key.pem" }],
        ],
      );
      const at = steps.indexOf(made(steps));
      assert.deepEqual(steps.slice(at - 3, at), files);
      for (const { condition } of files) assert.equal(condition, made(steps).condition);
      assert.match(made(steps).condition ?? "", /^and\(succeeded\(\), eq\(variables\['wheelhouse\.\w+'\], 'true'\)\)$/);
    }
    for (const builder of [builders.container, builders.socket, builders.kubernetes]) {
      assert.ok(application(builder).every(({ task }) => task !== "DownloadSecureFile@1"));
    }
  });

  it("may be one on the agent where the platform has another, by a parameter that knows no third", () => {
    for (const driver of ["remote", "kubernetes"] as const) {
      const builder = builders[driver];
      for (const render of [renderApplicationTemplate, renderBaseImageTemplate]) {
        const { type, default: usual, values } = parameterOf(render(settings({ builder })).content)!;
        assert.deepEqual([type, usual, values], ["string", driver, [driver, "docker-container"]]);
      }
      const choice = { builder: "docker-container" };
      assert.deepEqual(made(application(builder, choice)), made(application(settings().builder)));
      assert.deepEqual(made(baseImage(builder, choice)), made(baseImage(settings().builder)));
      assert.ok(application(builder, choice).every(({ task }) => task !== "DownloadSecureFile@1"));
    }
    for (const render of [renderApplicationTemplate, renderBaseImageTemplate]) {
      assert.equal(parameterOf(render(settings({ builder: builders.container })).content), undefined);
    }
  });

  it("cannot make a setting more than one word of a call, whatever it is", () => {
    const sign = fc.constantFrom("'", '"', "`", "$", "$(", "${{", "\\", " ", ";", "\n", "|", "&", ",", "=", "a", "/");
    const hostile = fc.array(sign, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(""));
    let taken = 0;
    fc.assert(
      fc.property(hostile, (value) => {
        const many: readonly BuilderSettings[] = [
          { driver: "docker-container", image: value },
          { driver: "remote", address: value, certificates: undefined },
          { ...builders.kubernetes, namespace: value },
        ];
        for (const builder of many) {
          let step: Step;
          try {
            step = made(application(builder));
          } catch (error) {
            if (error instanceof PipelineError) continue;
            throw error;
          }
          taken++;
          assert.ok(Object.values(step.env ?? {}).includes(value));
          const own = new Shell();
          try {
            own.standIn("docker", 'for word; do printf "<%s>\\n" "$word" >> "$AGENT_TEMPDIRECTORY/words"; done');
            const run = own.run(`${step.script!}cat "$AGENT_TEMPDIRECTORY/words"`, {
              BUILD_BUILDID: "7",
              SYSTEM_JOBATTEMPT: "1",
              ...step.env,
            });
            assert.equal(run.status, 0, run.output);
            assert.match(run.output, new RegExp(`^<([a-z]+=)?${value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}>$`, "m"));
          } finally {
            own.remove();
          }
        }
      }),
      { numRuns: 40 },
    );
    assert.ok(taken > 10, "hardly any value was rendered");
  });
});

describe("the time limit of a run", () => {
  it("is that of the platform for its kind", () => {
    const own = settings({ timeoutMinutes: { application: 17, baseImage: 230 } });
    const limitOf = (content: string) => (parse(content) as { jobs: { timeoutInMinutes: number }[] }).jobs[0]!;
    assert.equal(limitOf(renderApplicationTemplate(own).content).timeoutInMinutes, 17);
    assert.equal(limitOf(renderBaseImageTemplate(own).content).timeoutInMinutes, 230);
  });
});
