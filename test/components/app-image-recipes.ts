/** Recipes in a folder of their own, with locks and a source, for tests of what is built of them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { renderApplicationRecipe, renderBaseImageRecipe } from "../../recipes";
import type { RenderedFile } from "../../spec";
import { application, baseImage } from "../recipes/specs";

export const digest = (character: string): string => `sha256:${character.repeat(64)}`;

/** What every AppImage of the tests is given. */
export const machine = {
  registry: "registry.example.net",
  indexUrl: "https://feed.example.net/simple/",
  builder: "wheelhouse",
};

export class RecipeFolder {
  public readonly path = mkdtempSync(join(tmpdir(), "wheelhouse-app-image-"));

  public write(file: string, content: string): string {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  public at(folder: string): string {
    return join(this.path, folder);
  }

  /** Arguments for the base image `python-web`. */
  public base() {
    this.writeAll(renderBaseImageRecipe(baseImage()));
    this.write("locks/requirements.txt", "gunicorn==23.0.0 --hash=sha256:00\n");
    return {
      ...machine,
      recipe: this.at("base-images/python-web"),
      lock: this.at("locks"),
      upstream: "mirror.example.net/python:3.13-slim",
      upstreamDigest: digest("c"),
      secretVariables: { netrc: "WHEELHOUSE_NETRC" },
    };
  }

  /** Arguments for an application with two console scripts and a lock for each. */
  public application() {
    this.writeAll(renderApplicationRecipe(application({ scripts: ["orders-api", "orders-worker"] }), baseImage()));
    for (const script of ["orders-api", "orders-worker"]) {
      this.write(`locks/${script}/requirements.txt`, `flask==3.1.0 --hash=sha256:00\n# ${script}\n`);
    }
    this.write("source/pyproject.toml", "[project]\n");
    return {
      ...machine,
      recipe: this.at("apps/orders"),
      lock: this.at("locks"),
      source: this.at("source"),
      baseDigest: digest("a"),
      builderDigest: digest("b"),
      secretFiles: { netrc: this.write("netrc", "machine feed.example.net login build password one") },
    };
  }

  /** Arguments for an application with a Dockerfile of its own. */
  public ownDockerfile() {
    const spec = application({ name: "legacy", dockerfile: "docker/Dockerfile" });
    this.writeAll(renderApplicationRecipe(spec, baseImage()));
    this.write("source/docker/Dockerfile", "FROM base\n");
    return {
      ...machine,
      recipe: this.at("apps/legacy"),
      source: this.at("source"),
      baseDigest: digest("a"),
      builderDigest: digest("b"),
      secretVariables: { PIP_EXTRA_URL: "EXTRA_URL" },
    };
  }

  public remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  private writeAll(files: readonly RenderedFile[]): void {
    for (const { path, content } of files) this.write(path, content);
  }
}
