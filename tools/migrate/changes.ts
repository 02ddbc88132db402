/** The files of a proposal: specification, pipeline, Dockerfile and bindep file, each as it was and as it is to be. */
import type { App } from "../../spec";
import { UsageError } from "../errors";
import { lintDockerfile } from "../lint";
import { userParts } from "../lint/addresses";
import { requirementsOf } from "../lint/requirement-files";
import { composeBuilds } from "./advice";
import { DEFAULT_PIPELINE, type Choice } from "./choose";
import type { FilePlan } from "./file-changes";
import { mendDockerfile } from "./mend-dockerfile";
import { newPipeline, type PlatformNames } from "./new-pipeline";
import type { PlatformCheckout } from "./platform";
import type { DockerfileDecision, FileChange, Reason, Remaining } from "./proposal";
import type { RecipeSpec } from "./recipe-spec";
import { contextOf, type TeamRepository } from "./repository";

/** What the user says beside the repository itself. */
export interface MigrateOptions {
  readonly name?: string | undefined;
  readonly team?: string | undefined;
  readonly baseImage?: string | undefined;
  /** Name of the team's repository in Azure DevOps. */
  readonly repository?: string | undefined;
  readonly project?: string | undefined;
  readonly templateRepository?: string | undefined;
  readonly pipeline?: string | undefined;
  readonly dockerfile?: string | undefined;
  /** File of the new pipeline, where the old one stays. */
  readonly newPipeline?: string | undefined;
  /** File in which the old pipeline is kept aside. */
  readonly keepPipeline?: string | undefined;
}

/** All that the parts of a proposal are made of. */
export interface Work {
  readonly repository: TeamRepository;
  readonly choice: Choice;
  readonly taken: RecipeSpec;
  readonly app: App;
  /** Text of the specification. */
  readonly spec: string;
  readonly names: PlatformNames;
  readonly options: MigrateOptions;
}

export function decisionOf({ choice, taken }: Work): DockerfileDecision {
  const kind = taken.spec.dockerfile === undefined ? "recipe" : "own";
  const because =
    choice.dockerfile === undefined
      ? "there is no Dockerfile"
      : "it only installs system packages and Python packages, copies the project and starts its console script";
  return { kind, file: choice.dockerfile, reasons: kind === "own" ? taken.obstacles : [because] };
}

export function specChange({ app, spec }: Work, platform: PlatformCheckout | undefined): FileChange {
  const why = "all that the platform has to know of the application; its pull request shows what would be made";
  const fits = platform === undefined ? "" : "; checked beside the platform's other specifications";
  return {
    place: "platform",
    file: `apps/${app.name}.yaml`,
    before: undefined,
    after: spec,
    reasons: [{ what: "the specification", why: why + fits }],
  };
}

export function pipelineChanges({ app, names, choice, options, repository }: Work): FileChange[] {
  const { keepPipeline, newPipeline: newFile } = options;
  const file = newFile ?? choice.pipeline?.file ?? DEFAULT_PIPELINE;
  const before = newFile === undefined ? choice.pipeline?.text : undefined;
  if (newFile !== undefined && repository.read(newFile) !== undefined) {
    throw new UsageError(`${newFile} is there already`, "Name another file with --new-pipeline.");
  }
  const reasons: Reason[] = [
    {
      what: "the pipeline extends the platform's template",
      why: "the template authenticates, resolves, builds, scans and pushes; the connection that may push takes no other",
    },
    ...leakReasons(choice),
  ];
  const change: FileChange = { place: "team", file, before, after: newPipeline(app, names), reasons };
  if (keepPipeline === undefined) return [change];
  if (before === undefined) {
    throw new UsageError(
      newFile === undefined
        ? "there is no old pipeline to keep"
        : "with --new-pipeline the old pipeline stays where it is",
      "Leave --keep-pipeline out.",
    );
  }
  if (repository.read(keepPipeline) !== undefined) {
    throw new UsageError(`${keepPipeline} is there already`, "Name another file with --keep-pipeline.");
  }
  const why = "asked for with --keep-pipeline, so that its other steps can be taken out of it; no pipeline reads it";
  return [
    change,
    {
      place: "team",
      file: keepPipeline,
      before: undefined,
      after: before,
      reasons: [{ what: "the old pipeline is kept aside", why }],
    },
  ];
}

/** What the old build passed that a build must not be passed. */
function leakReasons({ builds, pipeline }: Choice): Reason[] {
  return builds.flatMap(({ step, arguments: given, ignored }) =>
    given.flatMap(({ credential }) =>
      credential === undefined || ignored
        ? []
        : [
            {
              what: `line ${step.line} of ${pipeline?.file ?? "it"} passed ${credential} as a build argument`,
              why: "it stays in the image's history, in provenance and in exported caches; a secret mount is in none of them",
            },
          ],
    ),
  );
}

/** Rules of lint whose findings were in images or their histories as they were built. */
const LEAKS = new Set([
  "secret-in-argument",
  "secret-in-environment",
  "secret-in-metadata",
  "secret-in-run",
  "secret-written-to-file",
  "copied-credential-file",
  "context-credential-file",
]);

/** What was pushed so far has what leaked: a migration does not mend that. */
export function imagesSoFar(work: Work): Remaining[] {
  const { repository, choice } = work;
  const file = choice.dockerfile;
  const text = file === undefined ? undefined : repository.read(file);
  if (file === undefined || text === undefined) return [];
  const found = lintDockerfile(text, { file, context: contextOf(repository, choice.contextFolder) });
  const listed = requirementRoots(work).some((root) => userParts(repository.read(root) ?? "").length > 0);
  const leaked = listed || leakReasons(choice).length > 0 || found.some(({ rule }) => LEAKS.has(rule));
  const todo =
    "revoke it where it outlives its run: a personal access token or a password does, $(System.AccessToken) does not; " +
    "then remove those images (wheelhouse scan <image> says what is in one)";
  return leaked ? [{ at: file, what: "images and caches that were pushed so far may hold the credential", todo }] : [];
}

/** Requirements files that the image's packages come from. */
export function requirementRoots({ repository, choice, app, taken }: Work): string[] {
  if (taken.spec.dockerfile === undefined) return [app.requirements];
  const { contextFolder, dockerfile = "" } = choice;
  const below = contextFolder === "" ? "" : `${contextFolder}/`;
  const named = requirementsOf(repository.read(dockerfile) ?? "", contextOf(repository, contextFolder));
  const files = named.map(({ name }) => `${below}${name}`);
  const usual = repository.inspection.requirements;
  // That of another image's folder is none of this one's.
  const own = usual !== undefined && ["", contextFolder, folderOf(dockerfile)].includes(folderOf(usual));
  return files.length > 0 || !own ? files : [usual];
}

function folderOf(file: string): string {
  return file.replace(/\/?[^/]*$/, "");
}

interface DockerfileChange {
  readonly changes: readonly FileChange[];
  readonly remaining: readonly Remaining[];
}

export function dockerfileChange(work: Work, files: FilePlan): DockerfileChange {
  const { repository, choice, taken } = work;
  const file = choice.dockerfile;
  const before = file === undefined ? undefined : repository.read(file);
  if (file === undefined || before === undefined) return { changes: [], remaining: [] };
  const isDropped = taken.spec.dockerfile === undefined;
  if (isDropped && !composeBuilds(repository)) {
    const why =
      "the platform's recipe for the specification does the same, shares the base image's layers, and holds no credential";
    return {
      changes: [{ place: "team", file, before, after: undefined, reasons: [{ what: "the Dockerfile goes", why }] }],
      remaining: [],
    };
  }
  const credentials = new Set([
    ...files.variables,
    ...choice.builds.flatMap(({ arguments: given }) =>
      given.flatMap(({ name, credential }) => (credential === undefined ? [] : [name])),
    ),
  ]);
  const mended = mendDockerfile(before, {
    file,
    context: contextOf(repository, choice.contextFolder),
    contextFolder: choice.contextFolder,
    credentials,
  });
  const left = mended.left.map(({ line, what, mend, severity }) => ({
    at: `${file}:${line}`,
    what: `${severity === "error" ? "" : "advice: "}${what}`,
    todo: mend,
  }));
  const kept = isDropped
    ? [
        {
          at: file,
          what: "the Dockerfile stays for docker-compose alone",
          todo: "the image is built by the platform's recipe: remove it when compose takes that image",
        },
      ]
    : [];
  const changes =
    mended.text === before
      ? []
      : [{ place: "team" as const, file, before, after: mended.text, reasons: mended.reasons }];
  const fetched = isDropped ? [] : requirementRoots(work).flatMap((root) => fromCodeHosts(repository, root));
  return { changes, remaining: [...mended.missing, ...fetched, ...left, ...kept] };
}

/** Requirements that git fetches: the build's credentials are for the feed alone. */
function fromCodeHosts(repository: TeamRepository, file: string): Remaining[] {
  if (file.endsWith(".toml")) return [];
  return (repository.read(file) ?? "").split("\n").flatMap((line, index) => {
    const host = /^[^#]*\b(?:git|hg|svn|bzr)\+[a-z]+:\/\/(?:[^@/\s]*@)?([^/:\s]+)/.exec(line)?.[1];
    if (host === undefined) return [];
    const todo = "where that takes credentials, publish it as a package: the build has those of the feed alone";
    return [{ at: `${file}:${index + 1}`, what: `a requirement is fetched from ${host}`, todo }];
  });
}

export function bindepChange({ repository, taken, app }: Work): FileChange[] {
  const file = app.systemPackages;
  if (file === undefined || taken.bindep.length === 0) return [];
  const before = repository.read(file);
  const has = (line: string) =>
    before?.split("\n").some((one) => one.trim().split(/\s/)[0] === line.split(" ")[0]) === true;
  const added = taken.bindep.filter((line) => !has(line));
  if (added.length === 0) return [];
  const after = `${before === undefined || before.endsWith("\n") ? (before ?? "") : `${before}\n`}${added.join("\n")}\n`;
  const why = "the Dockerfile installed them; those for compiling are in the stage that compiles, and not in the image";
  return [{ place: "team", file, before, after, reasons: [{ what: "system packages, as bindep reads them", why }] }];
}
