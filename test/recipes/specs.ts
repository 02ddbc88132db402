/** Specs for tests: complete ones, of which a test names only what it is about. */
import type { App, BaseImage } from "../../spec";
import type { RecipeSettings } from "../../recipes";

/** What the platform of the golden files offers beside the feed: one index with credentials, and one without. */
export const platform: RecipeSettings = {
  indexes: [
    { name: "nexus-two", url: "https://packages.example.com/repository/python/simple/", connection: "Nexus (read)" },
    { name: "open", url: "https://open.example.com/simple", connection: undefined },
  ],
  sbomGenerator: `registry.example.com/tools/scanner@sha256:${"0a".repeat(32)}`,
  upstreamRegistry: "mirror.example.com:5443/public",
};

export function baseImage(parts: Partial<BaseImage> = {}): BaseImage {
  return {
    name: "python-web",
    description: undefined,
    upstream: "python",
    python: "3.13",
    tag: "3.13-slim",
    schedule: "0 4 * * *",
    platforms: ["linux/amd64"],
    requirements: "gunicorn\n",
    systemPackages: undefined,
    user: "app",
    env: {},
    pool: undefined,
    ...parts,
  };
}

export function application(parts: Partial<App> = {}): App {
  return {
    name: "orders",
    description: undefined,
    team: undefined,
    baseImage: "python-web",
    repository: { kind: "create", name: "orders" },
    python: undefined,
    requirements: "pyproject.toml",
    lock: undefined,
    scripts: [],
    extras: {},
    indexes: [],
    systemPackages: undefined,
    dockerfile: undefined,
    user: undefined,
    env: {},
    ports: [],
    healthcheck: undefined,
    branches: ["main"],
    pool: undefined,
    ...parts,
  };
}

/** Base images by the golden folder that each is rendered into. */
export const baseImages: Readonly<Record<string, BaseImage>> = {
  plain: baseImage(),
  full: baseImage({
    name: "python-data",
    description: "Science, with 100 % of what ${everyone} wants",
    upstream: "registry.example.com/mirror/python",
    tag: "3.13-slim-trixie",
    schedule: "30 5 * * 1-5",
    platforms: ["linux/amd64", "linux/arm64"],
    requirements: "numpy\npandas",
    systemPackages: "libpq5\nlibpq-dev [compile]",
    user: "runner",
    env: { TZ: "UTC", LANG: "C.UTF-8" },
    pool: { kind: "named", name: "big builders", demands: ["docker", "cores -equals 16"] },
  }),
};

/** The base image of an application of the golden files. */
export function baseImageOf(app: Pick<App, "baseImage">): BaseImage {
  const found = Object.values(baseImages).find(({ name }) => name === app.baseImage);
  if (found === undefined) throw new Error(`no base image ${app.baseImage}`);
  return found;
}

/** Applications by the golden folder that each is rendered into. */
export const applications: Readonly<Record<string, App>> = {
  minimal: application({ name: "minimal" }),
  scripts: application({
    description: "Takes orders",
    team: "commerce",
    scripts: ["orders-api", "migrate"],
    extras: { "orders-api": ["http"] },
    user: "1000",
    env: { LOG_LEVEL: "info", GREETING: 'say "hi" for $5 \\ day' },
    ports: [9000, 8000],
    healthcheck: { command: ["python", "-m", "orders.health"], interval: 20, timeout: 3, startPeriod: 0, retries: 5 },
    branches: ["main", "release/2026"],
    pool: { kind: "named", name: "big builders", demands: ["docker"] },
  }),
  "one-script": application({ name: "reports", scripts: ["reports"] }),
  "own-lock": application({ name: "forecast", lock: "locks/all.txt", scripts: ["train", "serve"] }),
  "system-packages": application({
    name: "billing",
    systemPackages: "deploy/bindep.txt",
    requirements: "requirements.in",
    scripts: ["bill", "remind"],
  }),
  "two-platforms": application({
    name: "demand",
    baseImage: "python-data",
    scripts: ["predict"],
    extras: { "*": ["plots"], predict: ["fast", "plots"] },
    systemPackages: "bindep.txt",
  }),
  "own-lock-and-system-packages": application({
    name: "scans",
    lock: "requirements.lock",
    systemPackages: "bindep.txt",
    healthcheck: { command: ["python", "-m", "scans.health"], interval: 30, timeout: 5, startPeriod: 10, retries: 3 },
  }),
  "further-indexes": application({ name: "prices", indexes: ["open", "nexus-two"], scripts: ["prices"] }),
  "own-dockerfile-and-further-index": application({
    name: "ledger",
    dockerfile: "Dockerfile",
    indexes: ["nexus-two"],
  }),
  "own-dockerfile": application({
    name: "legacy",
    description: "Older than the road",
    dockerfile: "docker/Dockerfile",
    repository: { kind: "existing", name: "shop", pipelineFile: "legacy/azure-pipelines.yml" },
  }),
};
