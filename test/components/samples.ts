/** Specs and settings that the tests of the components declare platforms from. */
import type { App, BaseImage, Settings } from "../../spec";
import { application, baseImage as makeBaseImage } from "../recipes/specs";

export const settings: Settings = {
  organization: "contoso",
  addresses: {
    organization: "https://dev.azure.com/contoso",
    feeds: "https://feeds.dev.azure.com/contoso",
    packages: "https://pkgs.dev.azure.com/contoso",
  },
  project: "Platform",
  createProject: false,
  subscriptionName: "Contoso",
  location: "westeurope",
  resourceGroup: "rg-wheelhouse",
  createResourceGroup: true,
  registry: { name: "contosowheelhouse", sku: "Standard", untaggedRetentionDays: 7, allowedNetworks: [] },
  feed: {
    name: "python",
    scope: "project",
    upstreams: [{ name: "Public", location: "https://index.example/simple/", kind: "public" }],
    versionsKept: 50,
    daysToKeepDownloaded: 30,
  },
  indexes: [],
  sbomGenerator: undefined,
  upstreamRegistry: undefined,
  templateRepository: "wheelhouse",
  platformRepository: undefined,
  preview: undefined,
  pool: { kind: "hosted", vmImage: "ubuntu-24.04" },
  elasticPool: undefined,
  builder: { driver: "docker-container", image: undefined },
  timeoutMinutes: { application: 60, baseImage: 120 },
  firstRun: "queue",
  tags: { "managed-by": "pulumi" },
  protect: true,
};

export const baseImage: BaseImage = makeBaseImage({ requirements: "uvicorn\n" });

/** An application with everything by default, and what is given on top. */
export function app(name: string, more: Partial<App> = {}): App {
  return application({ name, repository: { kind: "create", name }, ...more });
}

/** One application of every kind that costs resources differently. */
export const everyKind: readonly App[] = [
  app("plain"),
  app("scripted", { scripts: ["scripted-api", "scripted-worker"], extras: { "*": ["metrics"] }, team: "commerce" }),
  app("packaged", { systemPackages: "bindep.txt", env: { LOG_LEVEL: "info" }, ports: [8000] }),
  app("branched", { branches: ["release", "main", "next"] }),
  app("pooled", { pool: { kind: "named", name: "Linux builders", demands: ["docker"] } }),
  app("locked", { lock: "requirements.lock", team: "commerce" }),
  app("dockerized", { dockerfile: "Dockerfile" }),
  app("settled", { repository: { kind: "existing", name: "legacy", pipelineFile: "ci/wheelhouse.yml" } }),
  app("checked", {
    healthcheck: { command: ["python", "-m", "checked"], interval: 30, timeout: 5, startPeriod: 10, retries: 3 },
  }),
];
