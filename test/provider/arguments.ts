/** Arguments of the components as a program in another language gives them: plain data. */
import type { Values } from "./monitor";

export const settings: Values = {
  organization: "contoso",
  project: "Platform",
  subscriptionName: "Contoso",
  location: "westeurope",
  resourceGroup: "rg-wheelhouse",
  registryName: "contosowheelhouse",
  feedName: "python",
  upstreams: [{ name: "Public", location: "https://index.example/simple/" }],
};

export const baseImage: Values = { name: "python-web", python: "3.12", requirements: "uvicorn\n" };

export const app: Values = { name: "orders", baseImage: "python-web", scripts: ["orders-api"], team: "commerce" };

export const templates: Values = {
  project: "Platform",
  projectId: "p",
  templateRepository: "wheelhouse",
  templateRepositoryId: "r",
  pushEndpointId: "e",
};

/** Arguments with which each component can be declared. */
export const valid: Readonly<Record<string, Values>> = {
  AppImagePipeline: {
    ...templates,
    app,
    baseImage: { name: "python-web", python: "3.12" },
    registry: "contosowheelhouse.example.net",
  },
  ArtifactsFeed: {
    feedName: "python",
    feedsUrl: "https://feeds.dev.azure.com/contoso",
    indexUrl: "https://pkgs.dev.azure.com/contoso/_packaging/python/pypi/simple/",
    upstreams: [{ name: "Public", location: "https://index.example/simple/" }],
    readers: [{ name: "commerce", descriptor: "vssgp.x" }],
  },
  BaseImagePipeline: { ...templates, baseImage, firstRunAt: "https://dev.azure.com/contoso" },
  ContainerRegistry: {
    registryName: "contosowheelhouse",
    resourceGroupName: "rg-wheelhouse",
    location: "westeurope",
    sku: "Standard",
  },
  ElasticAgentPool: { poolName: "linux", projectId: "p", scaleSetId: "/subscriptions/s/x", endpointId: "e" },
  Platform: { settings, baseImages: [baseImage], apps: [app] },
  PreviewPipeline: { projectId: "p", repositoryName: "platform", pipelineName: "preview" },
  ServiceConnection: {
    connectionName: "push",
    access: "push",
    projectId: "p",
    registryId: "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/g/registry",
    registryName: "contosowheelhouse",
    resourceGroupName: "rg-wheelhouse",
    location: "westeurope",
    subscriptionName: "Contoso",
    requiredTemplates: [{ repositoryName: "Platform/wheelhouse", repositoryRef: "refs/heads/main", templatePath: "t" }],
  },
  TeamApplications: {
    shared: {
      format: 1,
      version: "0.1.0",
      stack: "contoso/wheelhouse/production",
      organization: "contoso",
      project: "Platform",
      projectId: "p",
      templateRepository: "wheelhouse",
      templateRepositoryId: "r",
      templateBranch: "refs/heads/main",
      platformRepositories: [],
      pushEndpointId: "e",
      registry: "contosowheelhouse.example.net",
      feedId: "f",
      feedScope: "project",
      indexUrl: "https://pkgs.dev.azure.com/contoso/Platform/_packaging/python/pypi/simple/",
      feedReaders: [],
      folder: "\\wheelhouse",
      pool: { kind: "hosted", vmImage: "ubuntu-24.04" },
      recipeSettings: { indexes: [] },
      baseImages: [{ name: "python-web", python: "3.12", platforms: ["linux/amd64"], user: "app" }],
      applications: [],
    },
    team: "commerce",
    apps: [app],
  },
  TemplateRepository: {
    projectId: "p",
    repositoryName: "wheelhouse",
    files: [{ path: "templates/application.yml", content: "steps: []\n" }],
  },
};
