/** What a platform's stack hands to the stacks of teams: plain data in one output, with nothing secret in it. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ApplicationBase, RecipeSettings } from "../recipes";
import { version } from "../package.json";
import { indexUrl, type App, type BaseImage, type FeedScope, type Pool, type Settings } from "../spec";
import { RefusalError } from "./team-refusal";

/**
 * Number of what a team's package and a platform's have to agree on: the form of {@link SharedPlatform}, of recipes, and of
 * what pipelines hand to the template. A test tells when it has to be raised.
 */
export const SHARED_FORMAT = 1;

/** An application of the platform's own: what has its name, its images and its repository already. */
export interface SharedApplication {
  readonly name: string;
  readonly scripts: readonly string[];
  /** Name of its repository. */
  readonly repository: string;
  /** Main file of its pipeline, where the repository existed before: other files may be others' there. */
  readonly pipelineFile?: string;
}

/** A platform as the stack of a team sees it. */
export interface SharedPlatform {
  /** {@link SHARED_FORMAT} of the package that declared the platform. */
  readonly format: number;
  /** Version of that package. */
  readonly version: string;
  /** Full name of the platform's stack, `<organization>/<project>/<stack>`, for messages. */
  readonly stack: string;
  /** Name of the Azure DevOps organization. */
  readonly organization: string;
  /** Name and GUID of the project. */
  readonly project: string;
  readonly projectId: string;
  /** Name and GUID of the repository that holds templates and recipes, and the full name of its branch. */
  readonly templateRepository: string;
  readonly templateRepositoryId: string;
  readonly templateBranch: string;
  /** Names of repositories that belong to the platform itself. */
  readonly platformRepositories: readonly string[];
  /** GUID of the service connection that pushes. */
  readonly pushEndpointId: string;
  /** Login server of the registry. */
  readonly registry: string;
  /** GUID of the feed, whose it is, its simple index without credentials, and the teams with a role on it. */
  readonly feedId: string;
  readonly feedScope: FeedScope;
  readonly indexUrl: string;
  readonly feedReaders: readonly string[];
  /** Folder of pipelines: starts with a backslash, does not end with one. */
  readonly folder: string;
  /** Where jobs run that name no pool; every pipeline of the project may. */
  readonly pool: Pool;
  /** What recipes are rendered with. A key is absent where the platform has none of it. */
  readonly recipeSettings: Pick<RecipeSettings, "indexes"> &
    Partial<Pick<RecipeSettings, "sbomGenerator" | "upstreamRegistry">>;
  readonly baseImages: readonly ApplicationBase[];
  readonly applications: readonly SharedApplication[];
}

const word = z.string().min(1);

const schema: z.ZodType<SharedPlatform> = z.object({
  format: z.number(),
  version: word,
  stack: word,
  organization: word,
  project: word,
  projectId: word,
  templateRepository: word,
  templateRepositoryId: word,
  templateBranch: word,
  platformRepositories: z.array(word),
  pushEndpointId: word,
  registry: word,
  feedId: word,
  feedScope: z.enum(["project", "organization"]),
  indexUrl: word,
  feedReaders: z.array(word),
  folder: word,
  pool: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("hosted"), vmImage: word }),
    z.object({ kind: z.literal("named"), name: word, demands: z.array(word) }),
  ]),
  recipeSettings: z.object({
    indexes: z.array(
      z.object({
        name: word,
        url: word,
        // Where it is undefined, the engine leaves the key out.
        connection: word.optional().transform((connection): string | undefined => connection),
      }),
    ),
    sbomGenerator: word.optional(),
    upstreamRegistry: word.optional(),
  }),
  baseImages: z.array(
    z.object({ name: word, python: word, platforms: z.array(z.enum(["linux/amd64", "linux/arm64"])), user: word }),
  ),
  applications: z.array(
    z.object({ name: word, scripts: z.array(word), repository: word, pipelineFile: word.optional() }),
  ),
});

/**
 * A platform's output, once it was read from another stack.
 * @param version of this package, for messages.
 * @throws RefusalError for what no platform put out, or one that another package declared than this one can follow.
 */
export function readShared(value: unknown, version: string): SharedPlatform {
  if (value === undefined || value === null) {
    throw new RefusalError(
      "the platform's stack has no output `shared`, so this stack knows of no platform\n" +
        "  correct the name of the stack, or export `shared` of `platform.outputs` in the platform's index.ts and run `pulumi up` there",
    );
  }
  const { data: told } = z.looseObject({ format: z.number(), version: word, stack: word }).safeParse(value);
  if (told !== undefined && told.format !== SHARED_FORMAT) {
    const newer = told.format > SHARED_FORMAT;
    throw new RefusalError(
      `the platform's stack ${told.stack} was declared with wheelhouse ${told.version}, and this stack with wheelhouse ${version}: ` +
        `they do not agree on recipes (formats ${told.format} and ${SHARED_FORMAT})\n` +
        (newer
          ? `  take wheelhouse ${told.version} here, the archive that the platform's project has: npm install ./wheelhouse-${told.version}.tgz`
          : `  have the platform's team take wheelhouse ${version} and run \`pulumi up\`, or take wheelhouse ${told.version} here`),
    );
  }
  const read = schema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const place = ["shared", ...(issue?.path ?? [])].join(".");
    throw new RefusalError(
      `the output \`shared\` of the platform's stack is not what a platform puts out: ${place}: ${issue?.message ?? "it is something else"}\n` +
        "  export `shared` of `platform.outputs` as it is, or correct the name of the stack",
    );
  }
  return read.data;
}

/** Whether two versions differ in more than the last number. */
export function differs(version: string, other: string): boolean {
  const [major, minor] = version.split(".");
  const [otherMajor, otherMinor] = other.split(".");
  return major !== otherMajor || minor !== otherMinor;
}

/** What a platform shares, and the ids that become known when it is declared. */
export interface SharedParts {
  readonly settings: Settings;
  readonly baseImages: readonly BaseImage[];
  readonly apps: readonly App[];
  readonly folder: string;
  /** Names of the teams that the platform gives a role on the feed. */
  readonly readers: readonly string[];
  readonly projectId: pulumi.Input<string>;
  readonly templateRepositoryId: pulumi.Input<string>;
  readonly templateBranch: pulumi.Input<string>;
  readonly pushEndpointId: pulumi.Input<string>;
  readonly registry: pulumi.Input<string>;
  readonly feedId: pulumi.Input<string>;
}

/** The platform as one output. */
export function sharePlatform(parts: SharedParts): pulumi.Output<SharedPlatform> {
  const { settings } = parts;
  const { projectId, templateRepositoryId, templateBranch, pushEndpointId, registry, feedId } = parts;
  return pulumi
    .all([projectId, templateRepositoryId, templateBranch, pushEndpointId, registry, feedId])
    .apply(([projectId, templateRepositoryId, templateBranch, pushEndpointId, registry, feedId]) => ({
      format: SHARED_FORMAT,
      version,
      stack: stackName(),
      organization: settings.organization,
      project: settings.project,
      projectId,
      templateRepository: settings.templateRepository,
      templateRepositoryId,
      templateBranch,
      platformRepositories: settings.platformRepository === undefined ? [] : [settings.platformRepository],
      pushEndpointId,
      registry,
      feedId,
      feedScope: settings.feed.scope,
      indexUrl: indexUrl(settings),
      feedReaders: parts.readers,
      folder: parts.folder,
      pool: settings.pool,
      recipeSettings: {
        indexes: settings.indexes,
        sbomGenerator: settings.sbomGenerator,
        upstreamRegistry: settings.upstreamRegistry,
      },
      baseImages: parts.baseImages.map(({ name, python, platforms, user }) => ({ name, python, platforms, user })),
      applications: parts.apps.map(sharedApplication),
    }));
}

function stackName(): string {
  const name = `${pulumi.getProject()}/${pulumi.getStack()}`;
  try {
    return `${pulumi.getOrganization()}/${name}`;
  } catch {
    // Only under mocks that name no organization.
    return name;
  }
}

/** What of an application others have to stay away from. */
function sharedApplication({ name, scripts, repository }: App): SharedApplication {
  return {
    name,
    scripts,
    repository: repository.name,
    ...(repository.kind === "existing" ? { pipelineFile: repository.pipelineFile } : {}),
  };
}
