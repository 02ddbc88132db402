/** A platform and an application on this machine's services, for tests that build for real. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { renderApplicationRecipe, renderBaseImageRecipe } from "../../../recipes";
import { startServices, type Builder, type Services } from "../../../sandbox/services";
import type { App } from "../../../spec";
import type { BakeReport } from "../../../tools/bake/result";
import { RegistryClient } from "../../../tools/registry";
import { application, baseImage } from "../../recipes/specs";
import { wheelhouse, type Ran } from "../command-line";
import { environmentWithUv } from "../uv";

export interface Baked extends Ran {
  readonly report: BakeReport;
}

export class Stand {
  /** Everything that any command has said. */
  readonly said: string[] = [];
  /** Every token that was given out. */
  readonly tokens: string[] = [];

  private constructor(
    readonly folder: string,
    readonly services: Services,
    readonly builder: Builder,
    readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async start(): Promise<Stand> {
    const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "wheelhouse-bake-test-")));
    const services = await startServices({ folder: path.join(folder, "services"), write: () => undefined });
    try {
      const builder = await services.builder();
      const withUv = await environmentWithUv();
      mkdirSync(path.join(folder, "tmp"));
      const stand = new Stand(folder, services, builder, {
        ...builder.environment,
        PATH: `${builder.environment.PATH ?? ""}${path.delimiter}${withUv.PATH ?? ""}`,
        TMPDIR: path.join(folder, "tmp"),
        UV_CACHE_DIR: path.join(folder, "uv-cache"),
        // What a machine may have set for other programs and that must not reach a build.
        PUSH: "true",
        APPLICATION: "/nowhere",
        INDEX_URL: "http://127.0.0.1:9/simple",
      });
      stand.rotateToken();
      stand.render(renderBaseImageRecipe(baseImage({ requirements: "idna\n" })));
      return stand;
    } catch (error) {
      await services.close();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.builder.dispose();
    await this.services.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A new job token in the secret files; the old one ends. */
  rotateToken(): string {
    const last = this.tokens.at(-1);
    if (last !== undefined) this.services.feed.revoke(last);
    const token = this.services.feed.issueToken({ role: "collaborator", seconds: 3600 });
    this.tokens.push(token);
    mkdirSync(path.join(this.folder, "secrets"), { recursive: true, mode: 0o700 });
    this.services.feed.writeSecrets(path.join(this.folder, "secrets"), token);
    return token;
  }

  /** Renders an application's recipe and writes its source. */
  application(app: Partial<App>, source: Readonly<Record<string, string>>): void {
    const complete = application(app);
    this.render(renderApplicationRecipe(complete, baseImage()));
    const folder = path.join("sources", complete.name);
    rmSync(path.join(this.folder, folder), { recursive: true, force: true });
    for (const [file, text] of Object.entries(source)) this.write(path.join(folder, file), text);
  }

  write(file: string, text: string): void {
    const target = path.join(this.folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), "utf8");
  }

  async resolve(kind: "apps" | "base-images", name: string): Promise<Ran> {
    const application = ["--source", `sources/${name}`, "--base", `${this.services.registry.host}/python-web:latest`];
    return await this.run([
      ...["resolve", "--recipe", `${kind}/${name}`, "--index-url", this.services.feed.indexUrl],
      ...["--netrc", "secrets/netrc", "--output", `locks/${name}`, "--json"],
      ...(kind === "apps" ? application : []),
    ]);
  }

  async bake(kind: "apps" | "base-images", name: string, ...more: string[]): Promise<Baked> {
    return await this.bakeAs(this.environment, kind, name, ...more);
  }

  async bakeAs(
    environment: NodeJS.ProcessEnv,
    kind: "apps" | "base-images",
    name: string,
    ...more: string[]
  ): Promise<Baked> {
    const args = [
      ...["bake", "--recipe", `${kind}/${name}`, "--registry", this.services.registry.host],
      ...["--index-url", this.services.feed.indexUrl, "--secrets", "secrets", "--builder", this.builder.name, "--json"],
      ...["--image-version", "1.2.3", "--created", "2026-01-02T03:04:05Z"],
      ...(kind === "apps" ? ["--source", `sources/${name}`] : []),
      ...more,
    ];
    const ran = await this.run(args, environment);
    return { ...ran, report: JSON.parse(ran.output) as BakeReport };
  }

  /** The environment of someone who may remove images, too. */
  get environmentWithDelete(): NodeJS.ProcessEnv {
    const { dockerConfig } = this.services.registry.user("delete");
    const builders = path.join(this.services.registry.dockerConfig, "buildx");
    return { ...this.environment, DOCKER_CONFIG: dockerConfig, BUILDX_CONFIG: builders };
  }

  /** A client with the registry's own credentials. */
  get client(): RegistryClient {
    return new RegistryClient({ environment: this.environment });
  }

  async isThere(repository: string, tagOrDigest: string): Promise<boolean> {
    const reference = { registry: this.services.registry.host, repository };
    const name = tagOrDigest.startsWith("sha256:") ? { digest: tagOrDigest } : { tag: tagOrDigest };
    return (await this.client.head({ ...reference, ...name })) !== undefined;
  }

  /** Files that commands left behind. */
  leftovers(): string[] {
    return readdirSync(path.join(this.folder, "tmp")).filter((name) => name.startsWith("wheelhouse-"));
  }

  private async run(args: readonly string[], environment = this.environment): Promise<Ran> {
    const ran = await wheelhouse(args, { environment, workingFolder: this.folder });
    this.said.push(ran.output, ran.errors);
    return ran;
  }

  private render(files: readonly { path: string; content: string }[]): void {
    for (const { path: file, content } of files) this.write(file, content);
  }
}
