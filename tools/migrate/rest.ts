/** Everything that an old pipeline did and the new one does not, and where to put it: nothing is dropped without a word. */
import { sortSteps, type Purpose, type SortedStep } from "./old-steps";
import { imageBuilds, type ReadFile } from "./builds";
import type { OldPipeline, OldSetting } from "./old-pipeline";
import type { Remaining } from "./proposal";

export interface Rest {
  readonly replaced: readonly Remaining[];
  readonly remaining: readonly Remaining[];
}

/** Where each kind of work goes. */
function placeOf(purpose: Purpose, app: string): string {
  switch (purpose) {
    case "test":
      return "run tests in a pipeline of their own, such as azure-pipelines-tests.yml, and require it in the branch's policies";
    case "check":
      return "run it with the tests, in a pipeline of their own";
    case "publish package":
      return "publish packages in a pipeline of their own, with TwineAuthenticate@1 in place of a stored password";
    case "deploy":
      return `deploy in a pipeline of its own that this one's runs start: resources.pipelines with source: \\wheelhouse\\${app} and trigger: true`;
    case "scan":
      return `every build is searched for credentials now; scan for vulnerabilities in a pipeline that the runs of \\wheelhouse\\${app} start`;
    case "setting up":
      return "it goes along with the steps that it serves";
    case "other":
    case "replaced":
      return "keep it in a pipeline of its own where it is still wanted";
  }
}

/** @param read a file of the repository. @param lastStage name of the Dockerfile's last stage, which is what the platform builds. */
export function restOf(pipeline: OldPipeline, app: string, lastStage: string | undefined, read: ReadFile): Rest {
  const at = (line: number) => `${pipeline.file}:${line}`;
  const steps = withoutUse(sortSteps(pipeline, read));
  const replaced = steps.filter(({ purpose }) => purpose === "replaced");
  return {
    replaced: replaced.map(({ step, name, why }) => ({ at: at(step.line), what: name, todo: why })),
    remaining: [
      ...keptSteps(steps, app).map(({ line, ...one }) => ({ at: at(line), ...one })),
      ...builtOtherwise(pipeline, lastStage, read).map(({ line, ...one }) => ({ at: at(line), ...one })),
      ...settings(pipeline).map(({ line, ...one }) => ({ at: at(line), ...one })),
    ],
  };
}

interface Kept {
  readonly line: number;
  readonly what: string;
  readonly todo: string;
}

/** Steps that only serve others of their job are done with where none of those is left. */
function withoutUse(steps: readonly SortedStep[]): SortedStep[] {
  const left = steps.filter(({ purpose }) => purpose !== "replaced" && purpose !== "setting up");
  const jobs = new Set(left.map(({ step }) => step.job));
  const why = "it served the image's build alone";
  return steps.map((one) =>
    one.purpose === "setting up" && !jobs.has(one.step.job) ? { ...one, purpose: "replaced", why } : one,
  );
}

function keptSteps(steps: readonly SortedStep[], app: string): Kept[] {
  return steps
    .filter(({ purpose }) => purpose !== "replaced")
    .map(({ step, purpose, name }) => {
      const job = step.job === "" ? "" : ` (${step.job})`;
      const label = purpose === "other" ? "step" : purpose;
      const to = step.deployment === undefined ? "" : ` to ${step.deployment}`;
      return { line: step.line, what: `${label}${to}: ${name}${job}`, todo: placeOf(purpose, app) };
    });
}

function builtOtherwise(pipeline: OldPipeline, lastStage: string | undefined, read: ReadFile): Kept[] {
  return imageBuilds(pipeline, read).flatMap(({ step, arguments: given, target, ignored }): Kept[] => {
    const { line } = step;
    const plain = given.filter(({ credential }) => credential === undefined).map(({ name }) => name);
    return [
      ...(ignored
        ? [
            {
              line,
              what: "Docker@2 ignores `arguments` of buildAndPush: what they pass never reached the build",
              todo: "nothing: packages came from the public index, or from an index that a file names; now they come from the feed",
            },
          ]
        : []),
      ...(plain.length === 0
        ? []
        : [
            {
              line,
              what: `build arguments ${plain.join(", ")}`,
              todo: "the platform passes INDEX_URL alone: give each ARG a default, or set it in env; version and commit are labels of every image",
            },
          ]),
      ...(target === undefined || target === lastStage
        ? []
        : [{ line, what: `the stage ${target} is built`, todo: "the last stage is built: put that one last" }]),
    ];
  });
}

function settings(pipeline: OldPipeline): Kept[] {
  const told = (list: readonly OldSetting[], todo: (one: OldSetting) => string) =>
    list.map((one) => ({
      line: one.line,
      what: `${one.key}${one.name === "" ? "" : `: ${one.name}`}`,
      todo: todo(one),
    }));
  return [
    ...told(
      pipeline.filters,
      () => "every push to the branches of the specification starts a run; what is unchanged builds in seconds",
    ),
    ...told(
      pipeline.groups,
      () => "give its variables to the pipeline whose steps read them; the image's build takes none",
    ),
    ...told(pipeline.settings, ({ key }) => settingPlace(key)),
    ...pipeline.pools
      .filter(({ kind, name }) => kind === "hosted" && !/^(?:ubuntu|\$)/i.test(name))
      .map(({ line, name }) => ({
        line,
        what: `pool ${name}`,
        todo: "images are built on Linux, on the platform's agents",
      })),
    ...pipeline.pools
      .filter(({ demands }) => demands.length > 0)
      .map(({ line, name, demands }) => ({
        line,
        what: `pool ${name} with demands ${demands.join(", ")}`,
        todo: "no agent is pinned for its cache any more: layers are in the registry; write pool.demands into the specification where a demand is about the network or the machine",
      })),
  ];
}

function settingPlace(key: string): string {
  switch (key) {
    case "schedules":
      return "the base image is looked at every day, and a new one starts this pipeline; a schedule for tests goes with the tests";
    case "resources.repositories":
      return "a pipeline that extends the template checks out its own repository alone: publish what the others hold as packages";
    case "resources.pipelines":
      return "the base image's pipeline is what starts this one beside pushes; put other sources into the pipelines that use them";
    case "resources.containers":
      return "jobs of the template run on the agent itself";
    case "name":
      return "runs have Azure DevOps' own number now, and images are tagged with it: change what expects the old form";
    case "timeoutInMinutes":
      return "wheelhouse:applicationTimeoutMinutes of the platform bounds every run";
    case "services":
    case "container":
      return "jobs of the template run on the agent itself: keep it with the tests that need it";
    case "variables.template":
    case "extends":
      return "it is another file, which was not read: look there for what it did";
    default:
      return "put it into the pipeline whose steps use it";
  }
}
