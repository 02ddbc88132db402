/** Docker@2's logins: a folder for `DOCKER_CONFIG` in the job's temporary folder, with the credentials of registries. */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, sep } from "node:path";

import writeFileAtomic from "write-file-atomic";
import { z } from "zod";

import type { TaskHost } from "./task";

const configuration = z.looseObject({ auths: z.record(z.string(), z.unknown()).optional() });

type Configuration = z.infer<typeof configuration>;

/** What is sent to a registry beside the credentials, as the task has it. */
const headers = { "X-Meta-Source-Client": "VSTS" };

export interface Login {
  readonly host: string;
  readonly username: string;
  readonly password: string;
}

/** The logins of a job as one step of the task sees them. */
export class DockerLogins {
  /** What was there before this step logged in to a registry that it was logged in to already. */
  private before: string | undefined;
  private madeFolder: string | undefined;

  public constructor(private readonly host: TaskHost) {}

  /** The folder of this step's `docker`: that of an earlier login, or its own. */
  public get folder(): string | undefined {
    return this.madeFolder ?? this.host.variable("DOCKER_CONFIG");
  }

  /** Registries that the job is logged in to. */
  public registries(): string[] {
    const file = this.existingFile();
    return file === undefined ? [] : Object.keys(this.read(file).auths ?? {});
  }

  /** Adds a registry's credentials to those that are there. */
  public add({ host, username, password }: Login): void {
    const auth = Buffer.from(`${username}:${password}`).toString("base64");
    this.host.setSecret(password);
    this.host.setSecret(auth);
    this.host.setVariable("CONTAINER_AUTHENTICATIONTOKEN", auth, { secret: true });
    const file = this.existingFile();
    if (file === undefined) {
      this.madeFolder = join(this.host.tempFolder, `DockerConfig_${Date.now()}`);
      mkdirSync(this.madeFolder, { recursive: true, mode: 0o700 });
      const made = { auths: { [host]: { auth, email: "" } }, HttpHeaders: headers };
      this.write(join(this.madeFolder, "config.json"), made);
      return;
    }
    const known = this.read(file);
    if (known.auths?.[host] !== undefined) this.before = readFileSync(file, "utf8");
    this.write(file, { ...known, auths: { ...known.auths, [host]: { auth, email: "" } } });
  }

  /** Makes this step's logins those of the steps that follow. @throws Error where there are none */
  public keep(): void {
    const { folder } = this;
    if (folder === undefined || !existsSync(folder))
      throw new Error("Docker registry service connection not specified.");
    this.host.setVariable("DOCKER_CONFIG", folder);
  }

  /** Ends one registry's login, or brings back the one before; without a registry, all. */
  public remove(registry: string | undefined): void {
    const file = this.madeFolder === undefined ? this.existingFile() : join(this.madeFolder, "config.json");
    if (registry === undefined || file === undefined) {
      this.removeAll();
      return;
    }
    if (this.before !== undefined) {
      writeFileAtomic.sync(file, this.before, { mode: 0o600 });
      return;
    }
    const known = this.read(file);
    const { [registry]: removed, ...others } = known.auths ?? {};
    if (removed === undefined) return;
    if (Object.keys(others).length > 0) this.write(file, { ...known, auths: others });
    else this.removeAll();
  }

  private removeAll(): void {
    const { folder } = this;
    if (folder !== undefined && this.isOurs(folder)) rmSync(folder, { recursive: true, force: true });
    // Also where this step's login was never kept: so does the task.
    this.host.setVariable("DOCKER_CONFIG", "");
    this.madeFolder = undefined;
  }

  private existingFile(): string | undefined {
    const folder = this.host.variable("DOCKER_CONFIG");
    if (folder === undefined || folder === "" || !this.isOurs(folder)) return undefined;
    const file = join(folder, "config.json");
    return existsSync(file) ? file : undefined;
  }

  private isOurs(folder: string): boolean {
    return folder.startsWith(this.host.tempFolder + sep);
  }

  private read(file: string): Configuration {
    try {
      return configuration.parse(JSON.parse(readFileSync(file, "utf8")));
    } catch (cause) {
      throw new Error(`Could not parse the Docker config obtained from the file ${file}.`, { cause });
    }
  }

  private write(file: string, content: Configuration): void {
    writeFileAtomic.sync(file, JSON.stringify(content), { mode: 0o600 });
  }
}
