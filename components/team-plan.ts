/** Decides, from a team's applications and what the platform shares, what must be refused before anything is declared. */
import { appImages, builderRepository, dependencyRepository, runtimeRepository, type App, type Problem } from "../spec";
import { suggest } from "../spec/nearest";
import { teamsOf } from "./platform-plan";
import type { SharedPlatform } from "./team-shared";

/** The teams that a team's stack gives a role on the feed: the team itself, and those that its applications name. */
export function teamsOfStack(team: string | undefined, apps: readonly Pick<App, "team">[]): readonly string[] {
  return teamsOf([{ team }, ...apps]);
}

/**
 * Every mistake that only the platform's own data shows: names that are taken there, base images that it does not have,
 * roles that it gave already. Whether names clash with those of another team's stack, only Azure DevOps can say.
 */
export function teamProblems(shared: SharedPlatform, team: string | undefined, apps: readonly App[]): Problem[] {
  return [
    ...teamsOfStack(team, apps).flatMap((name) => givenRole(name, shared)),
    ...clashes(imagesOfPlatform(shared), apps.flatMap(imagesOf)),
    ...repositoryProblems(shared, apps),
    ...apps.flatMap((app) => [...baseImageProblems(app, shared), ...unknownIndexes(app, shared)]),
  ];
}

/** A name that only one may have. */
interface Claim {
  /** What a problem with it is told of, and the property that says the name. */
  readonly place: string;
  readonly path: string;
  readonly name: string;
  /** Claims of one owner never clash. */
  readonly owner: string;
  /** What has the name, in words. */
  readonly what: string;
}

/** Names are compared without letter case, as Azure does. */
function clashes(taken: readonly Claim[], wanted: readonly Claim[]): Problem[] {
  const known = new Map(taken.map((claim) => [claim.name.toLowerCase(), claim]));
  return wanted.flatMap((claim) => {
    const key = claim.name.toLowerCase();
    const other = known.get(key);
    if (other === undefined) known.set(key, claim);
    return other === undefined || other.owner === claim.owner
      ? []
      : [
          problem(
            claim.place,
            claim.path,
            `"${claim.name}" is already ${other.what}`,
            "choose another name, or take the other one out first (docs/teams.md)",
          ),
        ];
  });
}

function problem(place: string, path: string, message: string, mend: string): Problem {
  return { file: place, line: 0, column: 0, path, message, mend };
}

function placeOf({ name }: Pick<App, "name">): string {
  return `application ${name}`;
}

/** The repositories in the registry that one application fills. */
function imageNames(app: Pick<App, "name" | "scripts">): { readonly name: string; readonly path: string }[] {
  return [
    ...[app.name, dependencyRepository(app), runtimeRepository(app)].map((name) => ({ name, path: "name" })),
    ...appImages(app).flatMap(({ repository, script }, index) =>
      script === undefined ? [] : [{ name: repository, path: `scripts[${index}]` }],
    ),
  ];
}

function imagesOf(app: App): Claim[] {
  const place = placeOf(app);
  return imageNames(app).map(({ name, path }) => ({ place, path, name, owner: place, what: `an image of ${place}` }));
}

function imagesOfPlatform({ stack, baseImages, applications }: SharedPlatform): Claim[] {
  const claim = (name: string, what: string): Claim => ({ place: stack, path: "", name, owner: stack, what });
  return [
    ...baseImages.flatMap((base) => [
      claim(base.name, `a base image of the platform stack ${stack}`),
      claim(builderRepository(base), `the builder of base image ${base.name} of the platform stack ${stack}`),
    ]),
    ...applications.flatMap((app) =>
      imageNames(app).map(({ name }) =>
        claim(
          name,
          name === app.name
            ? `an application of the platform stack ${stack}`
            : `an image of application ${app.name} of the platform stack ${stack}`,
        ),
      ),
    ),
  ];
}

/** A repository that some application's pipeline is in. */
interface UsedRepository {
  readonly name: string;
  readonly pipelineFile: string;
  readonly what: string;
}

/**
 * A repository that is made must not be there yet. One that exists may hold the pipelines of several applications, each in
 * a file of its own, unless it is the platform's.
 */
function repositoryProblems(shared: SharedPlatform, apps: readonly App[]): Problem[] {
  const { stack } = shared;
  const own = [shared.templateRepository, ...shared.platformRepositories];
  const used: UsedRepository[] = shared.applications.map(({ name, repository, pipelineFile = STARTER_FILE }) => ({
    name: repository,
    pipelineFile,
    what: `the repository of application ${name} of the platform stack ${stack}`,
  }));
  return apps.flatMap((app) => {
    const { repository } = app;
    const pipelineFile = repository.kind === "existing" ? repository.pipelineFile : STARTER_FILE;
    const clash = own.some((name) => same(name, repository.name))
      ? `a repository of the platform stack ${stack} itself`
      : used.find(
          (other) =>
            same(other.name, repository.name) && (repository.kind === "create" || other.pipelineFile === pipelineFile),
        )?.what;
    used.push({ name: repository.name, pipelineFile, what: `the repository of ${placeOf(app)}` });
    return clash === undefined
      ? []
      : [
          problem(
            placeOf(app),
            "repository",
            `"${repository.name}" is already ${clash}`,
            "choose another repository, or another pipelineFile in one that exists",
          ),
        ];
  });
}

/** Main file of the pipeline in a repository that is made for an application. */
const STARTER_FILE = "azure-pipelines.yml";

function same(name: string, other: string): boolean {
  return name.toLowerCase() === other.toLowerCase();
}

function baseImageProblems(app: App, { stack, baseImages }: SharedPlatform): Problem[] {
  const place = placeOf(app);
  const base = baseImages.find(({ name }) => name === app.baseImage);
  if (base === undefined) {
    const message = `the platform stack ${stack} has no base image ${app.baseImage}`;
    const mend =
      baseImages.length === 0
        ? "it has none at all: ask the platform's team for one"
        : suggest(
            app.baseImage,
            baseImages.map(({ name }) => name),
          ).replace("known here:", "it has");
    return [problem(place, "baseImage", message, mend)];
  }
  const python =
    app.python === undefined || app.python === base.python
      ? []
      : [
          problem(
            place,
            "python",
            `"${app.python}" is not the Python version of base image ${base.name} of ${stack}, "${base.python}"`,
            "take the line out, or take another base image",
          ),
        ];
  // The last stage of an image runs nothing, so no user can be made in it.
  const user =
    app.user === undefined || app.user === base.user || /^[0-9]+$/.test(app.user)
      ? []
      : [
          problem(
            place,
            "user",
            `"${app.user}" is not the user of base image ${base.name} of ${stack}, "${base.user}"`,
            `write user: ${base.user}, or a number in quotes such as "1000"`,
          ),
        ];
  return [...python, ...user];
}

function unknownIndexes(app: App, { stack, recipeSettings }: SharedPlatform): Problem[] {
  const known = recipeSettings.indexes.map(({ name }) => name);
  return app.indexes.flatMap((name, position) =>
    known.includes(name)
      ? []
      : [
          problem(
            placeOf(app),
            `indexes[${position}]`,
            `the platform stack ${stack} has no package index ${name}`,
            known.length === 0
              ? "it has none: ask the platform's team to make it an upstream source of the feed"
              : suggest(name, known).replace("known here:", "it has"),
          ),
        ],
  );
}

/** The provider refuses to declare a role for someone who has one. */
function givenRole(team: string, { stack, feedReaders }: SharedPlatform): Problem[] {
  return feedReaders.some((reader) => same(reader, team))
    ? [
        problem(
          `team ${team}`,
          "",
          `the platform stack ${stack} gives it its role on the feed already, for an application of its own`,
          "leave the team out of this stack and its applications until the platform has none of that team's any more",
        ),
      ]
    : [];
}
