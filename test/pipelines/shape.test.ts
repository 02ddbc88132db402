/** What must hold for the pipelines, whatever the settings. */
import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { parse } from "yaml";
import {
  PipelineError,
  renderApplicationPipeline,
  renderApplicationTemplate,
  renderBaseImagePipeline,
  renderBaseImageTemplate,
  renderPreviewPipeline,
} from "../../pipelines";
import { application, baseImage } from "../recipes/specs";
import { expanded, type Job, type Main, type Parameter, type Step } from "./expand";
import { settings } from "./settings";

const template = renderApplicationTemplate(settings());
const main = (content: string) => parse(content) as Main;
const run = (reason: string, parameters: object = { app: "orders" }) =>
  expanded(template.content, reason, { ...parameters }).jobs;
const basePipeline = main(renderBaseImagePipeline(baseImage(), settings()).content);
const baseTemplate = renderBaseImageTemplate(settings());
const baseRun = expanded(baseTemplate.content, "Schedule", { baseImage: "python-web" }).jobs;
const remote = settings({
  builder: {
    driver: "remote",
    address: "tcp://buildkit.example.com:1234",
    certificates: { ca: "a", certificate: "b", key: "c" },
  },
});
const preview = main(renderPreviewPipeline({ pool: settings().pool }).content);

const everyRun: Readonly<Record<string, readonly Job[]>> = {
  "of a push": run("IndividualCI"),
  "of a pull request": run("PullRequest"),
  "of a published base image": run("ResourceTrigger"),
  "of a base image": baseRun,
  "with a remote builder": expanded(renderApplicationTemplate(remote).content, "IndividualCI", { app: "orders" }).jobs,
  "of a preview": preview.jobs,
};

function connections(jobs: readonly Job[]): unknown[] {
  return jobs.flatMap((job) => job.steps.flatMap((step) => step.inputs?.containerRegistry ?? []));
}

describe("every run", () => {
  for (const [name, jobs] of Object.entries(everyRun)) {
    it(`${name} has an end, a clean workspace, and leaves git no credentials`, () => {
      assert.equal(jobs.length, 1);
      for (const job of jobs) {
        assert.ok(job.timeoutInMinutes > 0 && job.timeoutInMinutes <= 360);
        assert.equal(job.workspace.clean, "all");
        const checkouts = job.steps.filter(({ checkout }) => checkout !== undefined);
        assert.ok(checkouts.length > 0);
        assert.ok(checkouts.every(({ persistCredentials }) => persistCredentials === false));
      }
    });

    it(`${name} takes service connections and values of scripts from nothing that is known late`, () => {
      for (const { steps } of jobs) {
        for (const step of steps) {
          for (const input of ["containerRegistry", "azureSubscription"]) {
            assert.doesNotMatch(JSON.stringify(step.inputs?.[input] ?? ""), /\$/);
          }
          // A macro would put a value into the text of the script, where it could be code and would be logged.
          assert.doesNotMatch(step.script ?? "", /\$\([A-Za-z]+(\.[A-Za-z]+)+\)|\$\[|\$\{\{/);
          for (const [variable, value] of Object.entries(step.env ?? {})) {
            const isPath = /^\$\((builder\w+)\.secureFilePath\)$/.exec(value)?.[1];
            assert.ok(
              !value.includes("$") ||
                (variable.endsWith("TOKEN") && value === "$(System.AccessToken)") ||
                // A secret of the definition, which is in a step's environment only by its name.
                (variable === "PULUMI_CONFIG_PASSPHRASE" && value === `$(${variable})`) ||
                steps.some(({ name: step }) => step !== undefined && step === isPath),
              value,
            );
          }
        }
      }
    });
  }

  for (const name of ["of a push", "of a pull request", "of a base image"]) {
    const steps = everyRun[name]!.flatMap((job) => job.steps);
    const at = (found: (step: Step) => boolean) => steps.findIndex(found);

    it(`${name} authenticates, logs in, resolves, makes its builder, builds and reports, in this order`, () => {
      const calls = (command: string) =>
        at(({ script }) => new RegExp(`^wheelhouse ${command} `, "m").test(script ?? ""));
      const order = [
        at(({ task }) => task === "PipAuthenticate@1"),
        at(({ script }) => script?.includes("secrets/netrc") ?? false),
        // What resolves reads the base image's lock with this login, and the builder takes it over.
        at(({ task, inputs }) => task === "Docker@2" && inputs?.command === "login"),
        at(({ script }) => script?.includes("-m pip") ?? false),
        calls(name === "of a base image" ? "resolve" : "lint"),
        calls(name === "of a base image" ? "compare" : "resolve"),
        at(({ script }) => script?.includes("buildx create") ?? false),
        calls("bake"),
        calls("summary"),
      ];
      assert.ok(
        order.every((place) => place >= 0),
        String(order),
      );
      assert.deepEqual(
        order,
        [...order].sort((a, b) => a - b),
      );
    });

    it(`${name} tells what it made or found also where it failed`, () => {
      assert.equal(steps.find(({ displayName }) => displayName === "Report")?.condition, "succeededOrFailed()");
    });

    it(`${name} leaves building, tagging and removing to the command line, which searches for leaks`, () => {
      for (const { script } of steps)
        assert.doesNotMatch(script ?? "", /buildx (bake|build|imagetools (?!inspect))\b|docker (build|push)\b/);
    });

    it(`${name} ends with a clean-up that always comes`, () => {
      assert.equal(steps.at(-1)?.displayName, "Clean up");
      assert.equal(steps.at(-1)?.condition, "always()");
    });

    it(`${name} has one index`, () => {
      const { inputs } = steps[at(({ task }) => task === "PipAuthenticate@1")]!;
      assert.deepEqual(inputs, { artifactFeeds: "Platform/packages", onlyAddExtraIndex: false });
    });
  }
});

describe("application template", () => {
  it("has the connection that may push in no run of a pull request, and that alone in the others", () => {
    assert.deepEqual(connections(run("PullRequest")), ["wheelhouse-pull"]);
    assert.deepEqual(connections(run("IndividualCI")), ["wheelhouse-push"]);
    assert.deepEqual(connections(run("Manual")), ["wheelhouse-push"]);
  });

  it("takes an application by a typed parameter that must be given, and any agents of its own", () => {
    const { parameters } = parse(template.content) as { parameters: Parameter[] };
    assert.deepEqual(
      parameters.map(({ name, type }) => ({ name, type })),
      [
        { name: "app", type: "string" },
        { name: "pool", type: "object" },
      ],
    );
    assert.ok(parameters[0] !== undefined && !("default" in parameters[0]));
    assert.deepEqual(run("Manual")[0]?.pool, { vmImage: "ubuntu-24.04" });
    assert.deepEqual(run("Manual", { app: "orders", pool: { name: "own" } })[0]?.pool, { name: "own" });
  });

  it("takes recipes from the platform's repository whatever a pipeline's own file says", () => {
    const checkouts = run("Manual")[0]?.steps.flatMap(({ checkout }) => checkout ?? []);
    assert.deepEqual(checkouts, ["self", "git://Platform/wheelhouse@refs/heads/main"]);
  });

  it("resolves and builds nothing where its base image is not there, after what a team can mend itself", () => {
    const { steps } = run("Manual")[0]!;
    const named = (displayName: string) => steps.findIndex((step) => step.displayName === displayName);
    const look = named("Look for the base image");
    const variable = /variable=([\w.]+)\]/.exec(steps[look]?.script ?? "")?.[1];
    for (const name of ["Resolve", "Make a builder", "Build, scan and publish"]) {
      assert.ok(named(name) > look);
      assert.equal(steps[named(name)]?.condition, `and(succeeded(), eq(variables['${String(variable)}'], 'true'))`);
    }
    assert.ok(named("Lint") >= 0 && named("Lint") < look && named("Log in to the registry") < look);
    const others = steps.filter(({ condition }) => condition?.includes("variables") !== true);
    assert.ok(others.every(({ script }) => !/buildx create|wheelhouse (bake|resolve)/.test(script ?? "")));
  });

  it("names an organization's feed without a project", () => {
    const shared = renderApplicationTemplate(settings({ feed: { name: "everyone", scope: "organization" } }));
    const { steps } = expanded(shared.content, "Manual", { app: "orders" }).jobs[0]!;
    assert.equal(steps.find(({ task }) => task === "PipAuthenticate@1")?.inputs?.artifactFeeds, "everyone");
  });
});

describe("base image pipeline", () => {
  it("runs by its schedule even without a commit, and on changes of its own files only", () => {
    assert.deepEqual(basePipeline.schedules, [
      { cron: "0 4 * * *", displayName: "Daily refresh", branches: { include: ["main"] }, always: true },
    ]);
    assert.deepEqual(basePipeline.trigger, {
      batch: true,
      branches: { include: ["main"] },
      paths: { include: ["base-images/python-web"] },
    });
    assert.equal(basePipeline.pr, "none");
  });

  const named = (displayName: string) => {
    const step = baseRun[0]?.steps.find((each) => each.displayName === displayName);
    assert.ok(step !== undefined, displayName);
    return step;
  };

  it("builds, publishes and starts applications only where something is new", () => {
    const variable = /variable=([\w.]+)\]/.exec(named("Compare with what is published").script ?? "")?.[1];
    for (const name of ["Make a builder", "Build, scan and publish", "Start the applications"]) {
      assert.equal(named(name).condition, `and(succeeded(), eq(variables['${String(variable)}'], 'true'))`);
    }
    const others = baseRun[0]!.steps.filter(({ condition }) => condition?.includes("variables") !== true);
    assert.ok(others.every(({ script }) => !/buildx create|wheelhouse bake|addbuildtag/.test(script ?? "")));
  });

  it("sets the build tag that applications wait for, after its images have their tags", () => {
    const steps = baseRun[0]!.steps;
    assert.ok(steps.indexOf(named("Build, scan and publish")) < steps.indexOf(named("Start the applications")));
    assert.match(named("Start the applications").script ?? "", /##vso\[build\.addbuildtag\]%s\\n' published$/m);
  });

  it("runs where the base image says, else where the platform does", () => {
    assert.deepEqual(baseRun[0]?.pool, { vmImage: "ubuntu-24.04" });
    const own = baseImage({ pool: { kind: "named", name: "builders", demands: ["docker"] } });
    const { parameters = {} } = main(renderBaseImagePipeline(own, settings()).content).extends ?? {};
    const [job] = expanded(baseTemplate.content, "Schedule", parameters).jobs;
    assert.deepEqual(job?.pool, { name: "builders", demands: ["docker"] });
  });

  it("extends the template by the name that the connection's check knows it by, and has no step of its own", () => {
    assert.deepEqual(basePipeline.resources, {
      repositories: [{ repository: "wheelhouse", type: "git", name: "Platform/wheelhouse", ref: "refs/heads/main" }],
    });
    assert.deepEqual(basePipeline.extends, {
      template: "templates/base-image.yml@wheelhouse",
      parameters: { baseImage: "python-web" },
    });
    assert.equal(basePipeline.jobs, undefined);
  });

  it("takes recipes from the platform's repository whatever a pipeline's own file says", () => {
    const checkouts = baseRun[0]?.steps.flatMap(({ checkout }) => checkout ?? []);
    assert.deepEqual(checkouts, ["git://Platform/wheelhouse@refs/heads/main"]);
  });
});

describe("application pipeline", () => {
  const file = renderApplicationPipeline(application({ branches: ["main", "next"] }), settings());

  it("extends the template, listens for its base image, and runs on pushes to its branches", () => {
    assert.deepEqual(main(file.content), {
      trigger: ["main", "next"],
      pr: "none",
      resources: {
        repositories: [{ repository: "wheelhouse", type: "git", name: "Platform/wheelhouse", ref: "refs/heads/main" }],
        pipelines: [{ pipeline: "base", source: "\\wheelhouse\\python-web", trigger: { tags: ["published"] } }],
      },
      extends: { template: "templates/application.yml@wheelhouse", parameters: { app: "orders" } },
    });
  });

  it("is short", () => {
    assert.ok(file.content.split("\n").length <= 14, file.content);
  });

  it("lies where an existing repository wants it", () => {
    const at = application({ repository: { kind: "existing", name: "shop", pipelineFile: "ci/orders.yml" } });
    assert.equal(renderApplicationPipeline(at, settings()).path, "ci/orders.yml");
    assert.equal(file.path, "azure-pipelines.yml");
  });
});

describe("preview pipeline", () => {
  it("is started by a branch policy alone", () => {
    assert.deepEqual([preview.trigger, preview.pr, preview.schedules], ["none", "none", undefined]);
  });

  it("gives credentials to the preview and not to the install", () => {
    const [install, show] = preview.jobs[0]?.steps.slice(-2) ?? [];
    assert.equal(install?.script, "npm ci --no-audit --no-fund\n");
    assert.equal(install.env, undefined);
    assert.deepEqual(show?.env, {
      AZDO_PERSONAL_ACCESS_TOKEN: "$(System.AccessToken)",
      SYSTEM_ACCESSTOKEN: "$(System.AccessToken)",
      PULUMI_CONFIG_PASSPHRASE: "$(PULUMI_CONFIG_PASSPHRASE)",
      POLICY_PACK: "policy",
    });
    assert.match(String(show.inputs?.inlineScript), /npx --no-install wheelhouse preview-comment "\$@" --policy-pack/);
  });
});

describe("a preview pipeline of other settings", () => {
  const of = (more: object) => main(renderPreviewPipeline({ pool: settings().pool, ...more }).content).jobs[0]?.steps;

  it("signs in with the connection that the settings name", () => {
    const show = of({ preview: { connection: "contoso read" } })?.at(-1);
    assert.equal(show?.inputs?.azureSubscription, "contoso read");
  });

  it("runs the policy pack of the package where the repository has none of its own", () => {
    const show = of({ policyPack: "node_modules/wheelhouse/policy" })?.at(-1);
    assert.equal(show?.env?.POLICY_PACK, "node_modules/wheelhouse/policy");
  });

  it("is refused where Azure Pipelines would expand a value", () => {
    for (const more of [{ preview: { connection: "$(x)" } }, { policyPack: "${{ x }}" }, { nodeVersion: "$[x]" }]) {
      assert.throws(() => of(more), /cannot stand in a pipeline/, JSON.stringify(more));
    }
  });
});

describe("a hostile setting", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc
      .array(
        fc.constantFrom(
          "\n",
          "- ",
          ": ",
          "#",
          "{",
          "}",
          "[",
          "]",
          "'",
          '"',
          "|",
          ">",
          "&a",
          "*a",
          "!!x",
          "${{",
          "$(",
          "$[",
          "}}",
          "steps:",
          "script: id",
          "\\",
          "%",
          "a",
          "~",
          "no",
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join("")),
  );

  it("is a plain value in the template, or refused", () => {
    let taken = 0;
    fc.assert(
      fc.property(hostile, (registry) => {
        const content = orRefused(() => renderApplicationTemplate(settings({ registry })).content);
        if (content === undefined) return;
        taken++;
        const { steps } = expanded(content, "Manual", { app: "orders" }).jobs[0]!;
        assert.equal(
          steps.find(({ displayName }) => displayName === "Build, scan and publish")?.env?.REGISTRY,
          registry,
        );
      }),
    );
    assert.ok(taken > 10, "hardly any value was rendered");
  });

  it("is a plain value in an application's pipeline, or refused", () => {
    fc.assert(
      fc.property(hostile, hostile, (name, branch) => {
        const app = application({ name, branches: [branch] });
        const content = orRefused(() => renderApplicationPipeline(app, settings()).content);
        if (content === undefined) return;
        const file = main(content);
        assert.deepEqual(Object.keys(file), ["trigger", "pr", "resources", "extends"]);
        assert.deepEqual(file.trigger, [branch]);
        assert.deepEqual(file.extends?.parameters, { app: name });
      }),
    );
  });

  for (const expression of ["${{ variables.x }}", "$(id)", "$[1]", "a\nb"]) {
    it(`is refused by the name of what it is: ${JSON.stringify(expression)}`, () => {
      assert.throws(
        () => renderApplicationTemplate(settings({ pushConnection: expression })),
        (error) => error instanceof PipelineError && error.property === "connection",
      );
    });
  }
});

function orRefused(render: () => string): string | undefined {
  try {
    return render();
  } catch (error) {
    if (error instanceof PipelineError) return undefined;
    throw error;
  }
}
