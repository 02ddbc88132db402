/** The applications of one team, in a stack of its own, on the platform that another stack declares. */
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";
import { version } from "../package.json";
import { formatProblem, type App, type Pool } from "../spec";
import { AppImagePipeline } from "./app-image-pipeline";
import { existingGroup, existingQueue } from "./look-ups";
import { nameFrom } from "./naming";
import { poolName } from "./platform-plan";
import { applicationOutputs, type ApplicationOutputs } from "./platform-outputs";
import { teamProblems, teamsOfStack } from "./team-plan";
import { RefusalError } from "./team-refusal";
import { differs, readShared, type SharedPlatform } from "./team-shared";

export interface TeamApplicationsArgs {
  /** The output `shared` of the platform's stack, as `new pulumi.StackReference(…).getOutput("shared")` gives it. */
  readonly shared: pulumi.Input<SharedPlatform>;
  /**
   * Azure DevOps team or group that may install from the feed. Default: none but those that `apps` name. Giving the role
   * takes the right to administer the feed; leave it out where the platform's team gives it.
   */
  readonly team?: string | undefined;
  /** Whether this stack makes `team` and those that `apps` name; else they must exist. Default `false`. */
  readonly createTeams?: boolean | undefined;
  /** Every resource is named by the application's name. */
  readonly apps: readonly App[];
}

/** What a team's stack tells of itself. */
export interface TeamOutputs {
  /** By name. */
  readonly applications: Readonly<Record<string, ApplicationOutputs>>;
}

/**
 * The same resources for each application as in the platform's own stack. Nothing of the platform is declared a second
 * time, and a name that the platform has is refused before anything is declared. A name that another team's stack has is
 * refused by Azure DevOps when the pipeline or the repository is made; the other's recipe stays as it is.
 *
 * A pool that an application names is opened to the pipeline of this application alone, so that this stack takes back
 * nothing that others count on.
 */
export class TeamApplications extends pulumi.ComponentResource {
  readonly outputs: TeamOutputs;

  constructor(name: string, args: TeamApplicationsArgs, options?: pulumi.ComponentResourceOptions) {
    super("wheelhouse:index:TeamApplications", name, {}, options);
    const { team, apps } = args;
    const shared = this.checked(args);
    const projectId = shared.projectId;

    for (const member of teamsOfStack(team, apps)) {
      new azuredevops.FeedPermission(
        `${name}-feed-reader-${nameFrom(member)}`,
        {
          feedId: shared.feedId,
          projectId: shared.apply(projectOfFeed),
          identityDescriptor: this.descriptor(name, member, projectId, args.createTeams ?? false),
          role: "reader",
        },
        { parent: this },
      );
    }
    const pipelines = apps.map((app) => {
      const pipeline = new AppImagePipeline(
        `${name}-app-${app.name}`,
        {
          app,
          baseImage: shared.apply(({ baseImages }) => namedIn(baseImages, app.baseImage)),
          project: shared.project,
          projectId,
          templateRepository: shared.templateRepository,
          templateRepositoryId: shared.templateRepositoryId,
          templateBranch: shared.templateBranch,
          pushEndpointId: shared.pushEndpointId,
          folder: shared.folder,
          pool: shared.apply(({ pool }) => pool),
          registry: shared.registry,
          recipeSettings: shared.apply(({ recipeSettings: { indexes, sbomGenerator, upstreamRegistry } }) => ({
            indexes,
            sbomGenerator,
            upstreamRegistry,
          })),
        },
        { parent: this },
      );
      if (app.pool !== undefined) this.authorizePool(`${name}-queue-${app.name}`, app.pool, projectId, pipeline);
      return [app.name, pipeline] as const;
    });

    this.outputs = { applications: applicationOutputs(pipelines) };
    this.registerOutputs(this.outputs);
  }

  /** The platform, once nothing speaks against the applications there: all else waits for it. */
  private checked({ shared, team, apps }: TeamApplicationsArgs): pulumi.Output<SharedPlatform> {
    const { name: organization } = azuredevops.getClientConfigOutput({ parent: this });
    return pulumi.all([shared, organization]).apply(([given, here]) => {
      const platform = readShared(given, version);
      if (platform.organization.toLowerCase() !== here.toLowerCase()) {
        throw new RefusalError(
          `the platform stack ${platform.stack} is in the Azure DevOps organization ${platform.organization}, and this stack's credentials are for ${here}\n` +
            "  correct azuredevops:orgServiceUrl, or the name of the platform's stack",
        );
      }
      if (differs(platform.version, version)) {
        void pulumi.log.warn(
          `the platform stack ${platform.stack} was declared with wheelhouse ${platform.version}, and this stack with wheelhouse ${version}: ` +
            "take the same one here when you can",
          this,
        );
      }
      const problems = teamProblems(platform, team, apps);
      if (problems.length > 0) {
        const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
        throw new RefusalError(
          `${count} in what this stack is to be on the platform:\n${problems.map(formatProblem).join("\n")}`,
        );
      }
      return platform;
    });
  }

  private descriptor(
    name: string,
    team: string,
    projectId: pulumi.Output<string>,
    create: boolean,
  ): pulumi.Output<string> {
    if (!create) return existingGroup({ projectId, name: team }, { parent: this });
    return new azuredevops.Team(
      `${name}-team-${nameFrom(team)}`,
      { projectId, name: team },
      // People are put into it since; who is in it is no matter of this program.
      { parent: this, retainOnDelete: true, ignoreChanges: ["administrators", "members"] },
    ).descriptor;
  }

  private authorizePool(name: string, pool: Pool, projectId: pulumi.Output<string>, pipeline: AppImagePipeline): void {
    const resourceId = existingQueue({ projectId, name: poolName(pool) }, { parent: this });
    new azuredevops.PipelineAuthorization(
      name,
      { projectId, resourceId, type: "queue", pipelineId: pipeline.pipelineId },
      { parent: this },
    );
  }
}

/** An organization's feed has no project: the value is absent then. */
function projectOfFeed({ feedScope, projectId }: SharedPlatform): string | undefined {
  return feedScope === "project" ? projectId : undefined;
}

/** @throws Error where there is none of that name, which is told before in better words. */
function namedIn<Named extends { readonly name: string }>(all: readonly Named[], name: string): Named {
  const found = all.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}
