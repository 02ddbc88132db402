/** The whole platform: everything that the settings and the specs ask for, in one component. */
import * as azuredevops from "@pulumi/azuredevops";
import * as pulumi from "@pulumi/pulumi";
import { renderApplicationTemplate, renderBaseImageTemplate, renderPreviewPipeline } from "../pipelines";
import { indexUrl, type App, type BaseImage, type Settings } from "../spec";
import { AppImagePipeline } from "./app-image-pipeline";
import { ArtifactsFeed, type FeedMember } from "./artifacts-feed";
import { BaseImagePipeline } from "./base-image-pipeline";
import { ContainerRegistry } from "./container-registry";
import { ElasticAgentPool } from "./elastic-agent-pool";
import { buildServiceDescriptor, nameFrom } from "./naming";
import {
  baseImageOf,
  CONNECTIONS,
  PIPELINE_FOLDER,
  pipelineSettingsOf,
  poolsOf,
  PREVIEW_PIPELINE,
  teamsOf,
} from "./platform-plan";
import { existingAzureConnection, existingGroup, existingProject, existingQueue } from "./look-ups";
import { applicationOutputs, type PlatformOutputs } from "./platform-outputs";
import { PreviewPipeline } from "./preview-pipeline";
import { fileWithRegistry } from "./registry-text";
import { ServiceConnection } from "./service-connection";
import { sharePlatform } from "./team-shared";
import { TemplateRepository } from "./template-repository";

export interface PlatformArgs {
  readonly settings: Settings;
  readonly baseImages: readonly BaseImage[];
  readonly apps: readonly App[];
  /** Text of the command line that pipelines run, as `makeTool` makes it. */
  readonly tool: pulumi.Input<string>;
}

/**
 * A paved road for Python teams. An application adds its own resources and nothing else, but for the first one of a
 * team (a role on the feed) and the first one in a pool (the right to run there).
 */
export class Platform extends pulumi.ComponentResource {
  readonly outputs: PlatformOutputs;

  constructor(name: string, args: PlatformArgs, options?: pulumi.ComponentResourceOptions) {
    super("wheelhouse:index:Platform", name, {}, options);
    const { settings, baseImages, apps } = args;
    const parent = { parent: this };
    const projectId = this.projectId(name, settings);

    const teams = teamsOf(apps).map((team) => this.team(name, team, settings, projectId));
    const feed = this.feed(`${name}-feed`, settings, projectId, teams);
    const registry = new ContainerRegistry(
      `${name}-registry`,
      {
        registryName: settings.registry.name,
        resourceGroupName: settings.resourceGroup,
        createResourceGroup: settings.createResourceGroup,
        location: settings.location,
        sku: settings.registry.sku,
        untaggedRetentionDays: settings.registry.untaggedRetentionDays,
        allowedNetworks: settings.registry.allowedNetworks,
        tags: settings.tags,
        protect: settings.protect,
      },
      parent,
    );
    const folder = new azuredevops.BuildFolder(`${name}-folder`, { projectId, path: PIPELINE_FOLDER }, parent);
    const pipelineSettings = pipelineSettingsOf(settings);
    const templateFiles = [renderApplicationTemplate, renderBaseImageTemplate].map((render) =>
      fileWithRegistry(registry.loginServer, (address) => render({ ...pipelineSettings, registry: address })),
    );
    const templates = new TemplateRepository(
      `${name}-templates`,
      {
        projectId,
        repositoryName: settings.templateRepository,
        files: templateFiles,
        tool: args.tool,
        protect: settings.protect,
      },
      parent,
    );
    const connection = (access: "push" | "pull"): ServiceConnection =>
      new ServiceConnection(
        `${name}-${access}`,
        {
          connectionName: CONNECTIONS[access],
          access,
          projectId,
          registryId: registry.registryId,
          registryName: settings.registry.name,
          resourceGroupName: registry.resourceGroupName,
          location: settings.location,
          subscriptionName: settings.subscriptionName,
          requiredTemplates:
            access === "pull"
              ? []
              : templateFiles.map(({ path }) => ({
                  repositoryName: `${settings.project}/${settings.templateRepository}`,
                  repositoryRef: templates.branch,
                  templatePath: path,
                })),
          tags: settings.tags,
        },
        parent,
      );
    const push = connection("push");
    const pull = connection("pull");
    const elastic = this.elasticPools(name, settings, projectId);
    const queues = [...elastic, ...this.authorizePools(name, projectId, poolsOf(settings, [...baseImages, ...apps]))];
    if (settings.platformRepository !== undefined) {
      new PreviewPipeline(
        `${name}-preview`,
        {
          projectId,
          repositoryName: settings.platformRepository,
          pipelineName: PREVIEW_PIPELINE,
          folder: folder.path,
          pipelineFile: renderPreviewPipeline(settings).path,
          pool: settings.pool,
          preview: settings.preview,
        },
        { ...parent, dependsOn: elastic },
      );
    }

    const shared = {
      projectId,
      templateRepositoryId: templates.repositoryId,
      templateBranch: templates.branch,
      pushEndpointId: push.endpointId,
      recipeSettings: settings,
    };
    const ordered = { ...parent, dependsOn: [folder, ...templates.files, ...elastic] };
    const appPipelines = apps.map((app) => {
      const args = {
        ...shared,
        app,
        registry: registry.loginServer,
        baseImage: baseImageOf(app, baseImages),
        project: settings.project,
        templateRepository: settings.templateRepository,
        folder: PIPELINE_FOLDER,
        pool: settings.pool,
      };
      return [app.name, new AppImagePipeline(`${name}-app-${app.name}`, args, ordered), args] as const;
    });
    const basePipelines = baseImages.map((baseImage) => {
      const waiting = appPipelines.filter(([, , { app }]) => app.baseImage === baseImage.name);
      const args = {
        ...shared,
        baseImage,
        pipelineSettings,
        firstRun:
          settings.firstRun === "none"
            ? undefined
            : {
                organizationUrl: settings.addresses.organization,
                // Applications start when their base image is published, so their pipelines have to be there by then.
                after: [
                  feed,
                  registry,
                  templates,
                  push,
                  pull,
                  ...queues,
                  ...waiting.map(([, { runnable }]) => runnable),
                ],
              },
      };
      return [baseImage.name, new BaseImagePipeline(`${name}-base-${baseImage.name}`, args, ordered)] as const;
    });

    this.outputs = {
      feedUrl: feed.indexUrl,
      registry: registry.loginServer,
      baseImages: Object.fromEntries(basePipelines.map(([key, { pipelineId }]) => [key, { pipelineId }])),
      applications: applicationOutputs(appPipelines.map(([key, pipeline]) => [key, pipeline])),
      shared: sharePlatform({
        settings,
        baseImages,
        apps,
        folder: PIPELINE_FOLDER,
        readers: teams.map((team) => team.name),
        projectId,
        templateRepositoryId: templates.repositoryId,
        templateBranch: templates.branch,
        pushEndpointId: push.endpointId,
        registry: registry.loginServer,
        feedId: feed.feedId,
      }),
    };
    this.registerOutputs(this.outputs);
  }

  /** The project's GUID: of a new project, or of the one that exists. */
  private projectId(name: string, settings: Settings): pulumi.Output<string> {
    if (!settings.createProject) {
      return existingProject(settings.project, { parent: this });
    }
    return new azuredevops.Project(
      `${name}-project`,
      { name: settings.project, visibility: "private", versionControl: "Git" },
      { parent: this, protect: settings.protect },
    ).id;
  }

  /**
   * A team that owns applications. A project that is made here has none of its own yet, so the team is made with it, and
   * stays when its last application leaves: people have been put into it since.
   */
  private team(name: string, team: string, settings: Settings, projectId: pulumi.Output<string>): FeedMember {
    const descriptor = settings.createProject
      ? new azuredevops.Team(
          `${name}-team-${nameFrom(team)}`,
          { projectId, name: team },
          // Azure DevOps lists those in a team by itself; who is in it is no matter of this program.
          { parent: this, retainOnDelete: true, ignoreChanges: ["administrators", "members"] },
        ).descriptor
      : existingGroup({ projectId, name: team }, { parent: this });
    return { name: team, descriptor };
  }

  private feed(
    name: string,
    settings: Settings,
    projectId: pulumi.Output<string>,
    readers: readonly FeedMember[],
  ): ArtifactsFeed {
    return new ArtifactsFeed(
      name,
      {
        feedName: settings.feed.name,
        ...(settings.feed.scope === "project" ? { projectId } : {}),
        feedsUrl: settings.addresses.feeds,
        indexUrl: indexUrl(settings),
        upstreams: settings.feed.upstreams,
        versionsKept: settings.feed.versionsKept,
        daysToKeepDownloaded: settings.feed.daysToKeepDownloaded,
        collaborators: this.buildIdentities(settings, projectId),
        readers,
        protect: settings.protect,
      },
      { parent: this },
    );
  }

  /**
   * Who builds, and so saves packages from the upstream sources: the project's build identity, since every pipeline here
   * acts for its project alone. To a project's own feed Azure DevOps lets it in by itself, and the provider refuses to
   * declare that again; to a feed of the organization it lets in the organization's build identity only.
   * Facts: learn.microsoft.com, «Manage permissions» of Azure Artifacts.
   */
  private buildIdentities(settings: Settings, projectId: pulumi.Output<string>): readonly FeedMember[] {
    if (settings.feed.scope === "project") {
      return [];
    }
    const organization = azuredevops.getClientConfigOutput({ parent: this });
    const descriptor = pulumi
      .all([organization.id, projectId])
      .apply(([id, project]) => buildServiceDescriptor(id, project));
    return [{ name: "build-service", descriptor }];
  }

  /** The pool over a scale set, where the settings have one. */
  private elasticPools(name: string, { elasticPool }: Settings, projectId: pulumi.Output<string>): ElasticAgentPool[] {
    if (elasticPool === undefined) return [];
    const { name: poolName, scaleSet: scaleSetId, connection, ...sizes } = elasticPool;
    const endpointId = existingAzureConnection({ projectId, name: connection }, { parent: this });
    const args = { poolName, projectId, scaleSetId, endpointId, ...sizes };
    return [new ElasticAgentPool(`${name}-agents`, args, { parent: this })];
  }

  /** Lets every pipeline of the project run in the pools; the hosted one is open from the start, and stays so. */
  private authorizePools(
    name: string,
    projectId: pulumi.Output<string>,
    pools: readonly string[],
  ): readonly pulumi.Resource[] {
    return pools.map(
      (pool) =>
        new azuredevops.PipelineAuthorization(
          `${name}-queue-${nameFrom(pool)}`,
          { projectId, resourceId: existingQueue({ projectId, name: pool }, { parent: this }), type: "queue" },
          { parent: this },
        ),
    );
  }
}
