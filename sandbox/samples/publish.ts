/** Publishes the samples' private packages to a feed, as the team that owns them does. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";

import { checkout } from "../home.mjs";
import { run } from "../process.mjs";

/** A private package of the samples. */
export interface SamplePackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** Names of the files that are published. */
  readonly files: readonly string[];
}

export interface PublishOptions {
  /** Where the feed takes packages; ends with `/upload/`. */
  readonly uploadUrl: string;
  /** The feed's simple index: what building needs comes from there, and what it holds already is not published again. */
  readonly indexUrl: string;
  /** Of somebody who may publish. Handed on by environment and a file, never as an argument. */
  readonly token: string;
  /** With `uv` on its `PATH`. Default: this process' own. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly report?: (text: string) => void;
}

/** Published as source only, so that each who installs it compiles it. */
const SOURCE_ONLY = new Set(["contoso-thumbnail"]);

const projectSchema = z.object({ project: z.object({ name: z.string(), version: z.string() }) });

/** Folder of the samples' private packages. */
export const packagesFolder = path.join(checkout, "samples", "packages");

/** Folder of the samples' applications, one repository's content each. */
export const applicationsFolder = path.join(checkout, "samples", "applications");

/** The packages in the order of their names. */
export function samplePackages(): SamplePackage[] {
  return readdirSync(packagesFolder)
    .sort()
    .map((entry) => {
      const folder = path.join(packagesFolder, entry);
      const { project } = projectSchema.parse(parse(readFileSync(path.join(folder, "pyproject.toml"), "utf8")));
      const start = `${project.name.replaceAll("-", "_")}-${project.version}`;
      const wheel = SOURCE_ONLY.has(project.name) ? [] : [`${start}-py3-none-any.whl`];
      return { ...project, folder, files: [`${start}.tar.gz`, ...wheel] };
    });
}

/**
 * Builds what the feed does not hold yet and publishes it.
 * @returns names of the files that were published
 * @throws CommandFailed where uv cannot build or publish, FeedRefused where the feed does not answer its index.
 */
export async function publishSamplePackages(options: PublishOptions): Promise<string[]> {
  const { token, uploadUrl, indexUrl, report = () => undefined } = options;
  const work = mkdtempSync(path.join(tmpdir(), "wheelhouse-publish-"));
  try {
    const netrc = path.join(work, "netrc");
    const { hostname } = new URL(indexUrl);
    writeFileSync(netrc, `machine ${hostname}\nlogin publisher\npassword ${token}\n`, { mode: 0o600 });
    const environment = {
      ...(options.environment ?? process.env),
      UV_DEFAULT_INDEX: indexUrl,
      NETRC: netrc,
      UV_PUBLISH_USERNAME: "publisher",
      UV_PUBLISH_PASSWORD: token,
    };
    const published: string[] = [];
    for (const sample of samplePackages()) {
      const held = await filesInFeed(indexUrl, sample.name, token);
      const missing = sample.files.filter((file) => !held.has(file));
      if (missing.length === 0) continue;
      report(`publishing ${sample.name} ${sample.version}`);
      const files = await build(sample, missing, path.join(work, sample.name), environment);
      await run("uv", ["publish", "--quiet", "--trusted-publishing", "never", "--publish-url", uploadUrl, ...files], {
        env: environment,
        timeoutSeconds: 120,
      });
      published.push(...missing);
    }
    return published;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Builds from a copy: some build tools leave files of theirs in the source. */
async function build(
  sample: SamplePackage,
  wanted: readonly string[],
  work: string,
  environment: NodeJS.ProcessEnv,
): Promise<string[]> {
  const source = path.join(work, "source");
  const output = path.join(work, "dist");
  mkdirSync(work);
  cpSync(sample.folder, source, { recursive: true, filter: (file) => !file.includes("__pycache__") });
  const kinds = SOURCE_ONLY.has(sample.name) ? ["--sdist"] : ["--sdist", "--wheel"];
  await run("uv", ["build", "--quiet", "--no-progress", ...kinds, "--out-dir", output, source], {
    env: environment,
    timeoutSeconds: 300,
  });
  return wanted.map((file) => path.join(output, file));
}

/** The feed did not say what it holds. */
export class FeedRefused extends Error {
  constructor(indexUrl: string, status: number) {
    super(
      `${indexUrl} answered ${status} when asked for a package.\n` +
        "  Give a token that is valid and may publish; 401 means that it is neither.",
    );
    this.name = "FeedRefused";
  }
}

async function filesInFeed(indexUrl: string, name: string, token: string): Promise<Set<string>> {
  const authorization = `Basic ${Buffer.from(`publisher:${token}`).toString("base64")}`;
  const answer = await fetch(new URL(`${name}/`, indexUrl.endsWith("/") ? indexUrl : `${indexUrl}/`), {
    headers: { authorization, accept: "text/html" },
    signal: AbortSignal.timeout(60_000),
  });
  if (answer.status === 404) return new Set();
  if (!answer.ok) throw new FeedRefused(indexUrl, answer.status);
  return new Set(
    [...(await answer.text()).matchAll(/>\s*([^<>\s]+\.(?:whl|tar\.gz))\s*</g)].map(([, file]) => file ?? ""),
  );
}
