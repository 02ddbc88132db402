/** The image that stands for the public Python image: made once on a machine, kept in the user's cache, pushed where it is asked for. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { lockedEnvironment, withLock } from "../../lock.mjs";
import { describeDuration, startProgress } from "../../progress.mjs";
import type { Registry, UpstreamImage } from "../types";
import { blobFile, imageDescription, packImage, type ImageDescription } from "./archive";
import { pushImage } from "./push";
import { makeRootFolder, pythonVersion } from "./root-folder";

/** What the image is made from and with; the wait of another run that makes it. */
export interface UpstreamImageParts {
  /** The user's cache folder. */
  readonly home: string;
  /** With the tools on its `PATH`. */
  readonly environment: NodeJS.ProcessEnv;
  readonly write: (line: string) => void;
  readonly registry: Pick<Registry, "host" | "user">;
}

const repository = "upstream/python";
const tag = `${pythonVersion}-slim`;
const makingSeconds = 40 * 60;

const variables = [
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "LANG=C.UTF-8",
  `PYTHON_VERSION=${pythonVersion}`,
];

export class UpstreamImages {
  private made: Promise<UpstreamImage> | undefined;

  public constructor(private readonly parts: UpstreamImageParts) {}

  /** The image, in the registry. @throws CommandFailed with debootstrap's own words */
  public async get(): Promise<UpstreamImage> {
    this.made ??= this.push();
    try {
      return await this.made;
    } catch (error) {
      // The next one who asks tries again.
      this.made = undefined;
      throw error;
    }
  }

  private async push(): Promise<UpstreamImage> {
    const { home, environment, write, registry } = this.parts;
    const folder = join(home, "images", `python-${recipe()}-${process.arch}`);
    const image = findImage(folder) ?? (await makeOnce(folder, environment, write));
    const { name, passwordFile } = registry.user("push");
    const password = readFileSync(passwordFile, "utf8");
    await pushImage(folder, image, { host: registry.host, repository, tag, user: name, password });
    return { reference: `${registry.host}/${repository}:${tag}`, digest: image.digest, python: pythonVersion };
  }
}

/** Changes with the code that makes the image, so that another one is made then. */
function recipe(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(__dirname).sort()) hash.update(name).update(readFileSync(join(__dirname, name)));
  return hash.digest("hex").slice(0, 12);
}

function findImage(folder: string): ImageDescription | undefined {
  try {
    const image = imageDescription.parse(JSON.parse(readFileSync(join(folder, "image.json"), "utf8")));
    return image.blobs.every(({ digest }) => existsSync(blobFile(folder, digest))) ? image : undefined;
  } catch {
    return undefined;
  }
}

async function makeOnce(
  folder: string,
  environment: NodeJS.ProcessEnv,
  write: (line: string) => void,
): Promise<ImageDescription> {
  const lock = `${folder}.lock`;
  const onWait = ({ pid }: { pid: number }): void => write(`Python image: waiting for process ${pid}, which makes it`);
  return withLock(lock, { work: "making the Python image", waitSeconds: makingSeconds, onWait }, async () => {
    return findImage(folder) ?? make(folder, lockedEnvironment(lock, environment), write);
  });
}

/** Makes it beside its place, and moves it there when it is whole. */
async function make(
  folder: string,
  environment: NodeJS.ProcessEnv,
  write: (line: string) => void,
): Promise<ImageDescription> {
  const started = Date.now();
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  const progress = startProgress("Python image", write);
  try {
    progress.report("made once on this machine, about a minute: asking for Debian's packages");
    const root = join(unfinished, "root");
    const time = await makeRootFolder(root, environment, progress.report);
    progress.report("packing");
    const command = ["python3"];
    const image = await packImage({ root, folder: unfinished, time, environment, variables, command });
    rmSync(root, { recursive: true, force: true });
    writeFileSync(join(unfinished, "image.json"), JSON.stringify(image));
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
    write(`Python image: made in ${describeDuration(Date.now() - started)}`);
    return image;
  } finally {
    progress.end();
    rmSync(unfinished, { recursive: true, force: true });
  }
}
