/** The `wheelhouse:*` configuration keys: what each may be, its default, and how they become {@link Settings}. */
import { z } from "zod";
import { network, serviceAddress, upstreamLocation } from "./addresses";
import { builder, toBuilder } from "./builder-schema";
import { elasticPool, toElasticPool } from "./elastic-pool-schema";
import { pool, text, toPool, uniqueList } from "./fields";
import type { Settings } from "./model";
import { feedName, organizationName, projectName, registryName, repositoryName, resourceGroupName } from "./names";
import { packageIndexes, toPackageIndexes } from "./package-indexes";
import { preview, toPreview } from "./preview-schema";
import { quote, type Rule } from "./rule";
import { imageByDigest, upstreamRegistry } from "./texts";

/** Azure region: its short name. */
const location: Rule = (written) =>
  /^[a-z][a-z0-9]{2,39}$/.test(written)
    ? undefined
    : {
        message: `${quote(written)} is not an Azure region`,
        mend: `write its short name, such as ${written.toLowerCase().replace(/[^a-z0-9]/g, "") || "westeurope"}`,
      };

/** Name of a subscription, as Azure shows it: at most 64 characters; it gets into YAML, so nothing that could break out of it. */
const subscriptionName: Rule = (written) =>
  /^[\p{L}\p{N}](?:[\p{L}\p{N} _.()/-]{0,62}[\p{L}\p{N}).])?$/u.test(written)
    ? undefined
    : {
        message: `${quote(written)} is not a subscription's name that can be used`,
        mend: "use at most 64 letters, digits, spaces and - _ . ( ) /",
      };

/** Name of an upstream source, as Azure DevOps shows it. */
const upstreamName: Rule = (written) =>
  /^[\p{L}\p{N}](?:[\p{L}\p{N} _.@-]{0,62}[\p{L}\p{N}])?$/u.test(written)
    ? undefined
    : {
        message: `${quote(written)} is not a name for an upstream source`,
        mend: "use at most 64 letters, digits, spaces and - _ . @",
      };

/**
 * Tag of an Azure resource: a name of at most 512 characters without `< > % & \ ? /`, a value of at most 256.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
 */
const tagName: Rule = (written) =>
  /^[^\p{C}\p{Zl}\p{Zp}<>%&\\?/]{1,512}$/u.test(written)
    ? undefined
    : {
        message: `${quote(written)} is not a name for a tag`,
        mend: "use at most 512 characters, without < > % & \\ ? /",
      };

const tagValue: Rule = (written) =>
  /^[^\p{C}\p{Zl}\p{Zp}]{0,256}$/u.test(written)
    ? undefined
    : {
        message: "the tag's value is too long, or has a character that cannot be seen",
        mend: "use at most 256 characters on one line",
      };

const upstream = z.strictObject({
  name: text(upstreamName, { description: "Name of the upstream source." }),
  location: text(upstreamLocation, {
    description: "Address of the index, as Azure DevOps shows it under Feed settings, Upstream sources.",
  }),
  kind: z.enum(["public", "internal"]).default("public"),
});

/** Minutes of a run: no build is done in less than five, and what takes a day hangs. */
const runMinutes = z.int().min(5).max(1440);

/**
 * Minutes after which Microsoft's own agents end a job.
 * Source: https://learn.microsoft.com/azure/devops/pipelines/process/phases#timeouts
 */
const HOSTED_MINUTES = 360;

/** How a key is read (of an optional structure, an empty one is none): as text, as a number or truth value written as text, or as a structure. */
export type ConfigKind = "text" | "number" | "boolean" | "structure" | "optionalStructure" | "structureOrText";

/** Every key of the namespace `wheelhouse`. */
export const CONFIG_KEYS = {
  organization: "text",
  organizationUrl: "text",
  feedsUrl: "text",
  packagesUrl: "text",
  project: "text",
  createProject: "boolean",
  subscriptionName: "text",
  location: "text",
  resourceGroup: "text",
  createResourceGroup: "boolean",
  registryName: "text",
  registrySku: "text",
  untaggedRetentionDays: "number",
  allowedNetworks: "structure",
  feedName: "text",
  feedScope: "text",
  upstreams: "structure",
  versionsKept: "number",
  daysToKeepDownloaded: "number",
  indexes: "structure",
  sbomGenerator: "text",
  upstreamRegistry: "text",
  templateRepository: "text",
  platformRepository: "text",
  preview: "optionalStructure",
  pool: "structureOrText",
  elasticPool: "optionalStructure",
  builder: "structure",
  applicationTimeoutMinutes: "number",
  baseImageTimeoutMinutes: "number",
  firstRun: "text",
  tags: "structure",
  protect: "boolean",
} as const satisfies Readonly<Record<string, ConfigKind>>;

/** The configuration as written, with the keys of {@link CONFIG_KEYS}. */
export const configSchema = z
  .strictObject({
    organization: text(organizationName, { description: "Name of the Azure DevOps organization." }),
    organizationUrl: text(serviceAddress, { description: "Address of Azure DevOps." }).optional(),
    feedsUrl: text(serviceAddress, { description: "Address of the feeds service." }).optional(),
    packagesUrl: text(serviceAddress, { description: "Address of the packages service." }).optional(),
    project: text(projectName, { description: "Azure DevOps project." }),
    createProject: z.boolean().default(false),
    subscriptionName: text(subscriptionName, { description: "Name of the Azure subscription." }),
    location: text(location, { description: "Azure region." }),
    resourceGroup: text(resourceGroupName, { description: "Resource group of the registry." }),
    createResourceGroup: z.boolean().default(true),
    registryName: text(registryName, { description: "Name of the container registry." }),
    registrySku: z.enum(["Basic", "Standard", "Premium"]).default("Standard"),
    untaggedRetentionDays: z.int().min(0).max(365).default(7),
    allowedNetworks: uniqueList(text(network, { description: "IPv4 range." })).default([]),
    feedName: text(feedName, { description: "Name of the feed." }),
    feedScope: z.enum(["project", "organization"]).default("project"),
    upstreams: z.array(upstream).max(20),
    versionsKept: z.int().min(1).max(5000).default(50),
    daysToKeepDownloaded: z.int().min(1).max(365).default(30),
    indexes: packageIndexes.default([]),
    sbomGenerator: text(imageByDigest, { description: "Image, by digest, that makes SBOMs." }).optional(),
    upstreamRegistry: text(upstreamRegistry, { description: "Registry of upstream images." }).optional(),
    templateRepository: text(repositoryName, { description: "Repository of templates and recipes." }).default(
      "wheelhouse",
    ),
    platformRepository: text(repositoryName, { description: "Repository of this program." }).optional(),
    preview: preview.optional(),
    pool: pool.default("ubuntu-24.04"),
    elasticPool: elasticPool.optional(),
    builder: builder.default({ driver: "docker-container" }),
    applicationTimeoutMinutes: runMinutes.default(60),
    baseImageTimeoutMinutes: runMinutes.default(120),
    firstRun: z.enum(["queue", "none"]).default("queue"),
    tags: z
      .record(text(tagName, { description: "Name of a tag." }), text(tagValue, { description: "Value of a tag." }))
      .default({}),
    protect: z.boolean().default(true),
  })
  .superRefine(checkTogether, { when: ({ value }) => typeof value === "object" && value !== null });

/** What needs more than one key. Runs also where a key is refused by itself, so values may be of any type. */
function checkTogether(written: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const { registrySku, allowedNetworks, templateRepository, platformRepository } = written;
  const refuse = (key: string, message: string, mend: string): void => {
    context.addIssue({ code: "custom", path: [key], message, params: { mend } });
  };
  checkTimeouts(written, refuse);
  const filtered = Array.isArray(allowedNetworks) && allowedNetworks.length > 0;
  if (filtered && (registrySku === "Basic" || registrySku === "Standard")) {
    refuse(
      "allowedNetworks",
      `a ${registrySku} registry has no network rules`,
      "take a Premium registry (registrySku), or take allowedNetworks out",
    );
  }
  if (
    typeof platformRepository === "string" &&
    typeof templateRepository === "string" &&
    platformRepository.toLowerCase() === templateRepository.toLowerCase()
  ) {
    refuse("platformRepository", "it is the template repository", "keep this program in a repository of its own");
  }
  if (written.preview !== undefined && platformRepository === undefined) {
    refuse(
      "preview",
      "there is no repository whose pull requests would show it",
      "set platformRepository to the one that holds this program, or take preview out",
    );
  }
}

/** A limit that a hosted agent would not let a run come to. */
function checkTimeouts(
  written: Readonly<Record<string, unknown>>,
  refuse: (key: string, message: string, mend: string) => void,
): void {
  const { pool: chosen } = written;
  const isHosted = typeof chosen === "string" || (typeof chosen === "object" && chosen !== null && "vmImage" in chosen);
  for (const key of ["applicationTimeoutMinutes", "baseImageTimeoutMinutes"]) {
    const minutes = written[key];
    if (isHosted && typeof minutes === "number" && minutes > HOSTED_MINUTES) {
      refuse(
        key,
        `Microsoft-hosted agents end a job after ${HOSTED_MINUTES} minutes`,
        `take at most ${HOSTED_MINUTES}, or a pool of your own (pool)`,
      );
    }
  }
}

/** The settings with addresses derived from the organization's name. */
export function toSettings(written: z.infer<typeof configSchema>): Settings {
  const address = (configured: string | undefined, service: string): string =>
    (configured ?? `https://${service}/${written.organization}`).replace(/\/+$/, "");
  return {
    organization: written.organization,
    addresses: {
      organization: address(written.organizationUrl, "dev.azure.com"),
      feeds: address(written.feedsUrl, "feeds.dev.azure.com"),
      packages: address(written.packagesUrl, "pkgs.dev.azure.com"),
    },
    project: written.project,
    createProject: written.createProject,
    subscriptionName: written.subscriptionName,
    location: written.location,
    resourceGroup: written.resourceGroup,
    createResourceGroup: written.createResourceGroup,
    registry: {
      name: written.registryName,
      sku: written.registrySku,
      untaggedRetentionDays: written.untaggedRetentionDays,
      allowedNetworks: written.allowedNetworks,
    },
    feed: {
      name: written.feedName,
      scope: written.feedScope,
      upstreams: written.upstreams,
      versionsKept: written.versionsKept,
      daysToKeepDownloaded: written.daysToKeepDownloaded,
    },
    indexes: toPackageIndexes(written.indexes),
    sbomGenerator: written.sbomGenerator,
    upstreamRegistry: written.upstreamRegistry,
    templateRepository: written.templateRepository,
    platformRepository: written.platformRepository,
    preview: written.preview === undefined ? undefined : toPreview(written.preview),
    pool: toPool(written.pool),
    elasticPool: written.elasticPool === undefined ? undefined : toElasticPool(written.elasticPool),
    builder: toBuilder(written.builder),
    timeoutMinutes: { application: written.applicationTimeoutMinutes, baseImage: written.baseImageTimeoutMinutes },
    firstRun: written.firstRun,
    tags: written.tags,
    protect: written.protect,
  };
}
