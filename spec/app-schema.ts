/** What `apps/<name>.yaml` may say, and how it becomes an {@link App}. */
import { z } from "zod";
import { environment, pool, text, toPool, uniqueList } from "./fields";
import { imageName } from "./images";
import type { App, AppRepository, HealthCheck } from "./model";
import { repositoryName, specName, teamName } from "./names";
import { indexNames } from "./package-indexes";
import { lockPath, pipelinePath, relativePath, requirementsPath } from "./paths";
import { branchName, commandWord, description, extraName, pythonVersion, runAsUser, scriptName } from "./texts";

const DEFAULT_PIPELINE_FILE = "azure-pipelines.yml";

const repository = z
  .union([
    text(repositoryName, { description: "Name of an existing repository of the project." }),
    z.strictObject({ create: text(repositoryName, { description: "Name of the repository to make." }) }),
    z.strictObject({
      existing: text(repositoryName, { description: "Name of an existing repository of the project." }),
      pipelineFile: text(pipelinePath, { description: "Where its pipeline is." }).default(DEFAULT_PIPELINE_FILE),
    }),
  ])
  .meta({
    description:
      "Where the source lives: the name of an existing repository, { existing, pipelineFile }, or { create }. Default: a new repository named as the application.",
    examples: ["orders", { create: "orders" }, { existing: "shop", pipelineFile: "orders/azure-pipelines.yml" }],
  });

const extra = text(extraName, { description: "An extra of the application's package.", examples: ["postgres"] });

const extras = z
  .union([
    uniqueList(extra),
    z.record(z.string().meta({ description: 'A console script, or "*" for every image.' }), uniqueList(extra)),
  ])
  .default([])
  .meta({
    description:
      'Extras to install: a list for every image, or lists by console script ("*": every image). By itself, an extra named as a script (dashes as underscores: orders_worker) goes into that image, and one named as the application with _base (orders_base) into all.',
    examples: [["postgres"], { "orders-api": ["http"] }],
  });

const seconds = (what: string, least: number) =>
  z
    .int()
    .min(least)
    .max(3600)
    .meta({ description: `${what}, in seconds.` });

const command = z
  .array(text(commandWord, { description: "A word of the command." }))
  .min(1)
  .max(32)
  .meta({
    description: "The command as a list of words; it runs in the container, without a shell.",
    examples: [["python", "-m", "orders.health"]],
  });

const healthcheck = z
  .union([
    command,
    z.strictObject({
      command,
      interval: seconds("Time between two checks", 1).default(30),
      timeout: seconds("Time after which a check has failed", 1).default(5),
      startPeriod: seconds("Time in which failures do not count", 0).default(10),
      retries: z
        .int()
        .min(1)
        .max(100)
        .default(3)
        .meta({ description: "Failures in a row after which the container is unhealthy." }),
    }),
  ])
  .meta({
    description:
      "What tells whether a container is healthy: a command as a list of words, or an object with its times. Default: none.",
  });

/** `apps/<name>.yaml`, as users write it. */
export const appSchema = z
  .strictObject({
    name: text(specName, {
      description:
        "Name of the application: of its file, pipeline, repository and image. Lowercase letters, digits and single hyphens.",
      pattern: "^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
      examples: ["orders"],
    }),
    description: text(description, { description: "What the application is for, in one line." }).optional(),
    team: text(teamName, {
      description: "Azure DevOps group that owns it; it may read the feed.",
      examples: ["commerce"],
    }).optional(),
    baseImage: text(specName, {
      description: "Name of the base image: a folder of base-images/.",
      examples: ["python-web"],
    }),
    repository: repository.optional(),
    python: text(pythonVersion, {
      description: "Python version it wants, in quotes; must be the base image's. Default: the base image's.",
      pattern: "^3\\.[0-9]+$",
      examples: ["3.12"],
    }).optional(),
    requirements: text(requirementsPath, {
      description: "pyproject.toml or a requirements file, relative to the application's repository.",
    }).default("pyproject.toml"),
    lock: text(lockPath, {
      description:
        "Lock with hashes that the team keeps itself, relative to its repository. Default: the pipeline resolves one.",
    }).optional(),
    scripts: uniqueList(
      text(scriptName, { description: "A console script of the application's package.", examples: ["orders-api"] }),
      imageWord,
    )
      .default([])
      .meta({ description: "Console scripts: one image each. Default: one image, named as the application." }),
    extras,
    indexes: indexNames,
    systemPackages: text(relativePath, {
      description: "bindep file with distribution packages, relative to the application's repository. Default: none.",
      examples: ["bindep.txt"],
    }).optional(),
    dockerfile: text(relativePath, {
      description: "Dockerfile of the team's own, relative to its repository; it then says all that the image is.",
      examples: ["Dockerfile"],
    }).optional(),
    user: text(runAsUser, {
      description: "User that the image runs as: the base image's, or a number in quotes. Default: the base image's.",
    }).optional(),
    env: environment,
    ports: uniqueList(z.int().min(1).max(65535).meta({ description: "A TCP port." }))
      .default([])
      .meta({ description: "Ports that the application listens on.", examples: [[8000]] }),
    healthcheck: healthcheck.optional(),
    branches: uniqueList(text(branchName, { description: "A branch." }))
      .min(1)
      .default(["main"])
      .meta({ description: "Branches whose pushes publish images. The first is the default branch." }),
    pool: pool.optional(),
  })
  .meta({
    title: "Wheelhouse application",
    description: "One Python application on the paved road: apps/<name>.yaml.",
  });

/** What passes {@link appSchema}. */
export type WrittenApp = z.infer<typeof appSchema>;

function imageWord(script: string): string {
  return imageName("", script);
}

/** The application with every default filled in. */
export function toApp(written: WrittenApp): App {
  return {
    name: written.name,
    description: written.description,
    team: written.team,
    baseImage: written.baseImage,
    repository: toRepository(written),
    python: written.python,
    requirements: written.requirements,
    lock: written.lock,
    scripts: written.scripts,
    extras: toExtras(written.extras),
    indexes: written.indexes,
    systemPackages: written.systemPackages,
    dockerfile: written.dockerfile,
    user: written.user,
    env: written.env,
    ports: written.ports,
    healthcheck: toHealthCheck(written.healthcheck),
    branches: written.branches,
    pool: written.pool === undefined ? undefined : toPool(written.pool),
  };
}

function toRepository(written: WrittenApp): AppRepository {
  const { repository: where } = written;
  if (where === undefined) {
    return { kind: "create", name: written.name };
  }
  if (typeof where === "string") {
    return { kind: "existing", name: where, pipelineFile: DEFAULT_PIPELINE_FILE };
  }
  return "create" in where
    ? { kind: "create", name: where.create }
    : { kind: "existing", name: where.existing, pipelineFile: where.pipelineFile };
}

function toExtras(written: WrittenApp["extras"]): App["extras"] {
  if (!Array.isArray(written)) {
    return written;
  }
  return written.length === 0 ? {} : { "*": written };
}

function toHealthCheck(written: WrittenApp["healthcheck"]): HealthCheck | undefined {
  return Array.isArray(written) ? { command: written, interval: 30, timeout: 5, startPeriod: 10, retries: 3 } : written;
}
